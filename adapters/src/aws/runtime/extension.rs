//! An extension that does nothing: only where one is registered does the service send SIGTERM.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>.

use std::io::Error;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::call;
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::reply::Head;

const EXTENSION: &str = "/2020-01-01/extension";

/// Its start may not hold ours up.
const PATIENCE: Duration = Duration::from_secs(1);

/// A registered extension; dropped, it ends.
#[derive(Debug)]
pub(super) struct Extension(AbortHandle);

impl Drop for Extension {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Registers it and leaves it waiting. Where that fails, as on emulators without extensions, the
/// end comes without a word, and nothing else is missed.
pub(super) async fn register(endpoint: &Endpoint) -> Option<Extension> {
    let mut connection = Connection::new(endpoint.clone());
    let why = match tokio::time::timeout(PATIENCE, identifier(&mut connection)).await {
        Ok(Ok(Ok(id))) => {
            let waiting = tokio::spawn(async move { wait(&mut connection, &id).await });
            return Some(Extension(waiting.abort_handle()));
        }
        Ok(Ok(Err(status))) => format!("status {status}"),
        Ok(Err(error)) => error.to_string(),
        Err(_elapsed) => "no answer".to_owned(),
    };
    tracing::warn!(
        "no extension could be registered ({why}): this process will not hear of its end"
    );
    None
}

/// Returns the extension's id, or the status that came without one.
async fn identifier(connection: &mut Connection) -> Result<Result<String, u16>, Error> {
    const BODY: &[u8] = br#"{"events":[]}"#;
    let mut head = Vec::new();
    let name = "lambda-extension-name: isobar-graceful-shutdown\r\n";
    let path = [EXTENSION, "/register"];
    call::post(&mut head, connection.endpoint(), &path, name, BODY.len());
    let take = |head: &Head<'_, '_>| {
        let mut fields = head.fields();
        let id = fields.find(|(name, _)| name.eq_ignore_ascii_case("lambda-extension-identifier"));
        let id = id.and_then(|(_, value)| std::str::from_utf8(value).ok());
        id.filter(|_| head.status == 200)
            .map(str::to_owned)
            .ok_or(head.status)
    };
    Ok(connection.exchange((&head, BODY), take).await?.0)
}

/// Waits for an event, of which it takes none: the service wants to see it wait.
async fn wait(connection: &mut Connection, id: &str) {
    let mut head = Vec::new();
    let line = format!("lambda-extension-identifier: {id}\r\n");
    let path = [EXTENSION, "/event/next"].concat();
    call::get(&mut head, connection.endpoint(), &path, &line);
    let reply = connection.exchange((&head, b""), |head| head.status).await;
    tracing::debug!(
        "the extension's wait ended: {:?}",
        reply.map(|(status, _)| status)
    );
}
