//! What a handler sees of a request or an event, as JSON to be drawn.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar::{Change, Event, HeaderMap, Invoke, Kind, Message, Object, Operation, Schedule};
use serde_json::{Map, Value, json};

/// The longest body that is shown whole.
const SHOWN: usize = 64 * 1024;

/// An event, by what its kind has.
pub(crate) fn event(event: &Event) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    put("kind", event.kind().as_str().into());
    put("name", event.name().into());
    put("id", event.id().into());
    put("type", event.ty().into());
    put("source", event.source().into());
    put("subject", event.subject().into());
    put("time", event.time().into());
    match event.kind() {
        Kind::Message => message(event, &mut put),
        Kind::Object => object(event, &mut put),
        Kind::Schedule => put(
            "due",
            Schedule::of(event)
                .and_then(|s| s.due().map(str::to_owned))
                .into(),
        ),
        Kind::Change => change(event, &mut put),
        Kind::Invoke => {
            let invoke = Invoke::<Value>::of(event).and_then(Result::ok);
            put("input", invoke.map_or(Value::Null, Invoke::into_input));
        }
        _ => put("data", event.data().map_or(Value::Null, |data| bytes(data))),
    }
    Value::Object(shown)
}

fn message(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(Ok(message)) = Message::<isobar::Raw>::of(event) else {
        return;
    };
    put("body", bytes(&message.body().0));
    let attributes: Map<_, _> = message
        .attributes()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if !attributes.is_empty() {
        put("attributes", attributes.into());
    }
    put("ordering_key", message.ordering_key().into());
    put("delivery_count", message.delivery_count().into());
    put("sent", message.sent().into());
}

fn object(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(object) = Object::of(event) else {
        return;
    };
    put("bucket", object.bucket().into());
    put("key", object.key().into());
    put("size", object.size().into());
    put("etag", object.etag().into());
    put("version", object.version().into());
    if object.is_deleted() {
        put("deleted", true.into());
    }
}

fn change(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(Ok(change)) = Change::<Value>::of(event) else {
        return;
    };
    let operation = match change.operation() {
        Operation::Insert => "insert",
        Operation::Update => "update",
        Operation::Delete => "delete",
        other => other.as_str(),
    };
    put("operation", operation.into());
    put("before", change.before().cloned().unwrap_or_default());
    put("after", change.after().cloned().unwrap_or_default());
    put(
        "keys",
        change.keys().map_or(Value::Null, |keys| bytes(keys)),
    );
}

/// A request's or an answer's headers, in their order.
pub(crate) fn headers(headers: &HeaderMap) -> Value {
    let lines = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        json!([name.as_str(), value])
    });
    lines.collect::<Vec<_>>().into()
}

/// Bytes: as JSON, as text, or as base64, whichever says most.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    let shown = bytes.get(..SHOWN).unwrap_or(bytes);
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        return value;
    }
    match std::str::from_utf8(shown) {
        Ok(text) => text.into(),
        Err(_binary) => json!({"base64": BASE64_STANDARD.encode(shown)}),
    }
}
