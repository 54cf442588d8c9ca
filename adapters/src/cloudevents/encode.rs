//! Events as requests, in all three modes: for tests and tools.

use bytes::Bytes;
use isobar_core::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::CloudEvent;
use crate::json::push_string;
use crate::media_type::is_json;

/// Section 3.1.3.2 of the binding: all but U+0021 to U+007E, and of those `"` and `%`.
const VALUE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Writes an event in binary mode. What no header can carry is left out.
pub(crate) fn encode_binary(event: &CloudEvent) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    for (name, value) in attributes(event) {
        let value = utf8_percent_encode(value, VALUE).to_string();
        let name = HeaderName::try_from(format!("ce-{name}"));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    let media_type = event.data_content_type.as_deref();
    if let Some(value) = media_type.and_then(|ty| HeaderValue::from_str(ty).ok()) {
        headers.insert("content-type", value);
    }
    (headers, event.data.clone().unwrap_or_default())
}

/// Writes an event in structured mode.
pub(crate) fn encode_structured(event: &CloudEvent) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (name, value) in attributes(event) {
        member(&mut out, name);
        push_string(&mut out, value);
    }
    if let Some(media_type) = &event.data_content_type {
        member(&mut out, "datacontenttype");
        push_string(&mut out, media_type);
    }
    if let Some(data) = &event.data {
        write_data(&mut out, event, data);
    }
    out.push(b'}');
    out
}

/// Writes events in batched mode.
pub(crate) fn encode_batch(events: &[CloudEvent]) -> Vec<u8> {
    let documents: Vec<_> = events.iter().map(encode_structured).collect();
    let mut out = b"[".to_vec();
    out.extend(documents.join(&b','));
    out.push(b']');
    out
}

fn write_data(out: &mut Vec<u8>, event: &CloudEvent, data: &Bytes) {
    let is_json = event.data_content_type.as_deref().is_some_and(is_json);
    let is_value = || serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok();
    match std::str::from_utf8(data) {
        Ok(text) if is_json && is_value() => {
            member(out, "data");
            out.extend_from_slice(text.trim().as_bytes());
        }
        Ok(text) if !is_json && event.data_content_type.is_some() => {
            member(out, "data");
            push_string(out, text);
        }
        _ => {
            member(out, "data_base64");
            push_string(out, &base64_simd::STANDARD.encode_to_string(data));
        }
    }
}

fn member(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_string(out, name);
    out.push(b':');
}

/// All attributes but the media type, which each mode writes in its own way.
fn attributes(event: &CloudEvent) -> impl Iterator<Item = (&str, &str)> {
    let required = [
        ("specversion", "1.0"),
        ("id", &event.id),
        ("source", &event.source),
        ("type", &event.ty),
    ];
    let optional = [
        ("subject", event.subject.as_deref()),
        ("time", event.time.as_deref()),
        ("dataschema", event.data_schema.as_deref()),
    ];
    let optional = optional
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let extensions = event
        .extensions
        .iter()
        .map(|(name, value)| (&**name, &**value));
    required.into_iter().chain(optional).chain(extensions)
}
