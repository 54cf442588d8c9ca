//! One request and its response, as every served host has them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use isobar_core::{
    Batch, Body, Context, ContextBuilder, Dispatcher, Error, Outcome, Request, Response,
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::Settings;
use super::body::Arriving;
use super::head::Progress;
use super::linger::Lingering;
use crate::inspect;
use crate::otel::Invocation;

/// What a host makes of one request: a context and a handler's answer, or an answer of its own.
pub(crate) trait Exchange: Send + Sync + 'static {
    /// Returns how long a request's body may be on the wire where the client's own may have
    /// `limit` bytes: more where the host wraps it.
    fn wire_limit<B>(&self, _request: &http::Request<B>, limit: u64) -> u64 {
        limit
    }

    /// Answers one request of the client at `peer`.
    fn exchange(
        &self,
        request: Request,
        peer: std::net::SocketAddr,
        shared: &Shared,
    ) -> impl Future<Output = Response> + Send;
}

/// What all exchanges of a server share. A clone costs one count.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    /// The inspector's page, where there is one.
    pub(super) page: inspect::Page,
    /// The work that goes on after answers.
    pub(super) background: TaskTracker,
    /// Cancelled when the grace of a shutdown is over. Counted here: a clone of the token takes a lock.
    pub(super) cut: Arc<CancellationToken>,
}

impl Shared {
    pub(super) fn new(settings: Settings, page: inspect::Page) -> Self {
        Self {
            settings,
            page,
            background: TaskTracker::new(),
            cut: Arc::default(),
        }
    }

    /// Takes a request from the wire, or refuses it before its body is read.
    pub(super) fn admit(
        &self,
        request: http::Request<Incoming>,
        limit: u64,
        progress: &Arc<Progress>,
    ) -> Result<Request, Error> {
        inspect::arrived(&request);
        if request.body().is_end_stream() {
            return Ok(request.map(|_empty| Body::empty()));
        }
        let request = Lingering::take(request, progress.busy());
        if request.body().size_hint().lower() > limit {
            let detail = format!("the request's body is over the limit of {limit} bytes");
            return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        let pause = self.settings.read_timeout;
        Ok(request.map(|body| inspect::arriving(Body::new(Arriving::new(body, limit, pause)))))
    }

    /// Runs the handler: builds the context with the server's deadline, answers, and sees to the
    /// work that outlives the answer.
    pub(crate) async fn respond(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        request: Request,
    ) -> Response {
        let whole = std::future::ready;
        self.respond_then(dispatcher, context, request, whole).await
    }

    /// The same, where the host makes something else of the answer: what it logs is said within
    /// the invocation.
    pub(crate) async fn respond_then<F>(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        mut request: Request,
        then: impl FnOnce(Response) -> F + Send,
    ) -> Response
    where
        F: Future<Output = Response> + Send,
    {
        let (outliving, ends) = self.begin(context);
        let context = &outliving.context;
        let invocation = Invocation::of_request(context, &request);
        let span = context.span().clone();
        inspect::request(context, &mut request);
        let response = inspect::answer(dispatcher.respond(context, request, ends)).await;
        invocation.answered(&response);
        if self.settings.wait_for_background {
            let left = [context.time_left(), self.settings.background_limit];
            let left = left.into_iter().flatten().min();
            context.background(self.after(left)).await;
        }
        if response.body().size_hint().exact().is_some() {
            return then(response).instrument(span).await;
        }
        // A client that reads slowly must not hold it up.
        outliving.go_on();
        let response = response.map(|body| {
            Body::new(Streamed {
                body,
                _invocation: invocation,
                _outliving: outliving,
            })
        });
        then(response).instrument(span).await
    }

    /// Delivers events within the server's deadline, and makes the host's answer of what came of
    /// them; what they gave to `wait_until` is finished.
    pub(crate) async fn deliver(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        batch: Batch,
        answer: impl FnOnce(&[Outcome]) -> Response + Send,
    ) -> Response {
        let (outliving, ends) = self.begin(context);
        let context = &outliving.context;
        let invocation = Invocation::of_events(context, &batch.events);
        inspect::events(context, &batch.events);
        let outcomes = dispatcher.deliver(context, batch, ends).await;
        inspect::outcomes(&outcomes);
        invocation.delivered(&outcomes);
        context.span().in_scope(|| answer(&outcomes))
    }

    /// Builds the context with the server's deadline, and what completes at it.
    fn begin(
        &self,
        context: ContextBuilder,
    ) -> (Outliving, impl Future<Output = ()> + Send + use<>) {
        let deadline = self.settings.deadline;
        let context = match deadline {
            Some(deadline) => context.deadline(SystemTime::now() + deadline).build(),
            None => context.build(),
        };
        let outliving = Outliving {
            context,
            shared: self.clone(),
        };
        (outliving, self.after(deadline))
    }

    /// Completes after that time, and at the latest when the grace of a shutdown is over: then every
    /// deadline has passed.
    fn after(&self, time: Option<Duration>) -> impl Future<Output = ()> + Send + use<> {
        let cut = Arc::clone(&self.cut);
        async move {
            let Some(time) = time else {
                return cut.cancelled().await;
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep(time) => {}
                () = cut.cancelled() => {}
            }
        }
    }
}

/// An invocation whose work given to `wait_until` goes on when it is over: when it is answered, its
/// body is sent, or its client went away.
struct Outliving {
    context: Context,
    shared: Shared,
}

impl Outliving {
    /// Lets the work that is there go on by itself.
    fn go_on(&self) {
        if self.context.has_background() && Handle::try_current().is_ok() {
            let shared = &self.shared;
            let end = shared.after(shared.settings.background_limit);
            drop(shared.background.spawn(self.context.background(end)));
        }
    }
}

impl Drop for Outliving {
    fn drop(&mut self) {
        self.go_on();
    }
}

/// A streamed body, which may still add work.
struct Streamed {
    body: Body,
    /// Ends with the body.
    _invocation: Invocation,
    _outliving: Outliving,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = <Body as http_body::Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
