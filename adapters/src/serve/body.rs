//! A request's body as it arrives: limited in size, and in how long it may pause.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Limited;
use isobar_core::{BoxError, Interrupted, chain};
use tokio::time::{Instant, Sleep, sleep};

use super::linger::Lingering;

/// An arriving body. Its errors are `LengthLimitError` ([`Limited`]'s), [`Interrupted::Stalled`] and
/// [`Interrupted::Broken`].
pub(super) struct Arriving {
    body: Limited<Lingering>,
    pause: Duration,
    /// Polled once without a frame: it may be there already, and hyper hands it over only to who
    /// asks.
    asked: bool,
    /// Armed when it is not.
    timer: Option<Pin<Box<Sleep>>>,
    /// The timer stands as an earlier wait has left it.
    stale: bool,
}

impl Arriving {
    pub(super) fn new(body: Lingering, limit: u64, pause: Duration) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            body: Limited::new(body, limit),
            pause,
            asked: false,
            timer: None,
            stale: false,
        }
    }

    /// Arms the timer only at a second look: most bodies have come with their head, and each timer
    /// that is armed wakes another thread.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !std::mem::replace(&mut self.asked, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let pause = self.pause;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(pause)));
        if std::mem::take(&mut self.stale) {
            timer.as_mut().reset(Instant::now() + pause);
        }
        timer.as_mut().poll(cx)
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            ready!(self.poll_pause(cx));
            return Poll::Ready(Some(Err(Box::new(Interrupted::Stalled))));
        };
        self.asked = false;
        self.stale = true;
        Poll::Ready(frame.map(|frame| frame.map_err(of_the_client)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the connection has to say of a body is the client's fault, and no failure of who reads it.
fn of_the_client(error: BoxError) -> BoxError {
    if !error.is::<hyper::Error>() {
        return error;
    }
    tracing::debug!("a request's body broke off: {}", chain(&*error));
    Box::new(Interrupted::Broken)
}
