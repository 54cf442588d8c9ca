//! The native side of an exchange, for tools that show it.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::HeaderMap;

use crate::sync::lock;

/// Put into a request's extensions, it keeps what the host said to the program and what it heard.
///
/// An answer that it keeps is read whole before it goes on: a tap is for one request that somebody
/// looks at.
///
/// ```no_run
/// # async fn example(front: &dyn isobar_hosts::Front) -> Result<(), isobar_hosts::Error> {
/// use isobar_hosts::{Tap, body};
///
/// let tap = Tap::default();
/// let request = http::Request::get("/hello").extension(tap.clone()).body(body::empty())?;
/// let _response = front.send(request).await?;
/// println!("{:?}", tap.native().request);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tap(Arc<Mutex<Native>>);

/// Both native sides: an event and its answer, or the heads of HTTP messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Native {
    /// What went to the program.
    pub request: Bytes,
    /// What came back, or what the host made of there being nothing; empty where it is not kept.
    pub answer: Bytes,
}

impl Tap {
    /// What was kept so far.
    pub fn native(&self) -> Native {
        lock(&self.0).clone()
    }

    /// The tap of a request, where it has one.
    pub(crate) fn of(extensions: &http::Extensions) -> Option<Self> {
        extensions.get::<Self>().cloned()
    }

    pub(crate) fn request(&self, bytes: impl Into<Bytes>) {
        lock(&self.0).request = bytes.into();
    }

    pub(crate) fn answer(&self, bytes: impl Into<Bytes>) {
        lock(&self.0).answer = bytes.into();
    }

    /// Keeps the head of a request as it goes out.
    pub(crate) fn request_head(&self, parts: &http::request::Parts) {
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let line = format!("{} {target} HTTP/1.1", parts.method);
        self.request(head(&line, &parts.headers));
    }

    /// Keeps the head of an answer as it came.
    pub(crate) fn answer_head<B>(&self, response: &http::Response<B>) {
        let line = format!("HTTP/1.1 {}", response.status());
        self.answer(head(&line, response.headers()));
    }
}

fn head(line: &str, headers: &HeaderMap) -> String {
    let mut head = format!("{line}\n");
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // a String takes all that is written
        let _written = writeln!(head, "{name}: {value}");
    }
    head
}
