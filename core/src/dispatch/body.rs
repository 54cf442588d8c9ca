use std::fmt;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use axum_core::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::Panic;
use super::access::HttpAccess;
use super::catch::caught;
use super::deadline::Deadline;
use crate::{BoxError, Context, chain};

/// Why a body ended before its end.
///
/// For a response's body the host tells the client in its own way: a broken connection, a trailer.
/// It stands among the causes of the body's error: [`Interrupted::of`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interrupted {
    /// The deadline passed while the body was sent.
    Deadline,
    /// The body's stream panicked.
    Panic,
    /// The client stopped sending the request's body.
    Stalled,
    /// The client went away within the request's body, or sent what is none.
    Broken,
}

impl Interrupted {
    /// Finds it among an error and its causes.
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(*found);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "the deadline passed while the body was sent",
            Self::Panic => "the body's stream panicked",
            Self::Stalled => "the request's body stopped arriving",
            Self::Broken => "the request's body broke off, or is malformed",
        })
    }
}

impl std::error::Error for Interrupted {}

/// A response's body: it is there as a whole, or it goes on.
#[derive(Debug)]
pub enum Content {
    /// All of it.
    Whole(Bytes),
    /// It comes piece by piece.
    Goes(Body),
}

impl Content {
    /// Returns its length in bytes, as far as it is known before its end.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Whole(bytes) => Some(bytes.len() as u64),
            Self::Goes(body) => body.size_hint().exact(),
        }
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        Self::Goes(body)
    }
}

impl From<Content> for Body {
    fn from(content: Content) -> Self {
        match content {
            Content::Whole(bytes) if bytes.is_empty() => Self::empty(),
            Content::Whole(bytes) => Self::from(bytes),
            Content::Goes(body) => body,
        }
    }
}

/// What a body said when it was asked before it went on; `None` if it had nothing to say yet.
type First = Option<Result<Option<Result<Frame<Bytes>, axum_core::Error>>, Panic>>;

/// A response's body, once it is asked for what is there.
pub(super) enum Begun {
    /// All of it.
    Whole(Bytes),
    /// More may come, behind what has.
    Goes(Body, First),
}

/// Asks a body whose length is known for what is there: usually that is all of it, and no wait can pass a
/// deadline.
pub(super) async fn begin(mut body: Body) -> Begun {
    if body.is_end_stream() {
        discard(body);
        return Begun::Whole(Bytes::new());
    }
    if body.size_hint().exact().is_none() {
        return Begun::Goes(body, None);
    }
    let first = std::future::poll_fn(|cx| {
        Poll::Ready(match caught(|| Pin::new(&mut body).poll_frame(cx)) {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(frame)) => Some(Ok(frame)),
            Err(panic) => Some(Err(panic)),
        })
    });
    match first.await {
        Some(Ok(Some(Ok(frame)))) if frame.is_data() && body.is_end_stream() => {
            discard(body);
            Begun::Whole(frame.into_data().unwrap_or_default())
        }
        first => Begun::Goes(body, first),
    }
}

/// Drops a body; a panic in that is logged.
fn discard(body: Body) {
    if let Err(panic) = caught(|| drop(body)) {
        panic.log("what was dropped");
    }
}

pin_project! {
    /// A response's body that ends at the deadline and whose panic is an error.
    ///
    /// The host polls it in a task of its own, after the handler is done: nobody else could do
    /// either.
    pub(super) struct Guarded<D> {
        // `None` once it is dropped.
        body: Option<Body>,
        first: First,
        deadline: Deadline<D>,
        context: Context,
        begun: bool,
        over: bool,
        failed: Option<BoxError>,
        access: Option<Box<HttpAccess>>,
    }

    impl<D> PinnedDrop for Guarded<D> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if !*this.over {
                this.context.cancel();
            }
            let body = this.body.take();
            if let Err(panic) = caught(|| drop(body)) {
                this.context.in_scope(|| panic.log("what was dropped"));
            }
        }
    }
}

impl<D> Guarded<D> {
    pub(super) fn new(
        (body, first): (Body, First),
        deadline: Deadline<D>,
        context: Context,
        access: Option<Box<HttpAccess>>,
    ) -> Self {
        Self {
            body: Some(body),
            first,
            deadline,
            context,
            begun: false,
            failed: None,
            over: false,
            access,
        }
    }
}

impl<D> http_body::Body for Guarded<D>
where
    D: Future<Output = ()> + Send,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let context: &Context = this.context;
        let _its_lines_carry_the_ids = context.enter();
        if let Some(error) = this.failed.take() {
            *this.over = true;
            return Poll::Ready(Some(Err(error)));
        }
        if *this.over {
            return Poll::Ready(None);
        }
        // A body that is whole yields its one frame at the first poll: it never arms a timer.
        let late = std::mem::replace(this.begun, true)
            && Pin::new(&mut *this.deadline).poll(cx).is_ready();
        let Some(body) = this.body else {
            return Poll::Ready(None);
        };
        let polled = match this.first.take() {
            Some(first) => first.map(Poll::Ready),
            None => caught(|| Pin::new(&mut *body).poll_frame(cx)),
        };
        let error: BoxError = match polled {
            _ if late => Box::new(Interrupted::Deadline),
            Err(panic) => {
                panic.log("the response's body");
                Box::new(Interrupted::Panic)
            }
            Ok(Poll::Ready(Some(Err(error)))) => error.into_inner(),
            Ok(Poll::Ready(frame)) => {
                *this.over = frame.is_none() || body.is_end_stream();
                let data = frame
                    .as_ref()
                    .and_then(|frame| frame.as_ref().ok()?.data_ref());
                sent(this.access, data.map_or(0, Bytes::len), *this.over);
                return Poll::Ready(frame.map(|frame| frame.map_err(axum_core::Error::into_inner)));
            }
            Ok(Poll::Pending) if Pin::new(&mut *this.deadline).poll(cx).is_ready() => {
                Box::new(Interrupted::Deadline)
            }
            Ok(Poll::Pending) => {
                context.poll_background(cx);
                return Poll::Pending;
            }
        };
        broke_off(this.access, &*error);
        context.cancel();
        // The head must reach the client before the connection breaks off: to some hosts a
        // connection that ends without one is a reason to send the request again. A server flushes
        // while it waits.
        *this.failed = Some(error);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        let is_ended = || self.body.as_ref().is_none_or(Body::is_end_stream);
        self.over || (self.failed.is_none() && self.first.is_none() && is_ended())
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self
            .body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint);
        let Some(Ok(Some(Ok(first)))) = &self.first else {
            return rest;
        };
        // What was taken already is still to be sent.
        let taken = first.data_ref().map_or(0, Bytes::len) as u64;
        match rest.exact() {
            Some(rest) => SizeHint::with_exact(rest.saturating_add(taken)),
            None => SizeHint::default(),
        }
    }
}

/// Notes a part of a body, and writes the invocation's line at its end.
fn sent(access: &mut Option<Box<HttpAccess>>, bytes: usize, is_over: bool) {
    if let Some(access) = access {
        access.sent(bytes);
    }
    if is_over && let Some(access) = access.take() {
        access.end();
    }
}

/// Logs why a body ended before its end; of a panic the log has heard already.
fn broke_off(access: &mut Option<Box<HttpAccess>>, error: &(dyn std::error::Error + 'static)) {
    let interrupted = Interrupted::of(error);
    if interrupted != Some(Interrupted::Panic) {
        tracing::error!("the response broke off: {}", chain(error));
    }
    if let Some(access) = access.take() {
        access.broke_off(match interrupted {
            Some(Interrupted::Deadline) => "timeout",
            Some(Interrupted::Panic) => "panic",
            _ => "broken",
        });
    }
}
