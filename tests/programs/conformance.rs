//! What the client of GoogleCloudPlatform/functions-framework-conformance runs: it writes down, into
//! `function_output.json` of the working directory, what it was given.
//!
//! The client says by `FUNCTION_SIGNATURE_TYPE` what it will send, and sends it to port 8080:
//!
//! | type | written |
//! | --- | --- |
//! | `http` | the request's body; it answers as a typed function does, too, and takes 1.1 s |
//! | `cloudevent` | the event, as a CloudEvent in structured mode |
//! | `event` | the event, in the form of background functions |
//! | `typed` | nothing: the answer is `{"payload": the input}` |
//!
//! ```sh
//! client -buildpacks=false -type=http -cmd=target/debug/conformance
//! client -buildpacks=false -type=http -cmd=target/debug/conformance -validate-concurrency
//! client -buildpacks=false -type=cloudevent -cmd=target/debug/conformance
//! client -buildpacks=false -type=legacyevent -cmd=target/debug/conformance
//! client -buildpacks=false -type=http -declarative-type=typed -cmd=target/debug/conformance
//! ```
//!
//! Events take 1.1 s each where `FUNCTION_TARGET` has `slow` in it, for `-validate-concurrency` with
//! them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use isobar::{
    App, Error, Event, Exit, IntoResponse, Invoke, Json, Kind, Request, Response, Result,
};
use serde_json::{Map, Value, json};

/// The client wants a single request to take a second at least, and ten at once not much longer.
const SLOW: Duration = Duration::from_millis(1100);

async fn http(request: Request) -> Result<Response> {
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await?;
    write(&body)?;
    tokio::time::sleep(SLOW).await;
    let payload: Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Json(json!({ "payload": payload })).into_response())
}

async fn typed(input: Invoke<Value>) -> Json<Value> {
    Json(json!({ "payload": input.into_input() }))
}

async fn event(event: Event) -> Result<()> {
    let has = |name, word| std::env::var(name).is_ok_and(|value| value.contains(word));
    if has("FUNCTION_SIGNATURE_TYPE", "event") && !has("FUNCTION_SIGNATURE_TYPE", "cloud") {
        write(event.native())?;
    } else {
        write(&serde_json::to_vec(&structured(&event)?)?)?;
    }
    if has("FUNCTION_TARGET", "slow") {
        tokio::time::sleep(SLOW).await;
    }
    Ok(())
}

/// The event in structured mode. A message's own data is only its body, so the data that it was
/// delivered in is taken: that is JSON.
fn structured(event: &Event) -> Result<Value> {
    let is_message = event.kind() == Kind::Message;
    let data: Value = if is_message {
        event.native_as()?
    } else {
        event.data_as()?
    };
    let mut all = Map::new();
    let mut set = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value.into());
        }
    };
    set("specversion", Some("1.0"));
    set("id", Some(event.id()));
    set("source", Some(event.source()));
    set("type", Some(event.ty()));
    set("subject", event.subject());
    set("time", event.time());
    set("dataschema", event.data_schema());
    let media_type = event.data_content_type().unwrap_or("application/json");
    set("datacontenttype", Some(media_type));
    for (name, value) in event.extensions() {
        set(name, Some(value));
    }
    all.insert("data".to_owned(), data);
    Ok(all.into())
}

/// Writes the file at once: its reader does not wait.
fn write(output: &[u8]) -> Result<(), Error> {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let new = format!(
        "function_output.{}",
        WRITTEN.fetch_add(1, Ordering::Relaxed)
    );
    std::fs::write(&new, output)?;
    std::fs::rename(new, "function_output.json")?;
    Ok(())
}

fn main() -> Exit {
    let app = App::new().http(http).on_invoke(typed).on_event("*", event);
    isobar::start(app)
}
