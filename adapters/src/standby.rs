//! What stands by for a handler that blocks its thread, which must not stop the others: a server has two
//! workers at least.
//!
//! A worker that sleeps until something happens on a connection is the only one that hears of it, and
//! it calls no other before it goes to work on what it has heard. If that blocks, nobody listens to any
//! connection, though all other workers are free. So a thread looks now and then whether the work has
//! come to a halt, and then has one of them listen.
//!
//! On one processor two workers wake each other at every request, which costs a fifth of it; so there the
//! second is that thread, and does nothing else until the first has not come back for a while.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Runtime, RuntimeMetrics};

/// How long a worker may be away before another takes part.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the second of one processor then takes part.
const HELP: Duration = Duration::from_millis(500);

/// What shows that work is done: it changes with every request.
static PROGRESS: AtomicU64 = AtomicU64::new(0);

/// Notes that a request is worked at, and returns which it is.
pub(crate) fn progress() -> u64 {
    PROGRESS.fetch_add(1, Ordering::Relaxed)
}

/// Stands by for a runtime with more than one worker.
pub(crate) fn begin(runtime: &Runtime, processors: usize) {
    if processors == 1 {
        keep(runtime);
    } else {
        watch(runtime);
    }
}

/// Has a worker that sleeps look around, whenever another is stuck: it finds nothing to do, and listens
/// to the connections then.
fn watch(runtime: &Runtime) {
    let handle = runtime.handle().clone();
    let watching = move || {
        let metrics = handle.metrics();
        let mut before = state(&metrics);
        loop {
            thread::sleep(PATIENCE);
            let now = state(&metrics);
            if now == before && now.awake > 0 {
                drop(handle.spawn(async {}));
            }
            before = now;
        }
    };
    let thread = thread::Builder::new().name("standby".into());
    if let Err(error) = thread.spawn(watching) {
        tracing::warn!("no thread can stand by for handlers that block: {error}");
    }
}

/// Keeps one of the runtime's workers busy with nothing, until the other is stuck.
fn keep(runtime: &Runtime) {
    let handle = runtime.handle().clone();
    drop(runtime.spawn(async move {
        let metrics = handle.metrics();
        loop {
            let other = handle.clone();
            // A worker that is called from without, and finds nothing to do, listens: this one may have been
            // the one that did, and calls no other.
            let call = move || drop(other.spawn(async {}));
            match thread::Builder::new().name("standby".into()).spawn(call) {
                Ok(_it_ends_at_once) => hold(&metrics),
                Err(error) => tracing::debug!("both workers take part: {error}"),
            }
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
        if now == before && now.awake == metrics.num_workers() {
            return;
        }
        before = now;
    }
}

#[derive(PartialEq)]
struct State {
    progress: u64,
    parks: u64,
    /// How many workers do not sleep.
    awake: usize,
}

fn state(metrics: &RuntimeMetrics) -> State {
    // odd while a worker sleeps
    let counts = || (0..metrics.num_workers()).map(|n| metrics.worker_park_unpark_count(n));
    State {
        progress: PROGRESS.load(Ordering::Relaxed),
        parks: counts().sum(),
        awake: counts().filter(|count| count % 2 == 0).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;
    use tokio::runtime::Builder;

    fn runtime() -> Runtime {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().unwrap()
    }

    #[test]
    fn a_blocked_worker_stops_no_other_task() {
        let runtime = runtime();
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

    /// What helped goes back to its place, again and again: somebody listens all the while.
    #[test]
    fn whoever_is_kept_again_leaves_another_to_listen() {
        let runtime = runtime();
        keep(&runtime);
        for round in 0..6 {
            let (tell, told) = std::sync::mpsc::channel();
            drop(runtime.spawn(async move {
                // It ends when the other is kept again: nobody but who listens hears of that.
                tokio::time::sleep(HELP + 9 * PATIENCE).await;
                tell.send(()).unwrap();
            }));
            drop(runtime.spawn(async { thread::sleep(4 * PATIENCE) }));
            let heard = told.recv_timeout(HELP + 40 * PATIENCE);
            assert_eq!(heard, Ok(()), "nobody listens in round {round}");
        }
        runtime.shutdown_background();
    }

    /// The worker that listens is the one that blocks, again and again.
    #[test]
    fn a_blocked_worker_leaves_no_connection_unheard() {
        static CAME_BACK: AtomicBool = AtomicBool::new(false);
        let runtime = runtime();
        watch(&runtime);
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            drop(tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut byte = [0];
                // What the client sends wakes the worker that listens.
                tokio::io::AsyncReadExt::read_exact(&mut stream, &mut byte)
                    .await
                    .unwrap();
                thread::sleep(Duration::from_secs(5));
                CAME_BACK.store(true, Ordering::Relaxed);
            }));
            let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            tokio::io::AsyncWriteExt::write_all(&mut client, b"x")
                .await
                .unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
        assert!(!CAME_BACK.load(Ordering::Relaxed), "nobody listened");
        runtime.shutdown_background();
    }
}
