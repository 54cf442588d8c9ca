//! The connections that are open.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The connections that are open: how they are told to end, all at once.
#[derive(Debug, Default)]
pub(super) struct Open {
    ends: CancellationToken,
    connections: TaskTracker,
}

impl Open {
    /// Runs one more connection; `serve` makes it of what completes when it is to end.
    pub(super) fn run<F>(&self, serve: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        drop(self.connections.spawn(serve(self.ends.clone())));
    }

    /// Counts a connection as open until what is returned is dropped: one that was upgraded goes on when it
    /// is served no more.
    pub(super) fn count(&self) -> TaskTrackerToken {
        self.connections.token()
    }

    /// Closes the connections that are idle, and the others when what they run is answered.
    pub(super) fn shed(&mut self) {
        std::mem::take(&mut self.ends).cancel();
    }

    /// Closes all in the same way, and waits until they are closed.
    pub(super) async fn shutdown(self) {
        self.ends.cancel();
        self.connections.close();
        self.connections.wait().await;
    }
}
