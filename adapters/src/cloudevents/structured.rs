//! Structured and batched mode: events as JSON documents.

use std::borrow::Cow;

use bytes::Bytes;
use isobar_core::Text;

use super::event::is_context;
use super::json::{self, Members};
use super::{CloudEvent, Malformed, Payload, base64};
use crate::media_type::is_json;

const TRIGGER: &str = "CloudEvent";

/// Reads an event in structured mode.
///
/// # Errors
///
/// When it is not a JSON object, lacks a required attribute, or its data has two forms.
pub(crate) fn structured(body: &Bytes) -> Result<CloudEvent, Malformed> {
    let payload = payload(body)?;
    document(&payload, payload.as_str())
}

/// Reads a batch; an empty one is legal.
///
/// # Errors
///
/// When it is not a JSON list, or one of its events does not read; the error says which.
pub(crate) fn batch(body: &Bytes) -> Result<Vec<CloudEvent>, Malformed> {
    let payload = payload(body)?;
    let documents = json::list(payload.as_str())
        .ok_or_else(|| Malformed::new(TRIGGER, "body", "a batch is a JSON list"))?;
    let read = |(place, text)| document(&payload, text).map_err(|e: Malformed| e.at(place));
    documents.into_iter().enumerate().map(read).collect()
}

fn payload(body: &Bytes) -> Result<Payload, Malformed> {
    Payload::of(body).ok_or_else(|| Malformed::new(TRIGGER, "body", "is not UTF-8"))
}

/// Reads one event out of a payload.
fn document(payload: &Payload, text: &str) -> Result<CloudEvent, Malformed> {
    let members = Members::of(text)
        .ok_or_else(|| Malformed::new(TRIGGER, "body", "an event is a JSON object"))?;
    let version = required(payload, &members, "specversion")?;
    if &*version != "1.0" {
        let problem = format!("{version:?} is not understood; 1.0 is");
        return Err(Malformed::new(TRIGGER, "specversion", problem));
    }
    let optional = |name| optional(payload, &members, name);
    let mut event = CloudEvent {
        id: required(payload, &members, "id")?,
        source: required(payload, &members, "source")?,
        ty: required(payload, &members, "type")?,
        subject: optional("subject")?,
        time: optional("time")?,
        data_content_type: optional("datacontenttype")?,
        data_schema: optional("dataschema")?,
        extensions: extensions(payload, &members),
        data: None,
        native: payload.bytes(Cow::Borrowed(text)),
    };
    read_data(payload, &members, &mut event)?;
    Ok(event)
}

fn required(
    payload: &Payload,
    members: &Members<'_>,
    name: &'static str,
) -> Result<Text, Malformed> {
    let value = members.string(name).filter(|text| !text.is_empty());
    value
        .map(|text| payload.text(text))
        .ok_or_else(|| Malformed::new(TRIGGER, name, "a text that is not empty is wanted"))
}

fn optional(
    payload: &Payload,
    members: &Members<'_>,
    name: &'static str,
) -> Result<Option<Text>, Malformed> {
    let text = members.string(name).map(|text| payload.text(text));
    if text.is_none() && members.get(name).is_some() {
        return Err(Malformed::new(TRIGGER, name, "a text is wanted"));
    }
    Ok(text)
}

/// A number or a boolean is its text, and so is what no attribute may be: nothing is lost over it.
fn extensions(payload: &Payload, members: &Members<'_>) -> Vec<(Text, Text)> {
    let extensions = members
        .iter()
        .filter(|(name, value)| !is_context(name) && *value != "null");
    extensions
        .map(|(name, value)| {
            let value = json::text(value).unwrap_or(Cow::Borrowed(value));
            (payload.text(name.clone()), payload.text(value))
        })
        .collect()
}

/// JSON format, section 3.1: `data` is a JSON value, or with a media type that is not JSON a text;
/// `data_base64` is bytes.
fn read_data(
    payload: &Payload,
    members: &Members<'_>,
    event: &mut CloudEvent,
) -> Result<(), Malformed> {
    let problem = |problem| Malformed::new(TRIGGER, "data_base64", problem);
    match (members.value("data"), members.get("data_base64")) {
        (Some(_), Some(_)) => return Err(problem("excludes data")),
        (None, Some(_)) => {
            let encoded = members.string("data_base64");
            let bytes = encoded.and_then(|text| base64::decode(&text));
            event.data = Some(bytes.ok_or_else(|| problem("is not base64"))?);
        }
        (Some(value), None) => event.data = data(payload, value, event),
        (None, None) => {}
    }
    let is_json = members.value("data").is_some() && event.data_content_type.is_none();
    if is_json {
        event.data_content_type = Some(Text::from_static("application/json"));
    }
    Ok(())
}

fn data(payload: &Payload, value: &str, event: &CloudEvent) -> Option<Bytes> {
    if event.data_content_type.as_deref().is_none_or(is_json) {
        return Some(payload.bytes(Cow::Borrowed(value)));
    }
    if value == "null" {
        return None;
    }
    Some(payload.bytes(json::text(value).unwrap_or(Cow::Borrowed(value))))
}
