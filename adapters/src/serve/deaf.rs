//! A peer that reads nothing of what it is sent.
//!
//! While it does not, nobody polls the body that waits to be sent: no deadline ends it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

/// Fails writes that make no progress for so long.
pub(super) struct Deaf {
    limit: Duration,
    /// Armed when a write waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deaf {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, timer: None }
    }

    /// Looks at what came of a write.
    pub(super) fn poll(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.timer = None;
            return written;
        }
        let limit = self.limit;
        self.timer
            .get_or_insert_with(|| Box::pin(sleep(limit)))
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}
