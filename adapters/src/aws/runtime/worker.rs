//! One loop: next, handle, answer, and again.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytestring::ByteString;
use http_body::Body as _;
use isobar_core::{Context, Dispatcher, Error, IntoResponse, Request, Response, StatusCode, chain};

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::pause::Pause;
use super::reply::Head;
use super::shutdown::Ending;
use super::{buffer, call, stream};
use crate::RunError;
use crate::aws::context::{Call, Contexts};
use crate::aws::error::Failure;
use crate::aws::http::{self, Door, Incoming, Refused};
use crate::aws::settings::{ResponseMode, Settings};

/// A Runtime API that can not be reached for so long is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A larger buffer is not kept: one large answer would be paid for to the end.
const KEPT: usize = 1 << 20;

/// What all workers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) dispatcher: Dispatcher,
    pub(super) contexts: Contexts,
    pub(super) settings: Settings,
}

/// One loop, which runs one invocation at a time.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) connection: Connection,
    shared: Arc<Shared>,
    ending: Ending,
    /// The request for the next event, always the same.
    next: Vec<u8>,
    /// The head of what is sent.
    pub(super) head: Vec<u8>,
    /// The body of what is sent.
    pub(super) out: Vec<u8>,
}

/// What a poll brought.
enum Polled {
    Event(Call, ByteString),
    /// The service has nothing, or fails: with this status.
    Nothing(u16),
    /// The event is no text: it can be failed, not read.
    Unreadable(Call),
}

impl Worker {
    pub(super) fn new(endpoint: Endpoint, shared: Arc<Shared>, ending: Ending) -> Self {
        let mut next = Vec::new();
        call::get(
            &mut next,
            &endpoint,
            &[call::RUNTIME, "/invocation/next"].concat(),
            "",
        );
        Self {
            connection: Connection::new(endpoint),
            shared,
            ending,
            next,
            head: Vec::with_capacity(512),
            out: Vec::with_capacity(4 << 10),
        }
    }

    /// Runs invocations until the end is asked for; fails only if the Runtime API is gone.
    pub(super) async fn run(mut self) -> Result<(), RunError> {
        let mut pause = Pause::default();
        let mut since = None;
        while !self.ending.has_come() {
            let Some(polled) = self.poll().await else {
                break;
            };
            match polled {
                Ok(Polled::Event(call, payload)) => self.invoke(call, payload).await,
                Ok(Polled::Unreadable(call)) => {
                    self.fail(&call, &Failure::invalid_event("not UTF-8")).await;
                }
                Ok(Polled::Nothing(204)) => {
                    self.wait(pause.next()).await;
                    continue;
                }
                Ok(Polled::Nothing(status)) => {
                    tracing::error!(
                        "the Runtime API gave no event but status {status}; trying again"
                    );
                    self.wait(pause.next()).await;
                    continue;
                }
                Err(error) => {
                    gone_since(&mut since, error)?;
                    self.wait(pause.next()).await;
                    continue;
                }
            }
            pause.reset();
            since = None;
            self.shrink();
        }
        Ok(())
    }

    async fn wait(&mut self, pause: Duration) {
        let _woken_early_is_fine = self.ending.or(tokio::time::sleep(pause)).await;
    }

    async fn poll(&mut self) -> Option<std::io::Result<Polled>> {
        let limit = self.shared.settings.deadline;
        let take = |head: &Head<'_, '_>| {
            let now = SystemTime::now();
            let mut call = Call::read(head.fields(), now);
            if let Some(call) = &mut call {
                call.within(limit, now);
            }
            (head.status, call)
        };
        let exchange = self.connection.exchange((&self.next, b""), take);
        let reply = self.ending.or(exchange).await?;
        Some(reply.map(|((status, call), payload)| match call {
            Some(call) if status == 200 => match ByteString::try_from(payload) {
                Ok(payload) => Polled::Event(call, payload),
                Err(_not_utf8) => Polled::Unreadable(call),
            },
            _ => Polled::Nothing(status),
        }))
    }

    /// Handles one event; whatever comes of it, the loop goes on.
    async fn invoke(&mut self, mut call: Call, payload: ByteString) {
        let decoded = http::decode(&payload, self.shared.settings.conninfo);
        match decoded {
            Ok(incoming) => {
                let context = self.shared.contexts.context(&mut call, &incoming);
                let context = context.native(payload.into_bytes()).build();
                self.respond(&call, &context, incoming).await;
                finish_background(&call, &context).await;
            }
            Err(Refused::Foreign(what)) => {
                tracing::error!(
                    request_id = &*call.request_id,
                    "refused: {what} is no HTTP request"
                );
                self.fail(&call, &Failure::invalid_event(&what)).await;
            }
            Err(Refused::Malformed(door, error)) => {
                tracing::debug!(request_id = &*call.request_id, "refused: {error}");
                self.answer(&call, door, error.into_response()).await;
            }
        }
    }

    async fn respond(&mut self, call: &Call, context: &Context, incoming: Incoming) {
        let Incoming { request, door, .. } = incoming;
        let streams = self.shared.settings.response_mode == ResponseMode::Stream;
        let limit = self.shared.settings.body_limit;
        let response = if streams && !door.can_stream() {
            unstreamable(call)
        } else if request.body().size_hint().lower() > limit {
            over_limit(limit)
        } else {
            self.handle(call, context, request).await
        };
        self.answer(call, door, response).await;
    }

    async fn handle(&self, call: &Call, context: &Context, request: Request) -> Response {
        let deadline = passed(call.deadline);
        self.shared
            .dispatcher
            .respond(context, request, deadline)
            .await
    }

    /// Sends an answer in the form and the mode that its front door takes.
    async fn answer(&mut self, call: &Call, door: Door, response: Response) {
        let streams = self.shared.settings.response_mode == ResponseMode::Stream;
        if streams && door.can_stream() {
            return stream::answer(self, call, door, response).await;
        }
        if let Err(error) = self.write(door, response).await {
            log(call, &error);
            if let Err(again) = self.write(door, error.into_response()).await {
                log(call, &again);
            }
        }
        call::of_invocation(
            &mut self.head,
            self.connection.endpoint(),
            call,
            "/response",
        );
        call::end(&mut self.head, self.out.len());
        self.post(call).await;
    }

    /// Writes an answer; the error is what the client is to see instead.
    async fn write(&mut self, door: Door, response: Response) -> Result<(), Error> {
        let (parts, body) = response.into_parts();
        let body = buffer::collect(body).await?;
        self.out.clear();
        http::write(&mut self.out, door, (parts.status, &parts.headers), &body)
            .map_err(unsayable)?;
        buffer::within_limit(self.out.len())
    }

    /// Posts what was written; where it is refused, the invocation fails with the reason.
    async fn post(&mut self, call: &Call) {
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

    /// Gives back what a large answer took.
    fn shrink(&mut self) {
        if self.out.capacity() > KEPT {
            self.out = Vec::with_capacity(4 << 10);
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

/// Runs what was given to `wait_until` before the next poll, in which the sandbox may be frozen
/// (trap 39); past the deadline it is given up, before the service ends the process.
async fn finish_background(call: &Call, context: &Context) {
    if !context.has_background() {
        return;
    }
    let mut late = std::pin::pin!(passed(call.deadline));
    let mut work = std::pin::pin!(context.background());
    std::future::poll_fn(|cx| {
        if work.as_mut().poll(cx).is_ready() {
            return std::task::Poll::Ready(());
        }
        late.as_mut().poll(cx).map(|()| {
            tracing::error!(
                request_id = context.request_id(),
                "work given to wait_until overran the deadline and was given up"
            );
        })
    })
    .await;
}

fn over_limit(limit: u64) -> Response {
    let detail = format!("the request's body is over the limit of {limit} bytes");
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response()
}

fn unstreamable(call: &Call) -> Response {
    let detail = "this deployment streams its responses, which this front door can not take";
    tracing::error!(
        request_id = &*call.request_id,
        "{detail}; ISOBAR_RESPONSE_MODE=buffer serves it"
    );
    Error::new(StatusCode::BAD_GATEWAY, detail).into_response()
}

/// What the client sees where a header can not be said: the name is the application's own, the
/// value nobody's business.
pub(super) fn unsayable(http::Unsayable(name): http::Unsayable) -> Error {
    let cause = format!("the value of the response's header {name} is not UTF-8");
    Error::new(
        StatusCode::BAD_GATEWAY,
        "the response has a header that AWS Lambda can not carry",
    )
    .with_source(cause)
}

pub(super) fn log(call: &Call, error: &Error) {
    tracing::error!(
        request_id = &*call.request_id,
        "the response can not be sent: {error:?}"
    );
}

pub(super) fn lost(call: &Call, error: &std::io::Error) {
    tracing::error!(
        request_id = &*call.request_id,
        "the answer did not reach the Runtime API: {}",
        chain(error)
    );
}

/// Fails once the Runtime API is out of reach for too long: without it there is nothing to do.
fn gone_since(since: &mut Option<Instant>, error: std::io::Error) -> Result<(), RunError> {
    let since = *since.get_or_insert_with(Instant::now);
    if since.elapsed() < PATIENCE {
        tracing::warn!("the Runtime API can not be reached: {error}; trying again");
        return Ok(());
    }
    Err(RunError::Host {
        what: "the Runtime API that AWS_LAMBDA_RUNTIME_API names can not be reached".into(),
        source: error.into(),
    })
}
