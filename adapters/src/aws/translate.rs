//! The translations alone, for tests, fuzzers and tools.

use std::time::SystemTime;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::{Batch, Context, Dispatcher, Error, HeaderMap, Outcome, Request};

use super::context::{Call, Contexts};
use super::error::Failure;
use super::event::{Delivery, Tell};
use super::runtime::reply;
use super::settings::{Options, Settings};
use super::{http, incoming};
use crate::RunError;
use crate::config::Environment;

use super::http::Door;

/// What a payload comes to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Incoming {
    /// A request.
    Request(Box<Arrived>),
    /// Events.
    Events(Box<Events>),
}

/// A request that came through a front door.
#[derive(Debug)]
pub struct Arrived {
    /// The request.
    pub request: Request,
    /// Its context.
    pub context: Context,
    /// The front door it came through.
    pub door: Door,
}

/// Events that came together.
#[derive(Debug)]
pub struct Events {
    /// Their context.
    pub context: Context,
    /// The events, and how they may be run.
    pub batch: Batch,
    /// How their source hears of them.
    pub tell: Answer,
}

/// What turns outcomes into the source's own answer.
#[derive(Debug)]
pub struct Answer(Tell, Bytes);

/// What the host is told where a payload brings nothing, or fails.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refused {
    /// A failed invocation: the type and the body that go to the Runtime API.
    Failed(&'static str, Vec<u8>),
    /// An answer to the client, which this error becomes.
    Answered(Door, Error),
}

impl From<&Failure> for Refused {
    fn from(failure: &Failure) -> Self {
        Self::Failed(failure.error_type, failure.json())
    }
}

impl Answer {
    /// Writes the answer to outcomes, one an event.
    ///
    /// # Errors
    ///
    /// When the source hears of failures by a failed invocation.
    pub fn encode(&self, outcomes: &[Outcome]) -> Result<Vec<u8>, Refused> {
        let mut out = Vec::new();
        let Self(tell, delivered) = self;
        let written = tell.write(outcomes, delivered, &mut out);
        written.map_err(|failure| Refused::from(&failure))?;
        Ok(out)
    }
}

/// The deployment: what variables say.
#[derive(Debug)]
pub struct Deployment {
    settings: Settings,
    contexts: Contexts,
}

impl Deployment {
    /// Reads variables.
    ///
    /// # Errors
    ///
    /// When one has a value that it cannot have.
    pub fn new<const N: usize>(variables: [(&str, &str); N]) -> Result<Self, RunError> {
        let environment = Environment::of(variables);
        Ok(Self {
            settings: Settings::new(&environment, &Options::default())?,
            contexts: Contexts::new(&environment)?,
        })
    }

    /// Reads a payload as the Runtime API delivers it, with the headers it delivers beside it.
    ///
    /// # Errors
    ///
    /// When it is nothing that is taken, or cannot be read.
    pub fn decode(&self, payload: Bytes, headers: &HeaderMap) -> Result<Incoming, Refused> {
        let payload = ByteString::try_from(payload)
            .map_err(|_not_utf8| Refused::from(&Failure::invalid_event("not UTF-8")))?;
        let fields = headers.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
        let now = SystemTime::now();
        let mut call = Call::read(fields, now).unwrap_or_default();
        call.within(&self.settings, now);
        match incoming::decode(&payload, &self.settings, &call) {
            Ok(incoming::Incoming::Request(incoming)) => {
                let context = self.contexts.context(&mut call, &incoming);
                Ok(Incoming::Request(Box::new(Arrived {
                    context: context.native(payload.into_bytes()).build(),
                    request: *incoming.request,
                    door: incoming.door,
                })))
            }
            Ok(incoming::Incoming::Events(Delivery { batch, tell, .. })) => {
                let context = self.contexts.of_events(&mut call);
                let payload = payload.into_bytes();
                Ok(Incoming::Events(Box::new(Events {
                    context: context.native(payload.clone()).build(),
                    batch,
                    tell: Answer(tell, payload),
                })))
            }
            Err(incoming::Refused::Foreign(what)) => Err((&Failure::invalid_event(&what)).into()),
            Err(incoming::Refused::Event(malformed)) => {
                Err((&Failure::malformed(malformed.to_string())).into())
            }
            Err(incoming::Refused::Request(door, error)) => Err(Refused::Answered(door, error)),
        }
    }
}

/// Reads what the Runtime API has sent so far, as far as it goes: the reply's head, and of a body in
/// chunks the first one's line and what may stand behind the last one. Returns the status and the
/// length of the head; `None` while it is not whole.
///
/// # Errors
///
/// When it is no reply.
pub fn reply(arrived: &[u8]) -> std::io::Result<Option<(u16, usize)>> {
    let take = |head: &reply::Head<'_, '_>| {
        let mut fields = head.fields();
        let call = Call::read(fields.by_ref(), SystemTime::now());
        (head.status, head.outline, call.is_some())
    };
    let Some((status, outline, _)) = reply::Head::read(arrived, take)? else {
        return Ok(None);
    };
    if outline.framing == reply::Framing::Chunked {
        let rest = arrived.get(outline.length..).unwrap_or_default();
        let _chunk = reply::chunk(rest)?;
        let _trailers = reply::trailers_end(rest);
    }
    Ok(Some((status, outline.length)))
}

/// Reads a payload where no variable is set.
///
/// # Errors
///
/// When it is nothing that is taken, or cannot be read.
pub fn decode(payload: Bytes, headers: &HeaderMap) -> Result<Incoming, Refused> {
    let deployment = Deployment::new([]);
    let deployment = deployment.map_err(|e| Refused::from(&Failure::init(e.to_string())))?;
    deployment.decode(payload, headers)
}

/// Runs events, and gives the native answer.
///
/// # Errors
///
/// When the source hears of failures by a failed invocation.
pub async fn deliver(
    dispatcher: &Dispatcher,
    events: Events,
    deadline: impl Future<Output = ()> + Send,
) -> Result<Vec<u8>, Refused> {
    let outcomes = dispatcher
        .deliver(&events.context, events.batch, deadline)
        .await;
    events.tell.encode(&outcomes)
}

/// Writes an answer, its body beside it, in the form that a front door takes; `None` where it
/// cannot be said.
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
