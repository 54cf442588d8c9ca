//! What several hosts' native forms are made of.

use base64_simd::STANDARD;
use serde_json::Value;

use super::item::{Change, Item, Message, Object, What};
use super::native::unfit;

/// When everything happened: RFC 3339 text, and seconds since 1970.
pub(super) const WHEN: &str = "2026-01-02T03:04:05Z";
pub(super) const SECONDS: u64 = 1_767_323_045;

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode_to_string(bytes)
}

/// Text, where a host carries nothing else.
pub(super) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_else(|_not_utf8| unfit("bytes that are not UTF-8"))
}

/// Items with their ids: `1`, `2` and so on where none is set.
pub(super) fn numbered(items: &[Item]) -> impl Iterator<Item = (String, &What)> {
    items.iter().enumerate().map(|(place, item)| {
        let id = item.id.clone();
        (id.unwrap_or_else(|| (place + 1).to_string()), &item.what)
    })
}

pub(super) fn message(what: &What) -> &Message {
    match what {
        What::Message(message) => message,
        _ => unfit("what is no message"),
    }
}

pub(super) fn object(what: &What) -> &Object {
    match what {
        What::Object(object) => object,
        _ => unfit("what is no object"),
    }
}

pub(super) fn change(what: &What) -> &Change {
    match what {
        What::Change(change) => change,
        _ => unfit("what is no change"),
    }
}

pub(super) fn due(what: &What) -> &str {
    match what {
        What::Schedule { due } => due,
        _ => unfit("what is no schedule"),
    }
}

pub(super) fn event(what: &What) -> (&str, &Value) {
    match what {
        What::Event { ty, data } => (ty, data),
        _ => unfit("what is no event of its own type"),
    }
}

pub(super) fn input(what: &What) -> &[u8] {
    match what {
        What::Invoke { input } => input,
        _ => unfit("what is no call"),
    }
}
