//! CloudEvents, as Event Grid delivers them: the JSON format.
//!
//! Source: <https://learn.microsoft.com/azure/event-grid/cloud-event-schema>.

use std::collections::BTreeMap;

use base64_simd::STANDARD;
use isobar_core::{Bytes, Event, EventBuilder, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::dates;
use super::delivery::Delivery;
use super::event_grid::{object, with_object};
use super::value::Json;
use crate::azure::text::Str;
use crate::media_type::is_json;

#[derive(Deserialize)]
struct CloudEvent<'e> {
    #[serde(borrow)]
    id: Str<'e>,
    source: Str<'e>,
    r#type: Str<'e>,
    subject: Option<Str<'e>>,
    time: Option<Str<'e>>,
    datacontenttype: Option<Str<'e>>,
    dataschema: Option<Str<'e>>,
    data: Option<&'e RawValue>,
    data_base64: Option<Str<'e>>,
    #[serde(flatten)]
    extensions: BTreeMap<String, serde_json::Value>,
}

/// Reads one event.
pub(super) fn cloud_event(delivery: &Delivery<'_>, json: &Json) -> Result<EventBuilder, String> {
    let event: CloudEvent<'_> = serde_json::from_str(json.raw()).map_err(|e| e.to_string())?;
    let own = |text: Str<'_>| super::value::slice(json.raw(), text.0);
    let ty = own(event.r#type);
    let subject = event.subject.map(own);
    let data = event.data.map(|data| Json::within(json.raw(), data));
    let object = object(&ty, subject.as_ref(), data.as_ref());
    let mut builder = Event::builder(delivery.name.clone(), own(event.id), own(event.source), ty)
        .subject(subject)
        .time(event.time.and_then(|time| dates::rfc3339(&own(time))))
        .data_schema(event.dataschema.map(own));
    for (name, value) in event.extensions {
        if let Some(text) = extension(&name, value) {
            builder = builder.extension(name, text);
        }
    }
    let content_type = event.datacontenttype.map(own);
    let data = match (event.data_base64, data) {
        (Some(base64), _) => {
            let bytes = STANDARD.decode_to_vec(base64.0.as_bytes());
            Some(Bytes::from(
                bytes.map_err(|_no_base64| "data_base64 is no base64")?,
            ))
        }
        (None, Some(data)) => Some(data_bytes(&data, content_type.as_deref())),
        (None, None) => None,
    };
    let builder = match (data, content_type) {
        (Some(data), Some(content_type)) => builder.data(content_type, data),
        // the format's own default
        (Some(data), None) => builder.data("application/json", data),
        (None, _) => builder,
    };
    Ok(with_object(builder, object))
}

/// Data is JSON where the type says so or nothing; of any other type it is text in a string.
fn data_bytes(data: &Json, content_type: Option<&str>) -> Bytes {
    let text = data.content().filter(|_| !content_type.is_none_or(is_json));
    text.unwrap_or_else(|| data.raw().clone()).into_bytes()
}

fn extension(name: &str, value: serde_json::Value) -> Option<Text> {
    if name == "specversion" {
        return None;
    }
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}
