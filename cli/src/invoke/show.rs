//! Both sides of both directions, drawn side by side.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::target::Sent;
use crate::explain::{self, Brings, Input, columns, lines};
use crate::say::{self, BAD, BOLD, GOOD, NOTE, paint};

/// What is shown.
#[derive(Debug)]
pub(super) struct Shown {
    title: String,
    portable_in: Vec<Value>,
    native_in: Value,
    portable_out: Value,
    native_out: Value,
    well: bool,
}

impl Shown {
    /// Puts together what was sent and what dev says came of it.
    pub(super) fn new(host: &str, sent: &Sent, answer: &Value) -> Self {
        let bytes = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str).unwrap_or_default();
            BASE64_STANDARD.decode(text).unwrap_or_default()
        };
        let (native_in, native_out) = (bytes("native_request"), bytes("native_answer"));
        let portable_in = match &sent.explained {
            Some(reading) => brought(&reading.brings),
            None => seen(host, &native_in),
        };
        let response = answer.get("response").cloned();
        let portable_out = response.map_or_else(
            || outcomes(&portable_in, &native_out, answer),
            |response| response_of(&response),
        );
        Self {
            title: sent.title.clone(),
            portable_in,
            native_in: explain::portable::bytes(&native_in),
            native_out: explain::portable::bytes(&native_out),
            portable_out,
            well: answer.get("well").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    /// Whether the host takes it for a success.
    pub(super) fn is_well(&self) -> bool {
        self.well
    }

    /// All of it, for scripts.
    pub(super) fn json(&self) -> Value {
        json!({
            "well": self.well,
            "in": {"portable": self.portable_in, "native": self.native_in},
            "out": {"portable": self.portable_out, "native": self.native_out},
        })
    }

    /// All of it, for people.
    pub(super) fn draw(&self) {
        let (style, word) = if self.well {
            (GOOD, "well")
        } else {
            (BAD, "failed")
        };
        say::data(format_args!(
            "{} {}",
            paint(BOLD, &self.title),
            paint(style, word)
        ));
        let portable: Vec<_> = self.portable_in.iter().flat_map(lines).collect();
        say::data(format_args!("\n{}", paint(NOTE, "in")));
        columns(
            ("portable", &portable),
            ("native", &pretty(&self.native_in)),
        );
        say::data(format_args!("\n{}", paint(NOTE, "out")));
        columns(
            ("portable", &lines(&self.portable_out)),
            ("native", &pretty(&self.native_out)),
        );
    }
}

fn brought(brings: &Brings) -> Vec<Value> {
    match brings {
        Brings::Request(request) => vec![request.clone()],
        Brings::Events(events) => events.clone(),
        Brings::Nothing(why) => vec![json!({"nothing": why})],
    }
}

/// What the program saw of a request: the host's own form of it, explained.
fn seen(host: &str, native: &[u8]) -> Vec<Value> {
    if native.is_empty() {
        return vec![json!({"nothing": "the host has answered by itself"})];
    }
    let input = Input {
        bytes: native.to_vec(),
        function: None,
    };
    if host == "local" {
        return vec![json!("as it was sent")];
    }
    brought(&explain::read(&input).brings)
}

fn response_of(response: &Value) -> Value {
    let mut shown = response.clone();
    let body = response
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let body = BASE64_STANDARD.decode(body).unwrap_or_default();
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("body".to_owned(), explain::portable::bytes(&body));
    }
    shown
}

/// What came of each event: AWS names those that failed, elsewhere all share one fate.
fn outcomes(events: &[Value], native: &[u8], answer: &Value) -> Value {
    let told: Value = serde_json::from_slice(native).unwrap_or_default();
    let failures = told.get("batchItemFailures").and_then(Value::as_array);
    let failed: Vec<_> = failures
        .into_iter()
        .flatten()
        .filter_map(|failure| failure.get("itemIdentifier")?.as_str())
        .collect();
    let well = answer.get("well").and_then(Value::as_bool).unwrap_or(false);
    let each = events.iter().enumerate().map(|(n, event)| {
        let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
        let number = (n + 1).to_string();
        let again = failed.contains(&id) || (failed.is_empty() && !well);
        let name = if id.is_empty() { number.as_str() } else { id };
        (
            name.to_owned(),
            Value::from(if again {
                "failed: it comes again"
            } else {
                "acknowledged"
            }),
        )
    });
    Value::Object(each.collect())
}

fn pretty(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.lines().map(str::to_owned).collect(),
        Value::Null => vec!["(nothing)".to_owned()],
        other => format!("{other:#}").lines().map(str::to_owned).collect(),
    }
}
