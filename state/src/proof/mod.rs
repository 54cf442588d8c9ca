//! Every interleaving of two deliveries of one event, with a fault at each of its steps.
//!
//! Two processes get the same event. Each stops before every operation on the store, before its
//! handler's effect and after it; what goes on next is chosen, and each choice there is gets played
//! in its turn, from a fresh key: the next step of one or the other, or one of some faults. A process
//! dies. The answer to an operation that was carried out is lost. A handler fails. The clock passes
//! every lease while all stand still. Then the host delivers again, until somebody acknowledges.

mod clock;
mod gate;
mod play;
mod process;
mod store;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Store;
pub(crate) use clock::VirtualClock;
use play::{Choices, Play};
pub(crate) use store::keeps_its_contract;
#[cfg(feature = "sqlite")]
pub(crate) use store::record;

/// Plays all interleavings with at most so many faults, and returns how many there were.
///
/// # Panics
///
/// When an effect came twice without a fault that allows it, or not at all, or a key was lost; the
/// message tells the steps.
pub(crate) async fn every_interleaving<S: Store + Clone>(store: &S, faults: usize) -> u32 {
    static PLAYS: AtomicU64 = AtomicU64::new(0);
    let mut choices = Choices::default();
    let mut plays = 0;
    loop {
        // a key of its own for each, also where a store outlives the test
        let run = crate::Owner::random().as_u64();
        let id = format!("{run:x}-{}", PLAYS.fetch_add(1, Ordering::Relaxed));
        Play::new(store.clone(), &id, faults)
            .run(&mut choices)
            .await;
        plays += 1;
        if !choices.next() {
            return plays;
        }
    }
}
