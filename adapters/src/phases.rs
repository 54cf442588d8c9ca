//! How long a start took, phase by phase.

use std::time::{Duration, Instant};

/// A clock that is read at the end of each phase of a start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phases {
    last: Instant,
    /// From the call of `start` to a runtime that runs, in milliseconds; `None` where the program
    /// brought a runtime of its own.
    pub(crate) runtime_ms: Option<f64>,
}

impl Phases {
    pub(crate) fn begin() -> Self {
        Self {
            last: Instant::now(),
            runtime_ms: None,
        }
    }

    /// Ends a phase: returns its milliseconds, and begins the next.
    pub(crate) fn lap(&mut self) -> f64 {
        let now = Instant::now();
        let took = now.duration_since(std::mem::replace(&mut self.last, now));
        milliseconds(took)
    }
}

/// A log's milliseconds: no finer than a tenth.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lap_begins_where_the_last_one_ended() {
        let mut phases = Phases::begin();
        std::thread::sleep(Duration::from_millis(20));
        assert!(phases.lap() >= 20.0);
        let begun = phases.last;
        assert!(phases.lap() <= milliseconds(begun.elapsed()) + 0.1);
        assert_eq!(
            milliseconds(Duration::from_micros(12_340)).to_string(),
            "12.3"
        );
    }
}
