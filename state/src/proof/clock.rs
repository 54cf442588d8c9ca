use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::Time;

/// A clock that stands still until it is told to go on.
#[derive(Debug)]
pub(crate) struct VirtualClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Time,
    sleepers: Vec<Waker>,
}

impl VirtualClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            now: Time::now(),
            sleepers: Vec::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Time {
        self.state().now
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        let end = self.now().after(duration);
        poll_fn(|cx| {
            let mut state = self.state();
            if state.now >= end {
                return Poll::Ready(());
            }
            state.sleepers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(crate) fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.now = state.now.after(duration);
        let sleepers = std::mem::take(&mut state.sleepers);
        drop(state);
        sleepers.into_iter().for_each(Waker::wake);
    }
}
