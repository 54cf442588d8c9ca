//! Handlers at work.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// Handlers at work, as many as may be.
pub(super) struct Running<F> {
    limit: usize,
    at_work: FuturesUnordered<Pin<Box<F>>>,
    /// The place of one that was done at once; the next one takes it.
    spare: Option<Pin<Box<F>>>,
    begun: bool,
}

impl<F: Future> Running<F> {
    pub(super) fn of(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            at_work: FuturesUnordered::new(),
            spare: None,
            begun: false,
        }
    }

    pub(super) fn has_place(&self) -> bool {
        self.at_work.len() < self.limit
    }

    /// Begins with a handler. Most that do not wait are done at once, and cost no place of their own;
    /// any other is polled again when it says so.
    pub(super) fn begin(&mut self, future: F, cx: &mut TaskContext<'_>) -> Poll<Option<F::Output>> {
        let mut place = match self.spare.take() {
            Some(mut place) => {
                place.set(future);
                place
            }
            None => Box::pin(future),
        };
        match place.as_mut().poll(cx) {
            Poll::Ready(output) => {
                self.spare = Some(place);
                Poll::Ready(Some(output))
            }
            Poll::Pending => {
                self.at_work.push(place);
                self.begun = true;
                Poll::Pending
            }
        }
    }

    /// True if one has begun since this was last asked: there may be a place for more.
    pub(super) fn has_begun(&mut self) -> bool {
        std::mem::take(&mut self.begun)
    }

    /// Goes on with those at work; `None` if none is.
    pub(super) fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<F::Output>> {
        self.at_work.poll_next_unpin(cx)
    }
}
