//! What is Lambda's alone: one process through everything that invocations can bring.

use std::sync::Arc;
use std::time::Duration;

use isobar_hosts::lambda::{Door, Function, Invocation, Sandbox};
use isobar_hosts::{Front, body};

use crate::host::{Answer, get};
use crate::programs::program;

/// How many invocations; `ISOBAR_SOAK=100000` for a long run.
fn many() -> usize {
    let wanted = std::env::var("ISOBAR_SOAK").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(3_000)
}

async fn status(front: &Arc<dyn Front>, target: &str) -> u16 {
    let request = get(target).body(body::empty()).unwrap();
    let response = front.send(request).await.unwrap();
    Answer::read(response).await.status.as_u16()
}

/// An invocation that goes wrong, each in its turn: a failure, a panic, too much, and nonsense.
async fn wrong(front: &Arc<dyn Front>, sandbox: &Sandbox, turn: usize) {
    match turn % 4 {
        0 => assert_eq!(status(front, "/fail").await, 500),
        1 => assert_eq!(status(front, "/panic").await, 500),
        2 => assert_eq!(status(front, "/bytes?n=6400000").await, 502),
        _ => {
            let answer = sandbox
                .invoke(Invocation::new("{\"Records\":[]}"))
                .await
                .unwrap();
            assert!(answer.error_type.starts_with("Runtime."), "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_lives_through_everything_and_keeps_its_memory() {
    let launch = program("mirror")
        .env("RUST_BACKTRACE", "0")
        .env("RUST_LOG", "off");
    let function = Function::new(launch).timeout(Duration::from_secs(30));
    let sandbox = function.start().await.unwrap();
    let started = sandbox.front(Door::function_url()).any();
    let (front, many) = (started.front, many());
    let mut early = 0;
    for n in 0..many {
        if n % 10 == 9 {
            wrong(&front, &sandbox, n / 10).await;
        } else {
            assert_eq!(status(&front, "/x").await, 200);
        }
        if n == many / 5 {
            early = started.program.memory_kib().unwrap().resident;
        }
    }
    assert_eq!(
        sandbox.starts().await,
        1,
        "the process ended and was started again"
    );
    let late = started.program.memory_kib().unwrap().resident;
    assert!(
        late < early + early / 4 + 4096,
        "memory grew from {early} to {late} KiB"
    );
}
