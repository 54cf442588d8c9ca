//! One request and its response, as every served host has them.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::HOST;
#[cfg(feature = "azure")]
use http::header::HeaderName;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use isobar_core::{
    Batch, Body, Content, Context, ContextBuilder, Dispatcher, Error, Outcome, Request, Response,
    add_request_id,
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Settings;
use super::body::Arriving;
use super::head::Progress;
use super::linger::Lingering;
use crate::inspect;
use crate::otel::Invocation;

/// An unwrapped message of Pub/Sub has a header an attribute, of which there may be 100 beside the front
/// end's own.
pub(crate) const MAX_HEADERS: usize = 256;

/// An answer; a body that is whole is no stream yet.
pub(crate) type Answer = http::Response<Content>;

/// What a host makes of one request: a context and a handler's answer, or an answer of its own.
pub(crate) trait Exchange: Send + Sync + 'static {
    /// Returns how long a request's body may be on the wire where the client's own may have
    /// `limit` bytes: more where the host wraps it.
    fn wire_limit<B>(&self, _request: &http::Request<B>, limit: u64) -> u64 {
        limit
    }

    /// Returns what comes whole, where the client's own body may have `limit` bytes: the host alone speaks to the
    /// program there.
    #[cfg(feature = "azure")]
    fn whole(&self, _limit: u64) -> Option<Whole> {
        None
    }

    /// Answers a request that came whole; of a POST's headers the head has those that are looked at.
    #[cfg(feature = "azure")]
    fn exchange_whole(
        &self,
        head: &http::Request<()>,
        body: Bytes,
        peer: SocketAddr,
        shared: &Shared,
    ) -> impl Future<Output = Answer> + Send {
        let request = head.clone().map(|()| Body::from(body));
        self.exchange(Box::new(request), peer, shared)
    }

    /// Returns how many headers a request may have; `None` for hyper's own limit of 100, which costs less.
    fn max_headers(&self) -> Option<usize> {
        Some(MAX_HEADERS)
    }

    /// Makes the context of a request of the client at `peer`: that of one that is refused before it
    /// is read.
    fn context_of<B>(&self, request: &http::Request<B>, peer: SocketAddr) -> ContextBuilder;

    /// Answers one request of the client at `peer`; it comes in a box, since each future would copy it.
    fn exchange(
        &self,
        request: Box<Request>,
        peer: SocketAddr,
        shared: &Shared,
    ) -> impl Future<Output = Answer> + Send;
}

/// Requests that come whole.
#[cfg(feature = "azure")]
#[derive(Debug)]
pub(crate) struct Whole {
    /// How long one may be.
    pub(crate) limit: u64,
    /// Which headers of a POST are looked at.
    pub(crate) headers: &'static [HeaderName],
}

/// A request that is refused, its body unread.
pub(super) struct Unread {
    pub(super) request: http::Request<Lingering>,
    pub(super) error: Error,
}

/// What all exchanges of a server share. A clone costs one count.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Held>);

#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) settings: Settings,
    /// The inspector's page, where there is one.
    pub(super) page: inspect::Page,
    /// The work that goes on after answers.
    pub(super) background: TaskTracker,
    /// Cancelled when the grace of a shutdown is over.
    pub(super) cut: CancellationToken,
}

impl std::ops::Deref for Shared {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.0
    }
}

impl Shared {
    pub(super) fn new(settings: Settings, page: inspect::Page) -> Self {
        Self(Arc::new(Held {
            settings,
            page,
            background: TaskTracker::new(),
            cut: CancellationToken::new(),
        }))
    }

    /// Takes a request from the wire, or refuses it before its body is read.
    pub(super) fn admit(
        &self,
        mut request: http::Request<Incoming>,
        limit: u64,
        progress: &Arc<Progress>,
    ) -> Result<Box<Request>, Box<Unread>> {
        inspect::arrived(&request);
        let refused = if request.headers().get_all(HOST).iter().nth(1).is_some() {
            Some(of_two_hosts())
        } else if request.body().size_hint().lower() > limit {
            let detail = format!("the request's body is over the limit of {limit} bytes");
            Some(Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
        } else {
            None
        };
        let is_ended = request.body().is_end_stream();
        if let Some(error) = refused {
            let (parts, body) = request.into_parts();
            let body = Lingering::new(body, &parts.headers, parts.version, progress.busy());
            let request = http::Request::from_parts(parts, body);
            return Err(Box::new(Unread { request, error }));
        }
        // Made in its place of the parts of the other: as a whole it is large, and would be copied twice.
        let mut admitted = Box::<Request>::default();
        std::mem::swap(admitted.method_mut(), request.method_mut());
        std::mem::swap(admitted.uri_mut(), request.uri_mut());
        std::mem::swap(admitted.headers_mut(), request.headers_mut());
        std::mem::swap(admitted.extensions_mut(), request.extensions_mut());
        *admitted.version_mut() = request.version();
        if !is_ended {
            let (headers, version) = (admitted.headers(), admitted.version());
            let body = Lingering::new(request.into_body(), headers, version, progress.busy());
            let body = Body::new(Arriving::new(body, limit, self.settings.read_timeout));
            *admitted.body_mut() = inspect::arriving(body);
        }
        Ok(admitted)
    }

    /// Runs the handler: builds the context with the server's deadline, answers, and sees to the
    /// work that outlives the answer.
    pub(crate) async fn respond(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        request: Box<Request>,
    ) -> Answer {
        let (response, _ended) = self.respond_within(dispatcher, context, request).await;
        response
    }

    /// The same, where the host makes something else of the answer, within what is returned beside it.
    pub(crate) async fn respond_within(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        mut request: Box<Request>,
    ) -> (Answer, Within) {
        let (outliving, ends) = self.begin(context);
        let context = &outliving.context;
        let invocation = Invocation::of_request(context, &request);
        inspect::request(context, &mut request);
        let response = inspect::answer(dispatcher.answer(context, request, ends)).await;
        invocation.answered(&response);
        let rest = self.settings.wait_for_background.then(|| {
            let left = [context.time_left(), self.settings.background_limit];
            context.background(self.after(left.into_iter().flatten().min()))
        });
        if response.body().length().is_some() {
            if let Some(rest) = rest {
                rest.await;
            }
            return (response, Within::Ends(outliving));
        }
        let within = Within::Goes(context.clone());
        let outliving = Arc::new(outliving);
        if rest.is_none() {
            // A client that reads slowly must not hold it up.
            Outliving::go_on(&outliving);
        }
        let response = response.map(|content| {
            Content::Goes(Body::new(Streamed {
                body: content.into(),
                rest: rest.map(|rest| Box::pin(rest) as Rest),
                _invocation: invocation,
                _outliving: outliving,
            }))
        });
        (response, within)
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
        invocation.delivered(&outcomes, 0);
        let mut response = context.in_scope(|| answer(&outcomes));
        add_request_id(&mut response, context.request_id());
        response
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
        let shared = self.clone();
        // Most handlers end before it is first polled: till then it is small, and is moved at no cost.
        async move {
            Box::pin(async {
                let Some(time) = time else {
                    return shared.cut.cancelled().await;
                };
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(time) => {}
                    () = shared.cut.cancelled() => {}
                }
            })
            .await;
        }
    }
}

/// What stands before us may have judged by the one, and the handler by the other (RFC 9112, section
/// 3.2).
fn of_two_hosts() -> Error {
    Error::new(StatusCode::BAD_REQUEST, "the request has two Host headers")
}

/// An invocation whose work given to `wait_until` goes on when it is over: when it is answered, its
/// body is sent, or its client went away.
pub(crate) struct Outliving {
    context: Context,
    shared: Shared,
}

/// The invocation that an answer is of.
#[cfg_attr(
    not(feature = "azure"),
    expect(dead_code, reason = "Azure's adapter asks for the context")
)]
pub(crate) enum Within {
    /// It ends when this is dropped.
    Ends(Outliving),
    /// It ends with the answer's body.
    Goes(Context),
}

impl Within {
    #[cfg(feature = "azure")]
    pub(crate) fn context(&self) -> &Context {
        match self {
            Self::Ends(outliving) => &outliving.context,
            Self::Goes(context) => context,
        }
    }
}

impl Outliving {
    /// Lets the work that is there go on by itself, beside a body that is sent.
    fn go_on(self: &Arc<Self>) {
        if self.goes_on() {
            let (own, work) = (Arc::clone(self), self.work());
            drop(self.shared.background.spawn(async move {
                work.await;
                drop(own);
            }));
        }
    }

    fn goes_on(&self) -> bool {
        self.context.has_background() && Handle::try_current().is_ok()
    }

    fn work(&self) -> impl Future<Output = ()> + Send + use<> {
        let end = self.shared.after(self.shared.settings.background_limit);
        self.context.background(end)
    }
}

impl Drop for Outliving {
    fn drop(&mut self) {
        if !self.goes_on() {
            return self.context.close();
        }
        let (context, work) = (self.context.clone(), self.work());
        drop(self.shared.background.spawn(async move {
            work.await;
            context.close();
        }));
    }
}

/// Work that a body's end waits for.
type Rest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A streamed body, which may still add work.
struct Streamed {
    body: Body,
    /// What was given to `wait_until`, where the client is to wait for it: the body may be made of it, so it
    /// is waited for behind the body.
    rest: Option<Rest>,
    /// Ends with the body.
    _invocation: Invocation,
    _outliving: Arc<Outliving>,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = <Body as http_body::Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none()
            && let Some(rest) = &mut self.rest
        {
            ready!(rest.as_mut().poll(cx));
            self.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
