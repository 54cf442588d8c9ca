//! A request's body as it arrives: limited in size, and in how long it may pause.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{LengthLimitError, Limited};
use hyper::body::Incoming;
use isobar_core::{BoxError, Interrupted};
use tokio::time::{Instant, Sleep, sleep};

use super::head::Busy;
use super::linger::linger;

/// An arriving body. Its errors are `LengthLimitError` ([`Limited`]'s), [`Interrupted::Stalled`],
/// and hyper's.
pub(super) struct Arriving {
    /// `None` once it is over its limit: the rest is read elsewhere.
    body: Option<Limited<Incoming>>,
    pause: Duration,
    /// Armed at the first wait.
    timer: Option<Pin<Box<Sleep>>>,
    /// Until the end of the body, or of the interest in it.
    _busy: Busy,
}

impl Arriving {
    pub(super) fn new(body: Incoming, limit: u64, pause: Duration, busy: Busy) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            body: Some(Limited::new(body, limit)),
            pause,
            timer: None,
            _busy: busy,
        }
    }

    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.pause;
        self.timer
            .get_or_insert_with(|| Box::pin(sleep(pause)))
            .as_mut()
            .poll(cx)
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            ready!(self.poll_pause(cx));
            return Poll::Ready(Some(Err(Box::new(Interrupted::Stalled))));
        };
        let again = Instant::now() + self.pause;
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(again);
        }
        if matches!(&frame, Some(Err(error)) if error.is::<LengthLimitError>()) {
            if let Some(rest) = self.body.take() {
                linger(rest);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}
