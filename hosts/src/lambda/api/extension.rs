//! Extensions: a program that registers one of its own is sent SIGTERM before it is killed.

use serde::Deserialize;
use serde_json::json;

use super::connection::{Connection, Then};
use super::memory::Phase;
use super::reply::Reply;
use crate::wire::Head;
use crate::{Error, ids};

const NAME: &str = "Lambda-Extension-Name";
const IDENTIFIER: &str = "Lambda-Extension-Identifier";

#[derive(Debug, Deserialize)]
struct Register {
    #[serde(default)]
    events: Vec<String>,
}

pub(super) async fn register(connection: &mut Connection, head: &Head) -> Result<Then, Error> {
    let body = connection.body(head, 64 * 1024).await?;
    Ok(Then::Reply(registered(connection, head, &body)))
}

fn registered(connection: &Connection, head: &Head, body: &[u8]) -> Reply {
    if head.get(NAME).unwrap_or_default().is_empty() {
        return Reply::error(
            403,
            "Extension.InvalidExtensionName",
            "Empty extension name",
        );
    }
    let register: Register = match serde_json::from_slice(body) {
        Ok(register) => register,
        Err(e) => return Reply::error(403, "InvalidRequestFormat", &e.to_string()),
    };
    // internal extensions may ask for INVOKE only, and not where invocations are concurrent
    let allowed = |event: &String| event == "INVOKE" && !connection.state.is_concurrent();
    if let Some(event) = register.events.iter().find(|event| !allowed(event)) {
        let message = format!("{event}: ShutdownEventNotSupportedForInternalExtension");
        return Reply::error(403, "Extension.InvalidEventType", &message);
    }
    let id = ids::uuid();
    let open = connection.state.change(|inner| {
        let open = inner.phase == Phase::Started;
        if open {
            inner.extensions.insert(id.clone(), false);
        }
        open
    });
    if !open {
        let message = "Extension registration closed already";
        return Reply::error(403, "Extension.RegistrationClosed", message);
    }
    let identity = &connection.state.identity;
    let about = json!({
        "functionName": identity.name,
        "functionVersion": identity.version,
        "handler": identity.handler,
    });
    Reply::json(200, &about).header(IDENTIFIER, id)
}

/// Waits as long as the sandbox lives: an internal extension without events is told nothing.
pub(super) async fn next(connection: &mut Connection, head: &Head) -> Result<Then, Error> {
    connection.body(head, 0).await?;
    let Some(id) = head.get(IDENTIFIER) else {
        let message = "Missing Lambda-Extension-Identifier header";
        return Ok(Then::Reply(Reply::error(
            403,
            "Extension.MissingExtensionIdentifier",
            message,
        )));
    };
    let known = connection
        .state
        .change(|inner| match inner.extensions.get_mut(&id) {
            Some(polled) => {
                *polled = true;
                true
            }
            None => false,
        });
    if !known {
        let message = format!("Unknown extension {id}");
        return Ok(Then::Reply(Reply::error(
            403,
            "Extension.UnknownExtensionIdentifier",
            &message,
        )));
    }
    connection.read.gone().await?;
    Ok(Then::Gone)
}
