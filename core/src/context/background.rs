//! The work that a handler gave to `wait_until`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};

use crate::dispatch::{CatchUnwind, Panic};

type Work = BoxFuture<'static, ()>;

/// Work in two places, so that work may add work: what came is queued, who polls takes it over.
#[derive(Default)]
pub(super) struct Background {
    unfinished: AtomicUsize,
    queued: Mutex<Queue>,
    /// Made when there is work: making it costs two allocations.
    running: Mutex<Option<FuturesUnordered<CatchUnwind<Work>>>>,
}

#[derive(Default)]
struct Queue {
    work: Vec<Work>,
    poller: Option<Waker>,
}

impl Background {
    pub(super) fn add(&self, work: Work) {
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queue.work.push(work);
        let poller = queue.poller.take();
        drop(queue);
        if let Some(waker) = poller {
            waker.wake();
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.unfinished.load(Ordering::Acquire) == 0
    }

    /// Runs what is there; ready when nothing is left.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_idle() {
            return Poll::Ready(());
        }
        let mut running = match self.running.try_lock() {
            Ok(running) => running,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody else runs it at this moment.
            Err(TryLockError::WouldBlock) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        let running = running.get_or_insert_default();
        loop {
            self.take_queued(running, cx);
            match std::pin::Pin::new(&mut *running).poll_next(cx) {
                Poll::Ready(Some(result)) => self.finished(result),
                Poll::Ready(None) if self.is_idle() => return Poll::Ready(()),
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take_queued(&self, running: &FuturesUnordered<CatchUnwind<Work>>, cx: &Context<'_>) {
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queue
            .work
            .drain(..)
            .for_each(|work| running.push(CatchUnwind::new(work)));
        queue.poller = Some(cx.waker().clone());
    }

    fn finished(&self, result: Result<(), Panic>) {
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        if let Err(panic) = result {
            panic.log("work given to wait_until");
        }
    }
}
