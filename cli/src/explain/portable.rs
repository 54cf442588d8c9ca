//! What a handler sees of a request or an event, as JSON to be drawn.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar::{Event, HeaderMap, Kind};
use serde_json::{Value, json};

/// The longest body that is shown whole.
const SHOWN: usize = 64 * 1024;

/// An event, by what its kind has.
pub(crate) fn event(event: &Event) -> Value {
    let mut shown = isobar_inspector::portable::view(event);
    let name = match event.kind() {
        Kind::Message => "body",
        Kind::Invoke => "input",
        Kind::Other => "data",
        _ => return Value::Object(shown),
    };
    if let Some(data) = event.data() {
        shown.insert(name.to_owned(), bytes(data));
    }
    Value::Object(shown)
}

/// A request's or an answer's headers, in their order.
pub(crate) fn headers(headers: &HeaderMap) -> Value {
    let lines = isobar_inspector::portable::headers(headers).into_iter();
    lines
        .map(|(name, value)| json!([name, value]))
        .collect::<Vec<_>>()
        .into()
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
