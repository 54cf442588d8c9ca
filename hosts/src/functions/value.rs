//! Values, as the host turns them over.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::calendar;

/// What Json.NET makes of an answer: every string that is exactly a date-time becomes another.
pub(super) fn mangle(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(mangled) = calendar::mangled(text) {
                *text = mangled;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mangle),
        Value::Object(map) => map.values_mut().for_each(mangle),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A member, its name in any case.
pub(super) fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut members = map.iter();
    let (_, value) = members.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    (!value.is_null()).then_some(value)
}

/// The bytes of a string that happens to be base64, as `Convert.FromBase64String` takes it: white
/// space is passed over, and the empty string is no bytes.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n'))
        .collect();
    STANDARD.decode(text).ok()
}
