//! The connections that are open.

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio_util::task::TaskTracker;

/// The connections that are open: how they are told to end, all at once.
#[derive(Debug, Default)]
pub(super) struct Open {
    now: GracefulShutdown,
    /// Of what was open before, what still runs.
    before: TaskTracker,
}

impl Open {
    /// Returns what tells one more connection of its end.
    pub(super) fn watcher(&self) -> Watcher {
        self.now.watcher()
    }

    /// Closes the connections that are idle, and the others when what they run is answered.
    pub(super) fn shed(&mut self) {
        let all = std::mem::take(&mut self.now);
        drop(self.before.spawn(all.shutdown()));
    }

    /// Closes all in the same way, and waits until they are closed.
    pub(super) async fn shutdown(self) {
        self.before.close();
        self.now.shutdown().await;
        self.before.wait().await;
    }
}
