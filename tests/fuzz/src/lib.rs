//! What the fuzz targets do with their input: read it as a host would deliver it, and look at what comes
//! of it. Nothing may panic; what is said of each besides stands at it.
//!
//! Inputs are texts that a host could send, so that the vectors of `tests/data` are seeds, and a finding
//! can be read: `tests/fuzz/seeds` makes them.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a target says what is wrong by a panic"
)]

pub mod aws;
pub mod azure;
pub mod gcp;
pub mod local;
pub mod text;

use arbitrary::Arbitrary;
use http::{HeaderMap, HeaderName, HeaderValue};
use isobar::{Body, Bytes, Response};

/// What a handler could answer.
#[derive(Arbitrary, Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(Name, Vec<u8>)>,
    body: Vec<u8>,
    is_text: bool,
}

/// Names that mean something to a host, and any other.
#[derive(Arbitrary, Clone, Debug)]
enum Name {
    ContentType,
    ContentEncoding,
    ContentLength,
    SetCookie,
    TransferEncoding,
    Date,
    Other(String),
}

impl Answer {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = match name {
                Name::ContentType => "content-type",
                Name::ContentEncoding => "content-encoding",
                Name::ContentLength => "content-length",
                Name::SetCookie => "set-cookie",
                Name::TransferEncoding => "transfer-encoding",
                Name::Date => "date",
                Name::Other(name) => name,
            };
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        headers
    }

    fn body(&self) -> Vec<u8> {
        if self.is_text {
            return String::from_utf8_lossy(&self.body)
                .into_owned()
                .into_bytes();
        }
        self.body.clone()
    }

    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.headers_mut() = self.headers();
        // Informational ones are the server's own affair.
        let status = 200 + self.status % 700;
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response
    }
}

/// Reads a request: its method and target, its headers, an empty line, and its body. `None` where no
/// server would let it through.
fn request(data: &[u8]) -> Option<http::Request<Bytes>> {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let (headers, body) = headers(lines.next().unwrap_or_default());
    let mut request = http::Request::builder().method(method).uri(target);
    *request.headers_mut()? = headers;
    request.body(Bytes::copy_from_slice(body)).ok()
}

/// Reads header lines up to an empty one; returns what stands behind it.
fn headers(data: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    let mut rest = data;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            return (headers, rest);
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    (headers, &[])
}

/// Runs what does no I/O.
fn run<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Fails unless it is JSON; a number may be larger than any type.
fn is_json(bytes: &[u8]) {
    let _ignored: serde::de::IgnoredAny = serde_json::from_slice(bytes).unwrap();
}

/// Looks at all that an event has.
fn look(event: &isobar::Event) {
    assert!(!event.ty().is_empty(), "{event:?}");
    assert!(!event.dedup_key().is_empty(), "{event:?}");
    if let Some(change) = isobar::Change::<isobar::Raw>::of(event) {
        // Documents are JSON, whatever was delivered.
        let change = change.unwrap();
        for document in [change.before(), change.after()].into_iter().flatten() {
            is_json(&document.0);
        }
    }
    let _message = isobar::Message::<isobar::Raw>::of(event);
    if let Some(object) = isobar::Object::of(event) {
        assert!(!object.bucket().contains('\n') || !object.key().is_empty());
    }
    let _schedule = isobar::Schedule::of(event);
    let _shown = format!("{event} {event:?}");
}
