//! Both sides of both directions, drawn side by side.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::fate::{self, Fate};
use super::target::Sent;
use crate::explain::{self, Brings, Input, columns, lines};
use crate::say::{self, BAD, BOLD, DIM, GOOD, NOTE, WARN, paint};

/// What is shown.
#[derive(Debug)]
pub(super) struct Shown {
    title: String,
    portable_in: Vec<Value>,
    native_in: Value,
    portable_out: Value,
    native_out: Value,
    well: bool,
    /// Whether an event failed for good: the host takes it for a success.
    dropped: bool,
    /// What happened, in a sentence.
    what: String,
    /// What a cloud does then.
    then: Option<&'static str>,
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
        let response = answer.get("response");
        let status = response.and_then(|response| response.get("status")?.as_u64());
        let fates = match response {
            Some(_) => Vec::new(),
            None => fate::fates(&portable_in, &native_out, answer),
        };
        let portable_out = response.map_or_else(|| outcomes(&portable_in, &fates), response_of);
        let what = match status {
            Some(status) => fate::of_request(status, answer),
            None => fate::sentence(&fates),
        };
        let explained = sent.explained.as_ref().filter(|_| !fates.is_empty());
        let then = explained.and_then(|reading| reading.effect(fate::outcome(&fates)));
        Self {
            dropped: { fates.iter() }.any(|fate| matches!(fate, Fate::FailedForGood(_))),
            what,
            then,
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

    /// What happened, in a sentence.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// All of it, for scripts.
    pub(super) fn json(&self) -> Value {
        json!({
            "well": self.well,
            "what": self.what,
            "then": self.then,
            "in": {"portable": self.portable_in, "native": self.native_in},
            "out": {"portable": self.portable_out, "native": self.native_out},
        })
    }

    /// All of it, for people.
    pub(super) fn draw(&self) {
        let style = match (self.well, self.dropped) {
            (false, _) => BAD,
            (true, true) => WARN,
            (true, false) => GOOD,
        };
        say::data(paint(BOLD, &self.title));
        say::data(format_args!("  {}", paint(style, &self.what)));
        if let Some(then) = self.then {
            say::data(format_args!(
                "  {} {then}",
                paint(DIM, "in the cloud then:")
            ));
        }
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

/// What came of each event, by its id, else its number.
fn outcomes(events: &[Value], fates: &[Fate]) -> Value {
    let each = events.iter().zip(fates).enumerate();
    let each = each.map(|(n, (event, fate))| {
        let name = match fate::id(event) {
            "" => (n + 1).to_string(),
            id => id.to_owned(),
        };
        (name, Value::from(fate.to_string()))
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
