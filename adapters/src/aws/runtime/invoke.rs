//! One invocation: decode, handle, answer.

use std::sync::Arc;
use std::time::SystemTime;

use bytestring::ByteString;
use http_body::Body as _;
use isobar_core::{
    Body, Content, Context, Error, IntoResponse, Refusal, Request, Response, StatusCode,
    add_request_id, chain,
};

use super::buffer::Unsent;
use super::reply::Head;
use super::worker::Worker;
use super::{buffer, call, stream};
use crate::aws::context::Call;
use crate::aws::error::Failure;
use crate::aws::event::Delivery;
use crate::aws::http::{self, Door};
use crate::aws::incoming::{self, Incoming, Refused};
use crate::aws::settings::ResponseMode;
use crate::inspect;
use crate::otel::Invocation;

/// An answer before it has its front door's form.
type Answer = ::http::Response<Content>;

impl Worker {
    /// Handles one event; whatever comes of it, the loop goes on.
    pub(super) async fn invoke(&mut self, mut call: Box<Call>, payload: ByteString) {
        let shared = Arc::clone(&self.shared);
        let refusal = Refusal::begin();
        inspect::invoked(&call.noted, &payload);
        match incoming::decode(&payload, &shared.settings, &call) {
            Ok(Incoming::Request(incoming)) => {
                inspect::through(|| incoming.door.title().to_owned());
                if let Some(answer) = shared.contexts.health.answer(&incoming.request) {
                    let answer = answer.map(Content::from);
                    return self.answer(&call, incoming.door, answer).await;
                }
                let context = shared.contexts.context(&mut call, &incoming);
                let context = context.native(payload.into_bytes()).build();
                let invocation = Invocation::of_request(&context, &incoming.request);
                let answered = self.respond(&call, &context, incoming, &invocation);
                context.instrument(answered).await;
                invocation.end();
                context.background(passed(self.background_end(&call))).await;
                context.close();
            }
            Ok(Incoming::Events(delivery)) => {
                let context = shared.contexts.of_events(&mut call);
                let context = context.native(payload.into_bytes()).build();
                let invocation = Invocation::of_events(&context, &delivery.batch.events);
                let of = (&context, &invocation);
                let delivered = self.deliver(&call, of, delivery, refusal);
                context.instrument(delivered).await;
                context.close();
            }
            Err(refused) => {
                let context = shared.contexts.of_events(&mut call).build();
                let ended = self.end_refused(&call, &context, refused, refusal);
                context.instrument(ended).await;
            }
        }
    }

    /// Fails an event that is no text.
    pub(super) async fn unreadable(&mut self, mut call: Box<Call>) {
        let refusal = Refusal::begin();
        let context = self.shared.contexts.of_events(&mut call).build();
        let refused = Refused::Foreign("not UTF-8".into());
        let ended = self.end_refused(&call, &context, refused, refusal);
        context.instrument(ended).await;
    }

    /// Ends what brings nothing to the handler.
    async fn end_refused(
        &mut self,
        call: &Call,
        context: &Context,
        refused: Refused,
        refusal: Refusal,
    ) {
        let failure = match refused {
            Refused::Foreign(what) => Failure::invalid_event(&what),
            Refused::Event(malformed) => Failure::malformed(malformed.to_string()),
            Refused::Request(door, error) => {
                tracing::debug!("refused: {error}");
                let answer = refusal.of_request(context, None, error.into_response());
                return self.answer(call, door, answer.map(Content::from)).await;
            }
        };
        self.refuse(call, &failure).await;
        refusal.of_invocation(context);
    }

    /// When what was given to `wait_until` is cut off, before the service ends the process. It is run
    /// before the next poll, in which the sandbox may be frozen (trap 39).
    fn background_end(&self, call: &Call) -> Option<SystemTime> {
        let limit = self.shared.settings.background_limit;
        let own = limit.and_then(|limit| SystemTime::now().checked_add(limit));
        [call.deadline, own].into_iter().flatten().min()
    }

    /// Fails what cannot be handled, with a line for the operator.
    async fn refuse(&mut self, call: &Call, failure: &Failure) {
        let request_id = &*call.request_id;
        tracing::error!(request_id, "refused: {}", failure.error_message);
        self.fail(call, failure).await;
    }

    /// Runs events, and tells their source what became of each.
    async fn deliver(
        &mut self,
        call: &Call,
        (context, invocation): (&Context, &Invocation),
        delivery: Delivery,
        refusal: Refusal,
    ) {
        if let Some(failure) = delivery.refusal(self.shared.dispatcher.routes()) {
            self.refuse(call, &failure).await;
            return refusal.of_invocation(context);
        }
        inspect::through(|| delivery.what.to_owned());
        inspect::events(context, &delivery.batch.events);
        let Delivery { batch, tell, .. } = delivery;
        tell.log();
        let unreadable = batch.unreadable;
        let deadline = passed(call.deadline);
        let outcomes = self
            .shared
            .dispatcher
            .deliver(context, batch, deadline)
            .await;
        inspect::outcomes(&outcomes);
        invocation.delivered(&outcomes, unreadable);
        match tell.write(&outcomes, context.native(), &mut self.out) {
            Ok(()) => self.send(call).await,
            Err(failure) => self.fail(call, &failure).await,
        }
    }

    async fn respond(
        &mut self,
        call: &Call,
        context: &Context,
        incoming: Box<http::Incoming>,
        invocation: &Invocation,
    ) {
        let http::Incoming { request, door, .. } = *incoming;
        let streams = self.shared.settings.response_mode == ResponseMode::Stream;
        let limit = self.shared.settings.body_limit;
        let refused = if streams && !door.can_stream() {
            Some(unstreamable(call))
        } else if request.body().size_hint().lower() > limit {
            Some(over_limit(limit))
        } else {
            None
        };
        let response = match refused {
            Some(response) => {
                let head = Some((request.method(), request.uri()));
                let refusal = Refusal::begin().of_request(context, head, response);
                refusal.map(Content::from)
            }
            None => self.handle(call, context, request).await,
        };
        invocation.answered(&response);
        self.answer(call, door, response).await;
    }

    async fn handle(&self, call: &Call, context: &Context, mut request: Box<Request>) -> Answer {
        let deadline = passed(call.deadline);
        inspect::request(context, &mut request);
        inspect::answer(self.shared.dispatcher.answer(context, request, deadline)).await
    }

    /// Sends an answer in the form and the mode that its front door takes.
    async fn answer(&mut self, call: &Call, door: Door, response: Answer) {
        let streams = self.shared.settings.response_mode == ResponseMode::Stream;
        if streams && door.can_stream() {
            return stream::answer(self, call, door, response.map(Body::from)).await;
        }
        if let Err(Unsent { error, is_logged }) = self.write(door, response).await {
            if is_logged {
                let (request_id, status) = (&*call.request_id, error.status());
                tracing::info!(request_id, "the client gets {status} in its place");
            } else {
                log(call, &error);
            }
            if let Err(again) = self
                .write(door, problem(call, error).map(Content::from))
                .await
            {
                log(call, &again.error);
            }
        }
        self.send(call).await;
    }

    /// Sends what was written.
    async fn send(&mut self, call: &Call) {
        call::of_invocation(
            &mut self.head,
            self.connection.endpoint(),
            call,
            "/response",
        );
        call::end(&mut self.head, self.out.len());
        self.post(call).await;
    }

    /// Writes an answer.
    async fn write(&mut self, door: Door, response: Answer) -> Result<(), Unsent> {
        let (parts, body) = response.into_parts();
        let body = buffer::whole(body).await?;
        self.out.clear();
        http::write(&mut self.out, door, (parts.status, &parts.headers), &body)
            .map_err(unsayable)?;
        Ok(buffer::within_limit(self.out.len())?)
    }

    /// Posts what was written; where it is refused, the invocation fails with the reason.
    async fn post(&mut self, call: &Call) {
        inspect::told("response", &self.out);
        let take = |head: &Head<'_, '_>| head.status;
        let reply = self
            .connection
            .exchange((&self.head, &self.out), take)
            .await;
        match reply {
            Ok((200..=299, _)) => {}
            Ok((status, body)) => {
                let reason = String::from_utf8_lossy(&body);
                tracing::error!(
                    request_id = &*call.request_id,
                    "the Runtime API refused the answer with status {status}: {reason}"
                );
                if !matches!(status, 403 | 410) {
                    self.fail(call, &Failure::refused(status)).await;
                }
            }
            Err(error) => lost(call, &error),
        }
    }

    /// Fails an invocation.
    pub(super) async fn fail(&mut self, call: &Call, failure: &Failure) {
        let body = failure.json();
        inspect::told("error", &body);
        call::of_invocation(&mut self.head, self.connection.endpoint(), call, "/error");
        call::line(
            &mut self.head,
            "lambda-runtime-function-error-type",
            failure.error_type,
        );
        call::end(&mut self.head, body.len());
        let take = |head: &Head<'_, '_>| head.status;
        match self.connection.exchange((&self.head, &body), take).await {
            Ok((200..=299, _)) => {}
            Ok((status, _)) => tracing::warn!(
                request_id = &*call.request_id,
                "the Runtime API refused the error too, with status {status}"
            ),
            Err(error) => lost(call, &error),
        }
    }
}

/// Completes when the invocation's time is over. Armed when it is first waited for: a handler that
/// is ready at once costs no timer.
async fn passed(deadline: Option<SystemTime>) {
    match deadline {
        Some(deadline) => {
            let left = deadline.duration_since(SystemTime::now());
            tokio::time::sleep(left.unwrap_or_default()).await;
        }
        None => std::future::pending().await,
    }
}

fn over_limit(limit: u64) -> Response {
    let detail = format!("the request's body is over the limit of {limit} bytes");
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
}

fn unstreamable(call: &Call) -> Response {
    let detail = "this deployment streams its responses, which this front door cannot take";
    tracing::error!(
        request_id = &*call.request_id,
        "{detail}; ISOBAR_RESPONSE_MODE=buffer serves it"
    );
    Error::new(StatusCode::BAD_GATEWAY, detail).into_response()
}

/// What the client sees where a header cannot be said: the name is the application's own, the
/// value nobody's business.
pub(super) fn unsayable(http::Unsayable(name): http::Unsayable) -> Error {
    let cause = format!("the value of the response's header {name} is not UTF-8");
    Error::new(
        StatusCode::BAD_GATEWAY,
        "the response has a header that AWS Lambda cannot carry",
    )
    .with_source(cause)
}

/// The problem in the place of an answer that cannot be sent.
pub(super) fn problem(call: &Call, error: Error) -> Response {
    let mut problem = error.into_response();
    add_request_id(&mut problem, &call.request_id);
    problem
}

pub(super) fn log(call: &Call, error: &Error) {
    tracing::error!(
        request_id = &*call.request_id,
        "the response cannot be sent: {error:?}"
    );
}

pub(super) fn lost(call: &Call, error: &std::io::Error) {
    tracing::error!(
        request_id = &*call.request_id,
        "the answer did not reach the Runtime API: {}",
        chain(error)
    );
}
