//! A door before a sandbox.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

use super::arrival::{Arrival, Outside};
use super::{Door, Shape, alb, envelope, http_api, lattice, rest, stream};
use crate::lambda::api::PAYLOAD_LIMIT;
use crate::lambda::{Invocation, Live, Sandbox};
use crate::{Body, Capabilities, Error, Front, Started, Tap, body};

/// A function behind one of AWS's services.
#[derive(Debug)]
pub struct LambdaFront {
    door: Door,
    sandbox: Sandbox,
}

impl Sandbox {
    /// Puts a door before this function. Several doors may lead to one.
    pub fn front(&self, door: Door) -> Started<LambdaFront> {
        Started {
            front: Arc::new(LambdaFront {
                door,
                sandbox: self.clone(),
            }),
            program: self.program(),
        }
    }
}

impl LambdaFront {
    /// The function behind the door.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Makes the event of a request, without invoking.
    ///
    /// # Errors
    ///
    /// When the request's body breaks off.
    pub async fn event(&self, request: Request<Body>) -> Result<Bytes, Error> {
        let (parts, content) = request.into_parts();
        let content = body::collect(content).await?;
        let arrival = self.door.arrival(parts, content);
        Ok(self.door.event(&arrival).to_string().into())
    }

    /// The event of a load balancer's health check, `None` for other doors.
    pub fn health_check(&self, path: &str) -> Option<Bytes> {
        match self.door.shape {
            Shape::Alb { multi } => Some(alb::health_check(path, multi).to_string().into()),
            _ => None,
        }
    }

    async fn answer(&self, live: Live) -> Response<Body> {
        match &self.door.shape {
            Shape::Rest(rest) if rest.streams => {
                let response = stream::rest(live).await;
                response.unwrap_or_else(rest::failure)
            }
            Shape::Url { streams: true } => {
                let response = stream::url(live).await;
                response.unwrap_or_else(http_api::failure)
            }
            Shape::Rest(rest) => rest.answer(&live.finish().await),
            Shape::HttpApi { .. } => http_api::api_answer(&live.finish().await),
            Shape::Url { streams: false } => http_api::url_answer(&live.finish().await),
            Shape::Alb { multi } => alb::answer(&live.finish().await, *multi),
            Shape::Lattice { .. } => lattice::answer(&live.finish().await),
        }
    }
}

impl Door {
    fn arrival(&self, parts: http::request::Parts, content: Bytes) -> Arrival {
        let mut arrival = Arrival::new(parts, content, self.client, self.outside());
        arrival.authorizer.clone_from(&self.authorizer);
        if let Shape::Lattice { .. } = self.shape {
            lattice::take_off(&mut arrival.headers);
        }
        arrival
    }

    fn outside(&self) -> Outside {
        match self.shape {
            Shape::Rest(_) => rest::OUTSIDE,
            Shape::HttpApi { .. } => http_api::API,
            Shape::Url { .. } => http_api::URL,
            Shape::Alb { .. } => alb::OUTSIDE,
            Shape::Lattice { .. } => lattice::OUTSIDE,
        }
    }

    fn event(&self, arrival: &Arrival) -> Value {
        match &self.shape {
            Shape::Rest(rest) => rest.event(arrival),
            Shape::HttpApi { stage } => http_api::api_event(arrival, stage),
            Shape::Url { .. } => http_api::url_event(arrival),
            Shape::Alb { multi } => alb::event(arrival, *multi),
            Shape::Lattice { version } => lattice::event(arrival, *version),
        }
    }

    /// The longest body that this door takes at all.
    fn limit(&self) -> usize {
        let limit = self.capabilities().request_limit.bytes;
        limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(PAYLOAD_LIMIT)
    }
}

#[async_trait]
impl Front for LambdaFront {
    fn name(&self) -> &str {
        match &self.door.shape {
            Shape::Rest(rest) if rest.streams => "lambda-rest-api-stream",
            Shape::Rest(_) => "lambda-rest-api",
            Shape::HttpApi { .. } => "lambda-http-api",
            Shape::Url { streams: true } => "lambda-url-stream",
            Shape::Url { streams: false } => "lambda-url",
            Shape::Alb { multi: true } => "lambda-alb-multi",
            Shape::Alb { multi: false } => "lambda-alb",
            Shape::Lattice {
                version: lattice::Version::One,
            } => "lambda-lattice-v1",
            Shape::Lattice {
                version: lattice::Version::Two,
            } => "lambda-lattice",
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.door.capabilities()
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let (parts, content) = request.into_parts();
        let is_head = parts.method == Method::HEAD;
        let tap = Tap::of(&parts.extensions);
        let Some(content) = body::collect_within(content, self.door.limit()).await? else {
            return Ok(too_long());
        };
        let arrival = self.door.arrival(parts, content);
        let event = self.door.event(&arrival).to_string();
        if event.len() > PAYLOAD_LIMIT {
            return Ok(too_long());
        }
        let trace = format!("{};Parent=9a9197af755a6419;Sampled=1", arrival.trace);
        if let Some(tap) = &tap {
            tap.request(event.clone());
        }
        let invocation = Invocation::new(event).trace_id(trace);
        let mut live = self.sandbox.invoke_live(invocation).await?;
        if let Some(tap) = tap {
            let answer = live.finish().await;
            tap.answer(answer.bytes.clone());
            live = answer.into_live();
        }
        let response = self.answer(live).await;
        Ok(if is_head {
            response.map(|_none| body::empty())
        } else {
            response
        })
    }
}

fn too_long() -> Response<Body> {
    envelope::own(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long")
}
