//! Not part of the API: the pure translations, for tests, fuzzers and tools.

use isobar_core::{
    Batch, Body, Bytes, Dispatcher, Error, Event, HeaderMap, HeaderValue, Outcome, Request,
    Response,
};

use super::context::{Contexts, at_home};
use super::events::Arrived;
use crate::RunError;
use crate::cloudevents::{
    CloudEvent, Delivery, answer, encode_batch, encode_binary, encode_structured,
};
use crate::config::Environment;

#[cfg(feature = "oidc")]
pub use super::auth::accepts;

/// How CloudEvents are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One, its attributes in headers; of several the first.
    Binary,
    /// One, as a JSON document; of several the first.
    Structured,
    /// All, as a JSON list.
    Batch,
}

/// Writes events as a request to the root.
pub fn encode(events: &[Event], mode: Mode) -> http::Request<Bytes> {
    let events: Vec<_> = events.iter().map(CloudEvent::of).collect();
    let first = events.first().cloned().unwrap_or_default();
    let (headers, body) = match mode {
        Mode::Binary => encode_binary(&first),
        Mode::Structured => (
            media_type("application/cloudevents+json"),
            encode_structured(&first).into(),
        ),
        Mode::Batch => (
            media_type("application/cloudevents-batch+json"),
            encode_batch(&events).into(),
        ),
    };
    let mut request = http::Request::new(body);
    *request.method_mut() = http::Method::POST;
    *request.headers_mut() = headers;
    request
}

fn media_type(text: &'static str) -> HeaderMap {
    let value = HeaderValue::from_static(text);
    HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)])
}

/// A program as it is deployed: its handler, and the variables of its environment.
pub struct App(Contexts);

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("App").field(&self.0.dispatcher).finish()
    }
}

/// What one request is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decoded {
    /// A client's request, its context among its extensions.
    Http(Box<Request>),
    /// Events, to be acknowledged.
    Events(Batch),
    /// A call that waits for its result.
    Call(Batch),
    /// What is answered without the application: a probe, a handshake, what is malformed.
    Answered(Box<Response>),
}

impl App {
    /// Reads the variables.
    ///
    /// # Errors
    ///
    /// When the start would fail.
    pub fn new(dispatcher: Dispatcher, variables: &[(&str, &str)]) -> Result<Self, RunError> {
        let environment = Environment::of_list(variables);
        Contexts::new(&environment, true, dispatcher).map(Self)
    }

    /// Reads what the platform delivers. Who sent it is not asked.
    pub fn decode(&self, delivered: http::Request<Bytes>) -> Decoded {
        let body = delivered.body().clone();
        let mut request = delivered.map(Body::from);
        if let Some(answer) = self.0.health.answer(&request) {
            return Decoded::Answered(Box::new(answer));
        }
        let context = self.0.context(&request);
        let events = self.0.events.as_ref();
        match events.and_then(|events| Some((events, events.arrived(&request)?))) {
            None => {
                at_home(&mut request);
                request.extensions_mut().insert(context.build());
                Decoded::Http(Box::new(request))
            }
            Some((_, Arrived::Answered(answer))) => Decoded::Answered(Box::new(answer)),
            Some((events, Arrived::Delivery(rest))) => {
                let (head, _body) = request.into_parts();
                match events.decode(&head, &rest, &body) {
                    Ok(Delivery::Events(batch)) => Decoded::Events(batch),
                    Ok(Delivery::Call(batch)) => Decoded::Call(batch),
                    Err(refused) => Decoded::Answered(refused),
                }
            }
        }
    }

    /// Delivers a request in-process, and returns what the platform would get.
    pub async fn deliver(&self, delivered: http::Request<Bytes>) -> http::Response<Bytes> {
        let context = self.0.context(&Request::default()).build();
        let never = std::future::pending();
        let response = match self.decode(delivered) {
            Decoded::Answered(answer) => *answer,
            Decoded::Http(request) => {
                let context = isobar_core::RequestExt::context(&*request).clone();
                self.0.dispatcher.respond(&context, *request, never).await
            }
            Decoded::Events(batch) => {
                encode_events(&self.0.dispatcher.deliver(&context, batch, never).await)
            }
            Decoded::Call(batch) => {
                encode_call(&self.0.dispatcher.deliver(&context, batch, never).await)
            }
        };
        whole(response).await
    }
}

/// Answers a delivery of events by what came of them.
pub fn encode_events(outcomes: &[Outcome]) -> Response {
    answer::delivered(outcomes)
}

/// Answers a call by what came of it.
pub fn encode_call(outcomes: &[Outcome]) -> Response {
    answer::result(outcomes)
}

async fn whole(response: Response) -> http::Response<Bytes> {
    let (head, body) = response.into_parts();
    let body = crate::serve::whole(body).await.map_err(Error::from);
    http::Response::from_parts(head, body.unwrap_or_default())
}
