//! What the host says of one invocation.

mod background;
mod builder;
mod cancel;
mod function;
mod identity;
mod request_id;
mod scope;
mod span;
mod trace;

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use axum_core::extract::FromRequestParts;
use bytes::Bytes;
use http::HeaderValue;
use http::request::Parts;
use serde::de::DeserializeOwned;
use tracing::{Instrument, Span};

use crate::{DecodeError, Event, RequestExt, Text};
use background::Background;
use cancel::Cancel;

pub use builder::ContextBuilder;
pub use function::{Function, Provider};
pub use identity::Identity;
pub use scope::{Instrumented, OnDemand};
pub use trace::TraceContext;

/// What the host says of one invocation: who runs it, for whom, until when.
///
/// Everything here comes from what the host wrote, never from what a client could have written. A
/// clone costs one reference count. It is an axum extractor, and
/// [`RequestExt::context`] reads it from a request.
///
/// # Example: time left, and work that outlives the answer
///
/// ```
/// use isobar_core::Context;
///
/// async fn handler(context: Context) -> &'static str {
///     if context.time_left().is_some_and(|left| left.as_secs() < 2) {
///         return "too late to begin";
///     }
///     context.wait_until(async { /* send the statistics */ });
///     "done"
/// }
/// ```
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
    /// The event that it was given to, where it is one of several.
    event: Option<Arc<OneEvent>>,
}

/// One event of several, and its span.
struct OneEvent {
    event: Event,
    span: OnceLock<Span>,
}

struct Inner {
    function: Function,
    request_id: Option<Text>,
    /// Where the host gave none.
    random_id: OnceLock<Text>,
    deadline: Option<Deadline>,
    trace: Option<TraceContext>,
    cold_start: bool,
    client_ip: ClientIp,
    identity: Option<Identity>,
    tenant: Option<Text>,
    stage: Option<Text>,
    root_path: Text,
    native: Bytes,
    background: Background,
    cancel: Cancel,
    span: OnceLock<Span>,
    /// The event that it was given to, where it is the only one.
    single: OnceLock<Event>,
}

enum ClientIp {
    Read(Option<IpAddr>),
    /// It is read when it is asked for: few handlers do.
    Unread {
        list: HeaderValue,
        nth: usize,
        read: ReadIp,
    },
}

/// Reads an entry of a list of addresses, counted from the right.
type ReadIp = fn(&HeaderValue, usize) -> Option<IpAddr>;

#[derive(Clone, Copy)]
enum Deadline {
    At(SystemTime),
    /// A time left that never shrinks, for tests.
    Left(Duration),
}

impl Context {
    /// Begins a context; hosts and tests make them.
    pub fn builder(function: Function) -> ContextBuilder {
        ContextBuilder::new(function)
    }

    /// The context of a request that no host delivered.
    pub(crate) fn detached() -> &'static Self {
        static DETACHED: OnceLock<Context> = OnceLock::new();
        DETACHED.get_or_init(Self::default)
    }

    /// Returns the provider that runs this.
    pub fn provider(&self) -> Provider {
        self.inner.function.provider()
    }

    /// Returns the function: its provider, name, version and region.
    pub fn function(&self) -> &Function {
        &self.inner.function
    }

    /// Returns the host's id of this invocation; where the host gives none, a random UUID.
    pub fn request_id(&self) -> &str {
        match &self.inner.request_id {
            Some(id) => id,
            None => self.inner.random_id.get_or_init(request_id::random),
        }
    }

    /// Returns when the host, or Isobar before it, ends this invocation; `None` where no end is
    /// known.
    pub fn deadline(&self) -> Option<SystemTime> {
        self.inner.deadline.map(|deadline| match deadline {
            Deadline::At(time) => time,
            Deadline::Left(left) => SystemTime::now() + left,
        })
    }

    /// Returns the time until [`deadline`](Self::deadline), zero once it has passed.
    pub fn time_left(&self) -> Option<Duration> {
        self.inner.deadline.map(|deadline| match deadline {
            Deadline::At(time) => time.duration_since(SystemTime::now()).unwrap_or_default(),
            Deadline::Left(left) => left,
        })
    }

    /// Returns the W3C trace context that the request came with, whatever the host's own form.
    pub fn trace(&self) -> Option<&TraceContext> {
        self.inner.trace.as_ref()
    }

    /// Returns true for the first invocation of this process.
    pub fn cold_start(&self) -> bool {
        self.inner.cold_start
    }

    /// Returns the client's address as the host saw it; `None` where the host does not say.
    pub fn client_ip(&self) -> Option<IpAddr> {
        match &self.inner.client_ip {
            ClientIp::Read(address) => *address,
            ClientIp::Unread { list, nth, read } => read(list, *nth),
        }
    }

    /// Returns who the host vouched for; `None` for an anonymous caller.
    pub fn identity(&self) -> Option<&Identity> {
        self.inner.identity.as_ref()
    }

    /// Returns the tenant (AWS Lambda's tenant isolation mode); `None` elsewhere.
    pub fn tenant(&self) -> Option<&str> {
        self.inner.tenant.as_deref()
    }

    /// Returns the API's stage that was taken off the path; `None` where there is none.
    pub fn stage(&self) -> Option<&str> {
        self.inner.stage.as_deref()
    }

    /// Returns what was taken off the front of the path (stage, route prefix), for links that a
    /// client is to follow: `""`, or a path that begins with `/` and does not end with it.
    pub fn root_path(&self) -> &str {
        &self.inner.root_path
    }

    /// Returns the host's own event, untouched, for what is not portable; empty where the host
    /// speaks plain HTTP.
    pub fn native(&self) -> &Bytes {
        &self.inner.native
    }

    /// Reads the host's own event as JSON.
    ///
    /// # Errors
    ///
    /// When [`native`](Self::native) is not JSON of that form; on hosts that speak plain HTTP it
    /// is empty.
    pub fn native_as<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        serde_json::from_slice(&self.inner.native)
            .map_err(|e| DecodeError::new("the host's own event", e))
    }

    /// Lets `work` run beside the handler, and past its answer.
    ///
    /// For an event it is finished before the outcome is reported, within the deadline; for HTTP before
    /// the next invocation on AWS Lambda, within the deadline, and on hosts that serve HTTP within the
    /// grace of a shutdown; `ISOBAR_WAIT_LIMIT` sets an earlier end. What is unfinished then is dropped,
    /// and a line in the log says so. Where a host kills without a word (Azure) or takes the processor
    /// away after the answer (Cloud Run with request-based billing) it may be lost:
    /// `ISOBAR_WAIT=answer` finishes it first, within the deadline.
    /// A panic in it is logged and harms nothing else. What is given after the invocation's end is dropped,
    /// with a line as well.
    pub fn wait_until(&self, work: impl Future<Output = ()> + Send + 'static) {
        let is_taken = self.inner.background.add(match &self.event {
            Some(_) => Box::pin(work.instrument(self.span().clone())),
            None => Box::pin(work),
        });
        if !is_taken {
            self.lost(
                1,
                "work given to wait_until was dropped, since the invocation is over",
            );
        }
    }

    /// Completes when the invocation is over before its handler or its work was: the deadline passed,
    /// the client went away, or the grace of a shutdown did. For work that was spawned and should then
    /// stop. It never completes where all went well, so wait for it beside something that ends.
    ///
    /// # Example: work on a task of its own, that stops with the invocation
    ///
    /// ```
    /// # async fn count() -> u64 { 7 }
    /// async fn handler(context: isobar_core::Context) -> String {
    ///     let cancelled = context.cancelled();
    ///     let counting = tokio::spawn(async move {
    ///         tokio::select! {
    ///             counted = count() => Some(counted),
    ///             () = cancelled => None,
    ///         }
    ///     });
    ///     format!("{:?}", counting.await)
    /// }
    /// ```
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static {
        let context = self.clone();
        std::future::poll_fn(move |cx| context.inner.cancel.poll(cx))
    }

    /// Says that the invocation is over; wakes who waits for [`cancelled`](Self::cancelled).
    ///
    /// The [`Dispatcher`](crate::Dispatcher) calls it; a host only where it knows more.
    pub fn cancel(&self) {
        self.inner.cancel.set();
    }

    /// Returns true while work given to [`wait_until`](Self::wait_until) is unfinished.
    pub fn has_background(&self) -> bool {
        !self.inner.background.is_idle()
    }

    /// Runs the work given to [`wait_until`](Self::wait_until) until all of it is done, or until `end`
    /// completes: what is unfinished then is dropped, said in the log, and the invocation is
    /// [`cancelled`](Self::cancelled). Where somebody else runs it already, that is left to them. For hosts.
    pub fn background<E>(&self, end: E) -> impl Future<Output = ()> + Send + use<E>
    where
        E: Future<Output = ()> + Send,
    {
        let context = self.clone();
        async move {
            if !context.has_background() {
                return;
            }
            let Some(_turn) = context.inner.background.take_turn() else {
                return;
            };
            let (begun, mut end) = (Instant::now(), pin!(end));
            let is_done = std::future::poll_fn(|cx| {
                match context.in_scope(|| context.inner.background.poll(cx)) {
                    Poll::Ready(()) => Poll::Ready(true),
                    Poll::Pending => end.as_mut().poll(cx).map(|()| false),
                }
            });
            if !is_done.await {
                context.cut_off(begun.elapsed());
            }
        }
    }

    /// Says that the invocation is over, and that nobody runs its work any more: what is there, or is
    /// given to [`wait_until`](Self::wait_until) from now on, is dropped, and the log told. For hosts.
    pub fn close(&self) {
        if Arc::strong_count(&self.inner) == 1 && !self.has_background() {
            // Nobody else is left who could give any.
            return;
        }
        let close = || self.inner.background.close();
        let dropped = if self.has_background() {
            self.in_scope(close)
        } else {
            close()
        };
        if dropped > 0 {
            self.lost(
                dropped,
                "work given to wait_until was dropped at the invocation's end",
            );
        }
    }

    fn lost(&self, unfinished: usize, what: &str) {
        tracing::warn!(parent: self.span(), unfinished, "{what}");
    }

    fn cut_off(&self, after: Duration) {
        let unfinished = self.in_scope(|| self.inner.background.cut_off());
        self.cancel();
        tracing::warn!(
            parent: self.span(),
            unfinished,
            after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
            "work given to wait_until was cut off"
        );
    }

    pub(crate) fn poll_background(&self, cx: &mut std::task::Context<'_>) {
        self.inner.background.poll_beside(cx);
    }
}

/// The context of a local function of no name, with nothing known.
impl Default for Context {
    fn default() -> Self {
        Self::builder(Function::default()).build()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("function", &self.inner.function)
            .field("request_id", &self.inner.request_id)
            .field("time_left", &self.time_left())
            .field("client_ip", &self.client_ip())
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.context().clone())
    }
}
