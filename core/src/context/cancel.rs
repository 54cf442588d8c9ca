use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A flag that futures can wait for.
#[derive(Default)]
pub(super) struct Cancel(Mutex<State>);

#[derive(Default)]
struct State {
    set: bool,
    waiting: Vec<Waker>,
}

impl Cancel {
    pub(super) fn set(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.set = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.set {
            return Poll::Ready(());
        }
        if !state
            .waiting
            .iter()
            .any(|waker| waker.will_wake(cx.waker()))
        {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
