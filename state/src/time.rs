//! Moments that several machines can compare, and the clock that tells them.

#[cfg(test)]
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since the Unix epoch.
///
/// Machines compare each other's: their clocks have to agree within a small part of the lease, as
/// those of every cloud do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    /// Makes one of milliseconds since the Unix epoch.
    pub fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since the Unix epoch.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns this moment by the machine's clock.
    pub fn now() -> Self {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(Self(0), |since| Self(0).after(since))
    }

    /// Returns the moment that is `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Returns how long it is from `earlier` to this, zero where that is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// What tells the time, and waits.
#[derive(Clone, Debug, Default)]
pub(crate) enum Clock {
    /// The machine's, which goes on while a host has frozen the process; waits by tokio's timer.
    #[default]
    System,
    /// One that a test sets.
    #[cfg(test)]
    Virtual(Arc<crate::proof::VirtualClock>),
    /// That of a test whose runtime's time is paused, from this moment of both on.
    #[cfg(test)]
    Paused(Time, tokio::time::Instant),
}

impl Clock {
    #[cfg(test)]
    pub(crate) fn paused() -> Self {
        Self::Paused(Time::now(), tokio::time::Instant::now())
    }

    pub(crate) fn now(&self) -> Time {
        match self {
            Self::System => Time::now(),
            #[cfg(test)]
            Self::Virtual(clock) => clock.now(),
            #[cfg(test)]
            Self::Paused(start, instant) => start.after(instant.elapsed()),
        }
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        match self {
            Self::System => tokio::time::sleep(duration).await,
            #[cfg(test)]
            Self::Virtual(clock) => clock.sleep(duration).await,
            #[cfg(test)]
            Self::Paused(..) => tokio::time::sleep(duration).await,
        }
    }
}
