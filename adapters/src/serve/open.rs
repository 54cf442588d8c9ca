//! The connections that are open.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// How connections are told to end.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    token: CancellationToken,
    /// A look at it takes no lock: a connection looks each time that it is polled.
    has_come: Arc<AtomicBool>,
}

impl End {
    /// Says whether it has come.
    #[cfg(feature = "azure")]
    pub(super) fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Acquire)
    }

    fn come(&self) {
        self.has_come.store(true, Ordering::Release);
        self.token.cancel();
    }

    /// Completes when a connection is to end. It is for one task: only the first poll says whom to wake.
    pub(super) async fn wait(&self) {
        let mut told = pin!(self.token.cancelled());
        let mut is_asked = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut is_asked, true) && !self.has_come.load(Ordering::Acquire) {
                return Poll::Pending;
            }
            told.as_mut().poll(cx)
        })
        .await;
    }
}

/// The connections that are open: how they are told to end, all at once.
#[derive(Debug, Default)]
pub(super) struct Open {
    ends: End,
    connections: TaskTracker,
}

impl Open {
    /// Runs one more connection, which is to be [counted](Self::count); `serve` makes it of what completes
    /// when it is to end.
    pub(super) fn run<F>(&self, serve: impl FnOnce(End) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(tokio::spawn(serve(self.ends.clone())));
    }

    /// Counts a connection as open until what is returned is dropped: one that was upgraded goes on when it
    /// is served no more.
    pub(super) fn count(&self) -> TaskTrackerToken {
        self.connections.token()
    }

    /// Closes the connections that are idle, and the others when what they run is answered.
    pub(super) fn shed(&mut self) {
        std::mem::take(&mut self.ends).come();
    }

    /// Closes all in the same way, and waits until they are closed.
    pub(super) async fn shutdown(self) {
        self.ends.come();
        self.connections.close();
        self.connections.wait().await;
    }
}
