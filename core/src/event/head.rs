//! An event as the head of a request: CloudEvents, HTTP protocol binding, binary mode.

use http::header::Entry;
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
        let room = 4 + present + event.extensions.len();
        let mut headers = HeaderMap::with_capacity(room.min(MOST));
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
        let content_type = event.data_content_type.as_ref();
        if let Some(value) = content_type.and_then(shared) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        // Of a name that stands twice the last value counts.
        for (name, text) in event.extensions.iter().rev() {
            let name = HeaderName::try_from(format!("ce-{name}"));
            if let (Ok(name), Some(value)) = (name, value(text)) {
                add(&mut headers, name, value);
            }
        }
        headers
    }
}

/// Events have few attributes. Of one that has more the map grows as they are added: the room for all
/// that are said to be there may be more than a map can have.
const MOST: usize = 64;

/// Adds an extension, unless it stands there: `ID` is no other name than `id` for a header. A map that
/// is full takes no more.
fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    let added = match headers.try_entry(name) {
        Ok(Entry::Vacant(place)) => place.try_insert(value).is_ok(),
        Ok(Entry::Occupied(_)) | Err(_) => false,
    };
    if !added {
        tracing::debug!(
            "an attribute of an event is no header: it stands there, or there are too many"
        );
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
    // Most is plain; without an early end the compiler looks at many bytes at once.
    let is_plain = |all, byte| all & matches!(byte, b'!' | b'#' | b'$' | b'&'..=b'~');
    if text.bytes().fold(true, is_plain) {
        return shared(text);
    }
    HeaderValue::try_from(utf8_percent_encode(text, VALUE).to_string()).ok()
}

fn shared(text: &Text) -> Option<HeaderValue> {
    HeaderValue::from_maybe_shared(text.as_bytes().clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_takes_the_place_of_no_other_attribute() {
        let event = Event::builder("orders", "17", "/shop", "t")
            .extension("ID", "forged")
            .extension("Source", "forged")
            .extension("x", "1")
            .extension("X", "2")
            .build();
        let headers = event.headers();
        for (name, wanted) in [("ce-id", "17"), ("ce-source", "/shop"), ("ce-x", "2")] {
            assert_eq!(headers[name], wanted);
        }
    }

    #[test]
    fn what_is_no_header_is_encoded() {
        for (text, wanted) in [
            ("!#$&~", "!#$&~"),
            ("a b", "a%20b"),
            ("%\"é", "%25%22%C3%A9"),
        ] {
            assert_eq!(value(&text.into()).unwrap(), wanted);
        }
    }

    #[test]
    fn more_attributes_than_headers_can_be_are_no_panic() {
        let more = (0..40_000).map(|n| (format!("x{n}"), "y"));
        let begun = Event::builder("orders", "17", "/shop", "t");
        let event = more.fold(begun, |event, (name, value)| event.extension(name, value));
        let headers = event.build().headers();
        assert_eq!(headers["ce-id"], "17");
        assert!(headers.len() > 20_000);
    }
}
