//! Reads that are tried before the system has said that there is something to read.
//!
//! On a busy processor the next request has often come by the time that an answer is written: whoever waits for the
//! answer runs first. To read it at once costs one system call; to wait for it costs another, and a turn of the
//! runtime. But other connections wait meanwhile, and where nothing has come the try is wasted. So it is for a
//! connection that is alone at work; wherever it was not, or nothing had come, reads are not tried for a while, which is
//! longer each time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// For how long requests are read so: then others have their turn, if there are any.
const TURN: Duration = Duration::from_micros(500);

/// How many tries in vain, one after the other, double the time without a try.
const MISSES: u8 = 6;

/// The same of requests behind those of others: to a thousand answers.
const CROWDS: u8 = 10;

/// How many requests are worked at, on all connections.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// A request that is worked at, until this is dropped.
pub(super) struct AtWork;

impl AtWork {
    pub(super) fn begin() -> Self {
        AT_WORK.fetch_add(1, Ordering::Relaxed);
        Self
    }

    pub(super) fn all() -> usize {
        AT_WORK.load(Ordering::Relaxed)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When a read is tried.
#[derive(Debug, Default)]
pub(super) struct Eager {
    /// The number of the last request among the process's.
    last: u64,
    /// When the turn has begun.
    since: Option<SystemTime>,
    /// A turn is over, and it is not known yet whether others have waited for that.
    was_over: bool,
    misses: u8,
    crowds: u8,
    /// How many times it is to be left out.
    left_out: u16,
}

impl Eager {
    /// Takes note of a request: its number among the process's.
    pub(super) fn comes(&mut self, number: u64) {
        let is_alone = number == self.last + 1;
        self.last = number;
        if !is_alone {
            self.is_crowded();
        } else if self.was_over {
            self.crowds = 0;
        }
        self.was_over = false;
    }

    /// Says whether a read is to be tried behind the answer that was written then, while so many `others` are at work:
    /// what they wait for may have come as well.
    pub(super) fn is_worth_a_try(&mut self, answered: Option<SystemTime>, others: usize) -> bool {
        let Some(now) = answered else {
            return false;
        };
        if self.left_out > 0 {
            self.left_out -= 1;
            return false;
        }
        if others > 0 {
            self.is_crowded();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        // A clock that was set back ends the turn too.
        let goes_on = now.duration_since(since).is_ok_and(|took| took < TURN);
        if !goes_on {
            self.is_over();
        }
        goes_on
    }

    /// Takes what came of a try, and returns it.
    pub(super) fn tried(&mut self, has_come: bool) -> bool {
        if has_come {
            self.misses = 0;
        } else {
            leave_out(&mut self.left_out, &mut self.misses, MISSES);
            self.is_over();
        }
        has_come
    }

    fn is_crowded(&mut self) {
        self.since = None;
        leave_out(&mut self.left_out, &mut self.crowds, CROWDS);
    }

    fn is_over(&mut self) {
        self.since = None;
        self.was_over = true;
    }
}

/// Leaves it out for twice as long as after the failure before.
fn leave_out(left_out: &mut u16, failures: &mut u8, most: u8) {
    *failures = most.min(*failures + 1);
    *left_out = (1 << *failures) - 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that answers a request each tenth of a millisecond.
    #[derive(Default)]
    struct Connection {
        eager: Eager,
        number: u64,
        answers: u32,
        /// How many other requests are worked at.
        at_work: usize,
    }

    impl Connection {
        /// Serves a request behind so many of others; says whether a read is tried then.
        fn serve(&mut self, others: u64) -> bool {
            self.number += 1 + others;
            self.eager.comes(self.number);
            self.answers += 1;
            let now = SystemTime::UNIX_EPOCH + self.answers * Duration::from_micros(100);
            self.eager.is_worth_a_try(Some(now), self.at_work)
        }

        /// The same, again and again until a read is tried: after how many answers.
        fn serve_till_tried(&mut self, others: u64) -> u32 {
            let before = self.answers;
            while !self.serve(others) {}
            self.answers - before
        }
    }

    #[test]
    fn who_is_alone_has_turn_after_turn() {
        let mut connection = Connection::default();
        assert!(
            !connection.eager.is_worth_a_try(None, 0),
            "nothing was answered"
        );
        connection.serve_till_tried(0);
        let tried = (0..600).filter(|_| connection.serve(0) && connection.eager.tried(true));
        // five of six: then others would have had theirs
        assert_eq!(tried.count(), 500);
    }

    #[test]
    fn where_others_are_at_work_it_is_left_out() {
        let mut connection = Connection::default();
        for _ in 0..2000 {
            assert!(!connection.serve(1));
        }
        // and tried again once they are not
        assert_eq!(connection.serve_till_tried(0), 1023);
        connection.eager.tried(true);
        while connection.serve(0) {}
        // others waited for the end of that turn
        connection.serve(1);
        assert_eq!(connection.serve_till_tried(0), 1023);
        while connection.serve(0) {}
        // nobody did
        connection.serve(0);
        connection.serve(1);
        assert_eq!(connection.serve_till_tried(0), 1);
    }

    #[test]
    fn who_waits_for_something_else_is_not_kept_from_it() {
        let mut connection = Connection {
            at_work: 1,
            ..Connection::default()
        };
        for _ in 0..3000 {
            assert!(!connection.serve(0));
        }
        connection.at_work = 0;
        assert!(connection.serve_till_tried(0) <= 1024);
        while connection.serve(0) {}
        assert_eq!(connection.serve_till_tried(0), 1);
    }

    #[test]
    fn it_is_tried_ever_more_rarely_where_nothing_comes() {
        let mut connection = Connection::default();
        for wanted in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
            assert_eq!(connection.serve_till_tried(0), wanted);
            connection.eager.tried(false);
        }
        assert_eq!(connection.serve_till_tried(0), 64);
        connection.eager.tried(true);
        connection.eager.tried(false);
        assert_eq!(connection.serve_till_tried(0), 2);
    }

    #[test]
    fn a_clock_that_is_set_back_ends_a_turn() {
        let mut connection = Connection {
            answers: 10,
            ..Connection::default()
        };
        assert!(connection.serve(0));
        connection.answers = 0;
        assert!(!connection.serve(0));
        assert!(connection.serve(0));
    }
}
