//! Handlers of events, and of nothing else: what each does is asked for by the event's data.

use std::time::Duration;

use isobar::{App, Change, Error, Exit, Message, Outputs, Raw, Result};
use serde_json::json;

/// Returns what the message asks for.
async fn outputs(message: Message<Raw>) -> Result<Outputs> {
    Ok(match message.body().0.as_ref() {
        b"one" => Outputs::new()
            .set("queue", "test")
            .set("blob", &b"\0\xff"[..])
            .json("documents", &json!({"id": "1", "text": "dGVzdA=="}))?,
        b"several" => Outputs::new().list("queue", ["test", "{\"a\":1}"]),
        b"return" => Outputs::new().set("$return", "test"),
        b"unknown" => Outputs::new().set("missing", "x"),
        _ => Outputs::new(),
    })
}

/// Takes as long as the message says, in milliseconds.
async fn slow(message: Message<u64>) {
    tokio::time::sleep(Duration::from_millis(*message.body())).await;
}

/// Fails on the change of a document that says so.
async fn changes(change: Change<serde_json::Value>) -> Result<()> {
    match change.after() {
        Some(document) if document["fails"] == true => Err(Error::from("as asked for")),
        _ => Ok(()),
    }
}

fn main() -> Exit {
    let app = App::new()
        .on_message("outputs", outputs)
        .on_message("slow", slow)
        .on_change("changes", changes);
    isobar::start(app)
}
