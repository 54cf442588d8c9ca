//! On one processor, a second worker that stands by.
//!
//! A handler that blocks its thread must not stop the others, so a server has two workers. Where
//! there is one processor, two wake each other at every request, which costs a fifth of it; so the
//! second does nothing until the first has not come back for a while.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Runtime, RuntimeMetrics};

/// How long the first may be away before the second takes part.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the second then takes part.
const HELP: Duration = Duration::from_millis(500);

/// What shows that work is done: it changes with every request.
static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Notes that work is done.
pub(crate) fn progress() {
    PROGRESS.fetch_add(1, Ordering::Relaxed);
}

/// Keeps one of the runtime's workers busy with nothing, until the other is stuck.
pub(crate) fn keep(runtime: &Runtime) {
    let metrics = runtime.handle().metrics();
    drop(runtime.spawn(async move {
        loop {
            hold(&metrics);
            tokio::time::sleep(HELP).await;
        }
    }));
}

/// Blocks this worker until another is stuck: neither asleep nor any further.
fn hold(metrics: &RuntimeMetrics) {
    let mut before = state(metrics);
    loop {
        thread::sleep(PATIENCE);
        let now = state(metrics);
        if now == before && now.are_awake {
            return;
        }
        before = now;
    }
}

#[derive(PartialEq)]
struct State {
    progress: u64,
    parks: u64,
    are_awake: bool,
}

fn state(metrics: &RuntimeMetrics) -> State {
    // odd while a worker sleeps
    let counts = || (0..metrics.num_workers()).map(|n| metrics.worker_park_unpark_count(n));
    State {
        progress: PROGRESS.load(Ordering::Relaxed),
        parks: counts().sum(),
        are_awake: counts().all(|count| count % 2 == 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tokio::runtime::Builder;

    #[test]
    fn a_blocked_worker_stops_no_other_task() {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        keep(&runtime);
        // the second worker is away by now
        thread::sleep(PATIENCE);
        let begun = Instant::now();
        let blocking = runtime.spawn(async { thread::sleep(Duration::from_secs(3)) });
        runtime.block_on(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            tokio::spawn(async {}).await.unwrap();
        });
        assert!(begun.elapsed() < Duration::from_secs(2), "nobody took part");
        blocking.abort();
        runtime.shutdown_background();
    }
}
