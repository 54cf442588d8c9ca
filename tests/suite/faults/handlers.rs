//! Handlers that panic, leak, never end, break their stream off, or block.

use std::time::Duration;

use isobar_hosts::client::raw;

use super::{SOON, faulty, get, served, status, still_serves};
use crate::host::{Host, Kind};

const SERVED: [Kind; 4] = [
    Kind::Local,
    Kind::CloudRun,
    Kind::LambdaUrl,
    Kind::AzureProxied,
];

#[tokio::test]
async fn a_panic_costs_its_own_request_and_no_more() {
    for kind in SERVED {
        let host = Host::start(kind, faulty()).await;
        for _ in 0..20 {
            assert_eq!(host.get("/panic").await.status, 500, "{kind:?}");
        }
        assert_eq!(host.get("/elsewhere").await.text(), "elsewhere", "{kind:?}");
        host.still_serves().await;
    }
}

#[tokio::test]
async fn what_a_handler_leaks_holds_up_neither_the_next_request_nor_the_end() {
    for kind in SERVED {
        let host = Host::start(kind, faulty()).await;
        for _ in 0..200 {
            assert_eq!(host.get("/leak").await.text(), "leaked", "{kind:?}");
        }
        host.still_serves().await;
        let stopped = host.program.stop(SOON).await.unwrap();
        assert!(stopped.status.success() && !stopped.killed, "{kind:?}");
    }
}

#[tokio::test]
async fn a_handler_that_never_ends_is_ended_at_the_deadline() {
    for kind in SERVED {
        let launch = faulty().env("ISOBAR_DEADLINE", "0.3");
        let host = Host::start(kind, launch).await;
        for _ in 0..3 {
            assert_eq!(host.get("/never").await.status, 504, "{kind:?}");
        }
        let answer = host.get("/stall").await;
        let is_no_whole = answer.body.is_none() || answer.status.is_server_error();
        assert!(is_no_whole, "{kind:?}: {answer:?}");
        host.still_serves().await;
    }
}

/// What has no deadline ends when its client does.
#[tokio::test]
async fn a_handler_that_never_ends_outlives_no_client() {
    let (address, program) = served(faulty()).await;
    for target in ["/never", "/stall"] {
        for _ in 0..50 {
            let mut leaving = raw::Connection::open(address).await.unwrap();
            leaving.send(get(target)).await.unwrap();
        }
    }
    still_serves(address, &program).await;
    let stopped = program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
}

/// The client must not take a half for the whole, whatever was announced.
#[tokio::test]
async fn a_stream_that_is_shorter_than_announced_is_no_whole_answer() {
    let (address, program) = served(faulty()).await;
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection.send(get("/short")).await.unwrap();
    assert!(connection.answer().await.is_err());
    still_serves(address, &program).await;
    let host = Host::start(Kind::LambdaUrl, faulty()).await;
    // it was whole before it was sent, so its length is known
    let answer = host.get("/short").await;
    assert_eq!((answer.status.as_u16(), &*answer.text()), (200, "half"));
    host.still_serves().await;
}

/// One thread is blocked; another serves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_stops_no_other_request() {
    let (address, program) = served(faulty()).await;
    let blocked = tokio::spawn(async move {
        let mut connection = raw::Connection::open(address).await.unwrap();
        connection.send(get("/block?ms=5000")).await.unwrap();
        connection.answer().await.unwrap().status
    });
    // its thread is blocked when the log has its line, or soon after; none is needed for these
    for _ in 0..50 {
        assert_eq!(status(address, &get("/x")).await, Some(200));
    }
    assert!(!blocked.is_finished(), "the others waited for it");
    assert_eq!(blocked.await.unwrap(), 200);
    still_serves(address, &program).await;
}

#[tokio::test]
async fn a_blocked_thread_does_not_hold_up_the_end() {
    let (address, program) = served(faulty().env("ISOBAR_GRACE", "0.5")).await;
    let mut blocked = raw::Connection::open(address).await.unwrap();
    blocked.send(get("/block?ms=60000")).await.unwrap();
    assert_eq!(status(address, &get("/x")).await, Some(200));
    let stopped = program.stop(SOON).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
}
