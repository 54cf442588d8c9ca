//! Binary mode: the attributes are headers, the body is the data.

use bytes::Bytes;
use isobar_core::{HeaderMap, HeaderName, Text};

use super::{CloudEvent, Malformed, header};

const TRIGGER: &str = "CloudEvent";

/// Reads an event in binary mode.
///
/// # Errors
///
/// When a required attribute is missing or empty, or a value is not UTF-8.
pub(crate) fn binary(headers: &HeaderMap, body: &Bytes) -> Result<CloudEvent, Malformed> {
    let version = required(headers, "ce-specversion")?;
    if &*version != "1.0" {
        let problem = format!("{version:?} is not understood; 1.0 is");
        return Err(Malformed::new(TRIGGER, "ce-specversion", problem));
    }
    let content_type = headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    Ok(CloudEvent {
        id: required(headers, "ce-id")?,
        source: required(headers, "ce-source")?,
        ty: required(headers, "ce-type")?,
        subject: optional(headers, "ce-subject")?,
        time: optional(headers, "ce-time")?,
        data_content_type: content_type.filter(|ty| !ty.is_empty()).map(Text::from),
        data_schema: optional(headers, "ce-dataschema")?,
        extensions: extensions(headers)?,
        data: (!body.is_empty() || content_type.is_some()).then(|| body.clone()),
        native: body.clone(),
    })
}

/// Says which header a request lacks that has some of a CloudEvent's and not all.
pub(crate) fn missing(headers: &HeaderMap) -> Option<Malformed> {
    let begun = headers.keys().any(|name| name.as_str().starts_with("ce-"));
    let mut names = ["ce-specversion", "ce-id", "ce-source", "ce-type"].into_iter();
    let missing = names.find(|name| !headers.contains_key(*name))?;
    begun.then(|| Malformed::new(TRIGGER, missing, "is missing"))
}

fn required(headers: &HeaderMap, name: &'static str) -> Result<Text, Malformed> {
    let value = optional(headers, name)?.filter(|value| !value.is_empty());
    value.ok_or_else(|| Malformed::new(TRIGGER, name, "is missing or empty"))
}

fn optional(headers: &HeaderMap, name: &'static str) -> Result<Option<Text>, Malformed> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let decoded = header::decode(value).map(Text::from);
    decoded
        .map(Some)
        .ok_or_else(|| Malformed::new(TRIGGER, name, "is not UTF-8"))
}

fn extensions(headers: &HeaderMap) -> Result<Vec<(Text, Text)>, Malformed> {
    let mut extensions = Vec::new();
    for name in headers.keys() {
        let Some(attribute) = attribute(name) else {
            continue;
        };
        let value = headers.get(name).and_then(header::decode);
        let value = value
            .ok_or_else(|| Malformed::new(TRIGGER, name.as_str().to_owned(), "is not UTF-8"))?;
        extensions.push((attribute.into(), value.into()));
    }
    Ok(extensions)
}

/// The name of an extension; a media type has its own header, and may not stand here.
fn attribute(name: &HeaderName) -> Option<&str> {
    let attribute = name.as_str().strip_prefix("ce-")?;
    (!super::event::is_context(attribute)).then_some(attribute)
}
