//! How a collector fares, and what is made of its failures.

use std::time::Duration;

use tokio::time::Instant;

/// After a failed export there is a pause, which grows while the collector stays away: a failure must
/// not be paid for by every invocation.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How a collector fares.
#[derive(Debug)]
pub(super) struct Patience {
    pause: Duration,
    paused_until: Option<Instant>,
    /// True once a failure was logged that no success has followed.
    has_failed: bool,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self {
            pause: PAUSES.0,
            paused_until: None,
            has_failed: false,
        }
    }

    /// Returns until when a failed export is not tried again.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.paused_until.filter(|until| Instant::now() < *until)
    }

    /// Notes a failure; returns true if it is the first of a row, which is said.
    pub(super) fn failed(&mut self) -> bool {
        self.paused_until = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(PAUSES.1);
        !std::mem::replace(&mut self.has_failed, true)
    }

    /// Notes a success; returns true if it is the end of a row of failures, which is said.
    pub(super) fn succeeded(&mut self) -> bool {
        (self.pause, self.paused_until) = (PAUSES.0, None);
        std::mem::take(&mut self.has_failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_the_first_failure_alone_is_said() {
        let mut patience = Patience::new();
        for (seconds, is_said) in [1, 2, 4, 8, 16, 30, 30]
            .into_iter()
            .zip([true].into_iter().chain([false; 6]))
        {
            assert_eq!(patience.failed(), is_said);
            tokio::time::advance(Duration::from_millis(seconds * 1000 - 1)).await;
            assert!(patience.paused_until().is_some(), "{seconds}");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(patience.paused_until().is_none(), "{seconds}");
        }
        assert!(patience.succeeded() && !patience.succeeded());
        assert!(patience.failed());
    }
}
