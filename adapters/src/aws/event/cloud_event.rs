//! A CloudEvent as the text of another source's message: it says itself what it is.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.

use std::borrow::Cow;

use isobar_core::{Event, EventBuilder, Text};

use super::scope::{self, JSON, Scope};
use crate::aws::json::{Raw, Read, document, value};
use crate::json::{Malformed, Reader};
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
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), Malformed> {
        object.object(|member, name| match &*name {
            "specversion" => self.version.read(member),
            "id" => self.id.read(member),
            "source" => self.source.read(member),
            "type" => self.ty.read(member),
            "subject" => self.subject.read(member),
            "time" => self.time.read(member),
            "datacontenttype" => self.content_type.read(member),
            "dataschema" => self.schema.read(member),
            "data" => self.data.read(member),
            "data_base64" => self.base64.read(member),
            _ => {
                let text: Str<'a> = value(member)?;
                self.extensions.extend(text.map(|text| (name, text)));
                Ok(())
            }
        })
    }
}

/// Begins the event that a text is; `None` unless it is one for certain, and such are taken out.
pub(super) fn begin<'a>(scope: Scope<'a>, text: &'a str, name: Text) -> Option<EventBuilder> {
    let could = scope.rules.unwraps
        && text.trim_ascii_start().starts_with('{')
        && text.contains("specversion");
    let event: CloudEvent<'a> = could.then(|| document(text).ok()).flatten()?;
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
            let text = Reader::whole(data, Reader::string).ok();
            let text = text.filter(|_| !is_json(&content_type));
            let bytes = text.map_or_else(|| scope.bytes(data), |text| text.into_owned().into());
            Some(begun.data(content_type, bytes))
        }
        (None, None) => Some(begun),
    }
}
