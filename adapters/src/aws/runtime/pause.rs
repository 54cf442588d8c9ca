//! How long to wait where trying again at once would not help.

use std::time::Duration;

/// A pause that doubles, up to a second.
#[derive(Debug, Default)]
pub(super) struct Pause(Option<Duration>);

impl Pause {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);

    /// Returns the pause before the next try.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self
            .0
            .map_or(Self::FIRST, |last| (last * 2).min(Self::LONGEST));
        self.0 = Some(pause);
        pause
    }

    /// Begins anew, after a success.
    pub(super) fn reset(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_a_second_and_begins_anew() {
        let mut pause = Pause::default();
        let all: Vec<_> = (0..9).map(|_| pause.next().as_millis()).collect();
        assert_eq!(all, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        pause.reset();
        assert_eq!(pause.next(), Pause::FIRST);
    }
}
