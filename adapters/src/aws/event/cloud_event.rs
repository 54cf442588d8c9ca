//! A CloudEvent as the text of another source's message: it says itself what it is.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.

use std::borrow::Cow;

use isobar_core::{Event, EventBuilder, Text};
use serde::de::MapAccess;

use super::scope::{self, JSON, Scope};
use crate::aws::json::{Any, Member, Name, Raw, Read};
use crate::media_type::is_json;

type Str<'a> = Option<Cow<'a, str>>;

#[derive(Debug, Default)]
struct CloudEvent<'a> {
    version: Str<'a>,
    id: Str<'a>,
    source: Str<'a>,
    ty: Str<'a>,
    subject: Str<'a>,
    time: Str<'a>,
    content_type: Str<'a>,
    schema: Str<'a>,
    data: Raw<'a>,
    base64: Str<'a>,
    extensions: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Read<'a> for CloudEvent<'a> {
    fn object<A: MapAccess<'a>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = object.next_key()? {
            match &*name {
                "specversion" => self.version.read(&mut object)?,
                "id" => self.id.read(&mut object)?,
                "source" => self.source.read(&mut object)?,
                "type" => self.ty.read(&mut object)?,
                "subject" => self.subject.read(&mut object)?,
                "time" => self.time.read(&mut object)?,
                "datacontenttype" => self.content_type.read(&mut object)?,
                "dataschema" => self.schema.read(&mut object)?,
                "data" => self.data.read(&mut object)?,
                "data_base64" => self.base64.read(&mut object)?,
                _ => {
                    let Any(value) = object.next_value::<Any<Str<'a>>>()?;
                    self.extensions.extend(value.map(|value| (name, value)));
                }
            }
        }
        Ok(())
    }
}

/// Begins the event that a text is; `None` unless it is one for certain, and such are taken out.
pub(super) fn begin<'a>(scope: Scope<'a>, text: &'a str, name: Text) -> Option<EventBuilder> {
    let could = scope.rules.unwraps
        && text.trim_ascii_start().starts_with('{')
        && text.contains("specversion");
    let Any(event) = could
        .then(|| serde_json::from_str::<Any<CloudEvent<'a>>>(text).ok())
        .flatten()?;
    let required = |value: Str<'a>| value.filter(|value| !value.is_empty());
    required(event.version).filter(|version| version == "1.0")?;
    let id = scope.text(required(event.id)?);
    let source = scope.text(required(event.source)?);
    let ty = scope.text(required(event.ty)?);
    let optional = |value: Str<'a>| value.map(|value| scope.text(value));
    let begun = Event::builder(name, id, source, ty)
        .subject(optional(event.subject))
        .time(optional(event.time))
        .data_schema(optional(event.schema));
    let extensions = event.extensions.into_iter();
    let begun = extensions.fold(begun, |begun, (name, value)| {
        begun.extension(scope.text(name), scope.text(value))
    });
    let content_type = optional(event.content_type);
    match (event.data.0, event.base64) {
        (Some(_), Some(_)) => None,
        (None, Some(text)) => {
            let bytes = scope::base64(&text)?;
            Some(match content_type {
                Some(content_type) => begun.data(content_type, bytes),
                None => begun.untyped_data(bytes),
            })
        }
        (Some(data), None) => {
            let content_type = content_type.unwrap_or(JSON);
            let text = serde_json::from_str(data.get()).ok();
            let text = text.filter(|_: &String| !is_json(&content_type));
            let bytes = text.map_or_else(|| scope.bytes(data.get()), Into::into);
            Some(begun.data(content_type, bytes))
        }
        (None, None) => Some(begun),
    }
}
