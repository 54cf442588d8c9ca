//! Outcomes to play through: what the host is told where the handler succeeds, fails, fails for good.

use std::sync::Arc;

use isobar::{Error, Outcome};

/// The names of the outcomes, in print.
pub(crate) const SUCCEEDS: &str = "the handler succeeds";
pub(crate) const FAILS: &str = "it fails, or panics";
pub(crate) const FAILS_FOR_GOOD: &str = "it fails for good (Error::permanent)";
pub(crate) const LAST_FAILS: &str = "only the last one fails";

/// One that is played: its name, and what comes of each event.
pub(super) struct Played {
    /// In print.
    pub(super) name: &'static str,
    /// What kind it is.
    pub(super) kind: Kind,
    /// One for each event.
    pub(super) outcomes: Vec<Outcome>,
}

/// What kind of outcome it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All succeed.
    Done,
    /// All fail.
    Failed,
    /// The last of several fails.
    Partly,
    /// All fail for good.
    Dropped,
}

/// All that is played for so many events.
pub(super) fn all(events: usize) -> Vec<Played> {
    let done = || Outcome::Done(isobar::Reply::default());
    let failed = || Outcome::Retry(Arc::new(Error::from("it failed")));
    let dropped = || Outcome::Dropped(Arc::new(Error::from("it failed for good").permanent()));
    let all = |one: &dyn Fn() -> Outcome| (0..events).map(|_| one()).collect::<Vec<_>>();
    let mut played = vec![
        Played {
            name: SUCCEEDS,
            kind: Kind::Done,
            outcomes: all(&done),
        },
        Played {
            name: FAILS,
            kind: Kind::Failed,
            outcomes: all(&failed),
        },
        Played {
            name: FAILS_FOR_GOOD,
            kind: Kind::Dropped,
            outcomes: all(&dropped),
        },
    ];
    if events > 1 {
        let mut outcomes = all(&done);
        if let Some(last) = outcomes.last_mut() {
            *last = failed();
        }
        let partly = Played {
            name: LAST_FAILS,
            kind: Kind::Partly,
            outcomes,
        };
        played.insert(2, partly);
    }
    played
}
