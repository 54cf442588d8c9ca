//! An event as the head of a request: CloudEvents, HTTP protocol binding, binary mode.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Event;
use crate::Text;

/// Section 3.1.3.2 of the binding: all but U+0021 to U+007E, and of those `"` and `%`.
const VALUE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// What may stand in a path's segment as it is (RFC 3986, `unreserved`).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Event {
    /// Makes the target, `/{kind}/{name}`.
    pub(crate) fn target(&self) -> Uri {
        let name = utf8_percent_encode(self.name(), SEGMENT);
        Uri::try_from(format!("/{}/{name}", self.kind())).unwrap_or_default()
    }

    /// Makes the headers.
    pub(crate) fn headers(&self) -> HeaderMap {
        let event = &*self.0;
        // No more room than is wanted: a map of eight would be a large block, for each event.
        let optional = [
            &event.subject,
            &event.time,
            &event.data_schema,
            &event.data_content_type,
        ];
        let present = optional.iter().filter(|text| text.is_some()).count();
        let mut headers = HeaderMap::with_capacity(4 + present + event.extensions.len());
        headers.insert(VERSION, HeaderValue::from_static("1.0"));
        for (name, text) in [
            (ID, Some(&event.id)),
            (SOURCE, Some(&event.source)),
            (TYPE, Some(&event.ty)),
            (SUBJECT, event.subject.as_ref()),
            (TIME, event.time.as_ref()),
            (SCHEMA, event.data_schema.as_ref()),
        ] {
            if let Some(value) = text.and_then(value) {
                headers.insert(name, value);
            }
        }
        for (name, text) in &event.extensions {
            let name = HeaderName::try_from(format!("ce-{name}"));
            if let (Ok(name), Some(value)) = (name, value(text)) {
                headers.insert(name, value);
            }
        }
        let content_type = event.data_content_type.as_ref();
        if let Some(value) = content_type.and_then(shared) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        headers
    }
}

const VERSION: HeaderName = HeaderName::from_static("ce-specversion");
const ID: HeaderName = HeaderName::from_static("ce-id");
const SOURCE: HeaderName = HeaderName::from_static("ce-source");
const TYPE: HeaderName = HeaderName::from_static("ce-type");
const SUBJECT: HeaderName = HeaderName::from_static("ce-subject");
const TIME: HeaderName = HeaderName::from_static("ce-time");
const SCHEMA: HeaderName = HeaderName::from_static("ce-dataschema");

/// Makes a value; the text itself, not a copy, where nothing in it has to be encoded.
fn value(text: &Text) -> Option<HeaderValue> {
    match Cow::from(utf8_percent_encode(text, VALUE)) {
        Cow::Borrowed(_) => shared(text),
        Cow::Owned(encoded) => HeaderValue::try_from(encoded).ok(),
    }
}

fn shared(text: &Text) -> Option<HeaderValue> {
    HeaderValue::from_maybe_shared(text.as_bytes().clone()).ok()
}
