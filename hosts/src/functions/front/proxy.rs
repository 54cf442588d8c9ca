//! Proxying: the request as YARP forwards it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::invocation::LIMIT;
use super::own::{empty, gone};
use super::{Arrived, FunctionsHost, identify, path, target};
use crate::functions::life::Lives;
use crate::{Body, Error, Tap, body};

/// As often a request is tried whose connection is refused or reset.
const TRIES: usize = 10;

/// What YARP takes off a request: what belongs to a connection, and what belongs to a trace.
const TAKEN_OFF: [&str; 18] = [
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "alt-svc",
    "alpn",
    "close",
    "http2-settings",
    "upgrade-insecure-requests",
    "traceparent",
    "tracestate",
    "baggage",
    "request-id",
    "correlation-context",
];

/// A request's body, as often as it can be sent.
enum Content {
    /// None: the request can be tried again.
    None,
    /// Read by the host before; gone after the first try.
    Sized(Bytes),
    /// Streamed; gone after the first try.
    Stream(Body),
    /// Sent.
    Gone,
}

impl FunctionsHost {
    pub(super) async fn proxy(&self, arrived: Arrived) -> Result<Response<Body>, Error> {
        let end = Instant::now() + self.limit();
        match timeout_at(end, self.tried(arrived)).await {
            Ok(response) => Ok(guarded(response?, end, &self.lives)),
            Err(_elapsed) => {
                self.lives.kill();
                self.lives.look().await;
                Ok(empty(StatusCode::INTERNAL_SERVER_ERROR))
            }
        }
    }

    async fn tried(&self, arrived: Arrived) -> Result<Response<Body>, Error> {
        let (parts, mut content) = match prepared(arrived).await? {
            Ok(prepared) => prepared,
            Err(refused) => return Ok(refused),
        };
        let tap = Tap::of(&parts.extensions);
        for _ in 0..TRIES {
            let client = match self.lives.ready().await {
                Ok(client) => client,
                Err(why) => return Ok(gone(&why)),
            };
            let Some(body) = content.take() else { break };
            if let Some(tap) = &tap {
                tap.request_head(&parts);
            }
            let request = Request::from_parts(parts.clone(), body);
            if let Ok(response) = client.send(request).await {
                if let Some(tap) = &tap {
                    tap.answer_head(&response);
                }
                return Ok(answered(response));
            }
            self.lives.look().await;
        }
        Ok(empty(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

impl Content {
    fn take(&mut self) -> Option<Body> {
        match std::mem::replace(self, Self::Gone) {
            Self::None => {
                *self = Self::None;
                Some(body::empty())
            }
            Self::Sized(bytes) => Some(body::full(bytes)),
            Self::Stream(body) => Some(body),
            Self::Gone => None,
        }
    }
}

async fn prepared(arrived: Arrived) -> Result<Result<(Parts, Content), Response<Body>>, Error> {
    let mut parts = arrived.parts;
    parts.uri = target(&path::encoded_again(parts.uri.path()), parts.uri.query())?;
    take_off(&mut parts.headers);
    identify(&mut parts.headers, &arrived.invocation, false);
    if let Ok(id) = HeaderValue::try_from(arrived.invocation) {
        parts.headers.insert("x-ms-invocation-id", id);
    }
    let content = match arrived.body.size_hint().exact() {
        Some(0) => Content::None,
        None => Content::Stream(arrived.body),
        Some(_) => match body::collect_within(arrived.body, LIMIT).await? {
            Some(bytes) => Content::Sized(bytes),
            None => return Ok(Err(empty(StatusCode::PAYLOAD_TOO_LARGE))),
        },
    };
    Ok(Ok((parts, content)))
}

fn take_off(headers: &mut HeaderMap) {
    for name in TAKEN_OFF {
        headers.remove(name);
    }
}

fn answered(mut response: Response<Body>) -> Response<Body> {
    for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] {
        response.headers_mut().remove(name);
    }
    response
}

/// Kills the program when the answer's body still comes after the function's time.
fn guarded(response: Response<Body>, end: Instant, lives: &Arc<Lives>) -> Response<Body> {
    let (alive, mut ended) = oneshot::channel::<()>();
    let lives = Arc::downgrade(lives);
    tokio::spawn(async move {
        if timeout_at(end, &mut ended).await.is_err()
            && let Some(lives) = lives.upgrade()
        {
            lives.kill();
        }
    });
    response.map(|body| {
        let guarded = body.map_frame(move |frame| {
            let _until_the_body_is_dropped = &alive;
            frame
        });
        guarded.boxed_unsync()
    })
}
