//! The work that a handler gave to `wait_until`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    /// True while somebody runs the work to its end: two would take the work's wake-ups from each other.
    is_run: AtomicBool,
}

#[derive(Default)]
struct Queue {
    work: Vec<CatchUnwind<Work>>,
    poller: Option<Waker>,
    /// Nobody will run what comes now.
    is_closed: bool,
}

/// The right to run the work to its end.
pub(super) struct Turn<'a>(&'a Background);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.is_run.store(false, Ordering::Release);
    }
}

impl Background {
    /// Adds work; false if nobody will run it, and it was dropped.
    pub(super) fn add(&self, work: Work) -> bool {
        let work = CatchUnwind::new(work);
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.is_closed {
            // What is dropped may add work.
            drop(queue);
            drop(work);
            return false;
        }
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        queue.work.push(work);
        let poller = queue.poller.take();
        drop(queue);
        if let Some(waker) = poller {
            waker.wake();
        }
        true
    }

    /// Takes no more work, and drops what is unfinished; returns how many pieces of work that are.
    pub(super) fn close(&self) -> usize {
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queue.is_closed = true;
        drop(queue);
        if self.is_idle() { 0 } else { self.cut_off() }
    }

    /// Begins to run the work to its end; `None` if somebody does.
    pub(super) fn take_turn(&self) -> Option<Turn<'_>> {
        let is_run = self.is_run.swap(true, Ordering::AcqRel);
        (!is_run).then_some(Turn(self))
    }

    /// Runs the work beside something else, unless somebody runs it to its end.
    pub(super) fn poll_beside(&self, cx: &mut Context<'_>) {
        if !self.is_run.load(Ordering::Acquire) {
            let _pending_is_fine = self.poll(cx);
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

    /// Drops what is unfinished, and returns how many pieces of work that are. What somebody else polls
    /// at this moment is left to them: their thread may be blocked in it.
    pub(super) fn cut_off(&self) -> usize {
        let unfinished = self.unfinished.load(Ordering::Acquire);
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        let queued = std::mem::take(&mut queue.work);
        drop(queue);
        let running = match self.running.try_lock() {
            Ok(mut running) => running.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        let dropped = queued.len() + running.as_ref().map_or(0, FuturesUnordered::len);
        self.unfinished.fetch_sub(dropped, Ordering::AcqRel);
        // No lock is held any more: what is dropped may add work.
        drop((queued, running));
        unfinished
    }

    fn take_queued(&self, running: &FuturesUnordered<CatchUnwind<Work>>, cx: &Context<'_>) {
        let mut queue = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queue.work.drain(..).for_each(|work| running.push(work));
        queue.poller = Some(cx.waker().clone());
    }

    fn finished(&self, result: Result<(), Panic>) {
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        if let Err(panic) = result {
            panic.log("work given to wait_until");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Arc;

    use crate::Context;

    #[tokio::test]
    async fn what_is_cut_off_is_dropped_and_hears_of_it() {
        let (context, held) = (Context::default(), Arc::new(()));
        context.wait_until(async {});
        for _ in 0..2 {
            // a context within the work must not keep the work alive
            let (held, own) = (Arc::clone(&held), context.clone());
            context.wait_until(async move {
                pending::<()>().await;
                drop((held, own));
            });
        }
        context.background(ready(())).await;
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(!context.has_background());
        context.cancelled().await;
    }

    #[tokio::test]
    async fn who_runs_it_to_its_end_hears_of_it_whoever_polls_beside() {
        let context = Context::default();
        let (tell, heard) = tokio::sync::oneshot::channel::<()>();
        context.wait_until(async {
            heard.await.unwrap();
        });
        let runs = tokio::spawn(context.background(pending()));
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| {
            context.poll_background(cx);
            std::task::Poll::Ready(())
        })
        .await;
        tell.send(()).unwrap();
        runs.await.unwrap();
        assert!(!context.has_background());
    }

    #[tokio::test]
    async fn what_comes_after_the_end_is_dropped() {
        let (context, held) = (Context::default(), Arc::new(()));
        context.wait_until(pending());
        context.close();
        assert!(!context.has_background());
        let own = Arc::clone(&held);
        context.wait_until(async move { drop(own) });
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(!context.has_background());
    }

    #[tokio::test]
    async fn what_is_done_in_time_is_not_cut_off() {
        let context = Context::default();
        context.wait_until(tokio::task::yield_now());
        context.background(pending()).await;
        context.background(ready(())).await;
        let cancelled = context.cancelled();
        tokio::select! {
            biased;
            () = cancelled => panic!("it was cut off"),
            () = ready(()) => {}
        }
    }

    #[tokio::test]
    async fn work_that_adds_work_when_it_is_dropped_locks_nothing() {
        struct Adds(Context);
        impl Drop for Adds {
            fn drop(&mut self) {
                self.0.wait_until(async {});
            }
        }
        let context = Context::default();
        let adds = Adds(context.clone());
        context.wait_until(async move {
            pending::<()>().await;
            drop(adds);
        });
        context.background(ready(())).await;
        context.background(pending()).await;
        assert!(!context.has_background());
    }
}
