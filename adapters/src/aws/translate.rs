//! The translations alone, for tests, fuzzers and tools.

use std::time::SystemTime;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::{Context, Error, HeaderMap, Request};

use super::conninfo::Rules;
use super::context::{Call, Contexts};
use super::error::Failure;
use super::http;
use crate::config::Environment;

use super::http::Door;

/// What an event comes to.
#[derive(Debug)]
pub struct Incoming {
    /// The request.
    pub request: Request,
    /// Its context.
    pub context: Context,
    /// The front door it came through.
    pub door: Door,
}

/// What the host is told where an event is no request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refused {
    /// A failed invocation: the type and the body that go to the Runtime API.
    Failed(&'static str, Vec<u8>),
    /// An answer to the client, which this error becomes.
    Answered(Door, Error),
}

/// Reads an event as the Runtime API delivers it, with the headers it delivers beside it.
///
/// # Errors
///
/// When the event is no HTTP request, or one that can not be.
pub fn decode(event: Bytes, headers: &HeaderMap) -> Result<Incoming, Refused> {
    let failed = |failure: &Failure| Refused::Failed(failure.error_type, failure.json());
    let payload = ByteString::try_from(event)
        .map_err(|_not_utf8| failed(&Failure::invalid_event("not UTF-8")))?;
    let incoming = http::decode(&payload, Rules::default()).map_err(|refused| match refused {
        http::Refused::Foreign(what) => failed(&Failure::invalid_event(&what)),
        http::Refused::Malformed(door, error) => Refused::Answered(door, error),
    })?;
    let fields = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let mut call = Call::read(fields, SystemTime::now()).unwrap_or_default();
    let contexts = Contexts::new(&Environment::default());
    let context = contexts.context(&mut call, &incoming);
    Ok(Incoming {
        context: context.native(payload.into_bytes()).build(),
        request: incoming.request,
        door: incoming.door,
    })
}

/// Writes an answer, its body beside it, in the form that a front door takes; `None` where it can
/// not be said.
pub fn encode(door: Door, response: &::http::Response<()>, body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    http::write(
        &mut out,
        door,
        (response.status(), response.headers()),
        body,
    )
    .ok()?;
    Some(out)
}
