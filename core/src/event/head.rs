//! An event as the head of a request: CloudEvents, HTTP protocol binding, binary mode.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Event;
use crate::Request;

/// Section 3.1.3.2 of the binding: all but U+0021 to U+007E, and of those `"` and `%`.
const VALUE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// What may stand in a path's segment as it is (RFC 3986, `unreserved`).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Event {
    /// Writes method, path and headers: `POST /{kind}/{name}`.
    pub(crate) fn write_head(&self, request: &mut Request) {
        *request.method_mut() = Method::POST;
        let name = utf8_percent_encode(self.name(), SEGMENT);
        if let Ok(uri) = Uri::try_from(format!("/{}/{name}", self.kind())) {
            *request.uri_mut() = uri;
        }
        let headers = request.headers_mut();
        set(headers, "ce-specversion", Some("1.0"));
        set(headers, "ce-id", Some(self.id()));
        set(headers, "ce-source", Some(self.source()));
        set(headers, "ce-type", Some(self.ty()));
        set(headers, "ce-subject", self.subject());
        set(headers, "ce-time", self.time());
        set(headers, "ce-dataschema", self.data_schema());
        for (name, value) in self.extensions() {
            set(headers, &format!("ce-{name}"), Some(value));
        }
        let content_type = self
            .data_content_type()
            .and_then(|t| HeaderValue::from_str(t).ok());
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, content_type);
        }
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let value = utf8_percent_encode(value, VALUE).to_string();
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
