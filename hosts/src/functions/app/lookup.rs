//! Looks into `host.json`.

use std::time::Duration;

use serde_json::{Value, json};

/// A setting, its names in any case.
pub(super) fn find<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| {
        let mut members = value.as_object()?.iter();
        members
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// A setting as text, be it a string, a number or a boolean.
pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    match find(value, path)? {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Object(_) | Value::Array(_) => None,
        other => Some(other.to_string()),
    }
}

/// Sets a setting, and whatever it lies in.
pub(super) fn put(value: &mut Value, path: &[&str], to: &str) {
    let Some((first, rest)) = path.split_first() else {
        *value = to.into();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let Some(map) = value.as_object_mut() else {
        return;
    };
    let own = map
        .keys()
        .find(|own| own.eq_ignore_ascii_case(first))
        .cloned();
    let own = own.unwrap_or_else(|| (*first).to_owned());
    put(map.entry(own).or_insert(Value::Null), rest, to);
}

/// A span as .NET writes it: `00:05:00`, with a fraction perhaps; `-1` is no end.
pub(super) fn span(value: &Value, path: &[&str]) -> Option<Duration> {
    let text = text(value, path)?;
    if text == "-1" {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let mut parts = text.split(':');
    let (hours, minutes) = (
        parts.next()?.parse::<u64>().ok()?,
        parts.next()?.parse::<u64>().ok()?,
    );
    let seconds: f64 = parts.next()?.parse().ok()?;
    let seconds = Duration::try_from_secs_f64(seconds).ok()?;
    Some(Duration::from_secs(hours * 3600 + minutes * 60) + seconds)
}
