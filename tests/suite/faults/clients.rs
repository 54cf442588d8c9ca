//! Clients that are slow, many, endless, or liars, and those that go away.

use std::time::{Duration, Instant};

use isobar_hosts::Launch;
use isobar_hosts::client::raw;
use tokio::time::sleep;

use super::{SOON, faulty, get, served, status, still_serves};

/// Starts a program that may have only so many files open.
fn with_files(files: u32) -> Launch {
    let faulty = faulty();
    let script = format!("ulimit -n {files}; exec \"$0\"");
    let shell = Launch::new("/bin/sh").arg("-c").arg(script);
    shell.arg(faulty.binary())
}

#[tokio::test]
async fn a_head_that_drips_in_is_given_up_though_it_never_pauses() {
    let (address, program) = served(faulty().env("ISOBAR_HEAD_TIMEOUT", "1")).await;
    let mut slow = raw::Connection::open(address).await.unwrap();
    let head = get("/x").into_bytes();
    let endless = [&head[..head.len() - 2], &[b'x'; 2000]].concat();
    let dripping = slow.send_slowly(&endless, 1, Duration::from_millis(20));
    let given_up = tokio::time::timeout(SOON, dripping).await;
    assert!(given_up.expect("it is read for ever").is_err());
    still_serves(address, &program).await;
}

/// Its time begins with it, whatever the ones before it took.
#[tokio::test]
async fn each_head_of_a_connection_has_a_time_of_its_own() {
    let (address, program) = served(faulty().env("ISOBAR_HEAD_TIMEOUT", "2")).await;
    let mut slow = raw::Connection::open(address).await.unwrap();
    let head = get("/x");
    let (first, rest) = head.split_at(20);
    for _ in 0..3 {
        slow.send(first).await.unwrap();
        sleep(Duration::from_millis(1200)).await;
        slow.send(rest).await.unwrap();
        assert_eq!(slow.answer().await.unwrap().status, 200);
    }
    slow.send(first).await.unwrap();
    let begun = Instant::now();
    let closed = tokio::time::timeout(SOON, slow.rest()).await;
    drop(closed.expect("it is waited for for ever"));
    assert!(begun.elapsed() > Duration::from_millis(1800), "{begun:?}");
    still_serves(address, &program).await;
}

#[tokio::test]
async fn a_body_that_drips_in_lasts_until_the_deadline() {
    let (address, program) = served(faulty().env("ISOBAR_DEADLINE", "1")).await;
    let mut slow = raw::Connection::open(address).await.unwrap();
    let head = "POST /size HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n";
    slow.send(head).await.unwrap();
    let answered = async {
        // each byte is a sign of life
        let _closed = slow
            .send_slowly(&[b'x'; 200], 1, Duration::from_millis(20))
            .await;
        slow.answer().await.unwrap().status
    };
    assert_eq!(answered.await, 504);
    still_serves(address, &program).await;
}

#[tokio::test]
async fn two_thousand_connections_keep_nobody_out() {
    let (address, program) = served(faulty()).await;
    let mut idle = Vec::new();
    for n in 0..2000 {
        let mut connection = raw::Connection::open(address).await.unwrap();
        if n % 2 == 0 {
            connection.send(get("/x")).await.unwrap();
            assert_eq!(connection.answer().await.unwrap().status, 200);
        }
        idle.push(connection);
    }
    still_serves(address, &program).await;
    let memory = program.memory_kib().unwrap().resident;
    assert!(memory < 96 << 10, "they take {memory} KiB");
    // and each of them is still served
    for connection in idle.iter_mut().take(50) {
        connection.send(get("/x")).await.unwrap();
        assert_eq!(connection.answer().await.unwrap().status, 200);
    }
}

/// Out of files the server closes what is idle, so that who comes next is served.
#[tokio::test]
async fn more_connections_than_files_keep_nobody_out() {
    let (address, program) = served(with_files(100)).await;
    let mut busy = raw::Connection::open(address).await.unwrap();
    busy.send(get("/block?ms=1500")).await.unwrap();
    program.wait_line("it blocks", SOON).await.unwrap();
    let mut idle = Vec::new();
    for n in 0..300 {
        let mut connection = raw::Connection::open(address).await.unwrap();
        if n % 2 == 0 {
            connection.send(get("/x")).await.unwrap();
        }
        idle.push(connection);
    }
    still_serves(address, &program).await;
    // what ran was not among what was idle
    let answer = busy.answer().await.unwrap();
    assert_eq!(
        (answer.status, answer.body().as_ref()),
        (200, &b"blocked"[..])
    );
    drop(idle);
    still_serves(address, &program).await;
    let stopped = program.stop(SOON).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
}

#[tokio::test]
async fn headers_without_end_are_refused_and_not_kept() {
    let (address, program) = served(faulty()).await;
    for begin in [
        "GET /x HTTP/1.1\r\nhost: a\r\n",
        "GET /x HTTP/1.1\r\nhost: a\r\nx: ",
    ] {
        let mut endless = raw::Connection::open(address).await.unwrap();
        endless.send(begin).await.unwrap();
        let line = format!("x-{}: {}\r\n", "a".repeat(90), "b".repeat(900)).repeat(64);
        let mut sent = 0;
        while sent < 256 << 20 && endless.send(&line).await.is_ok() {
            sent += line.len();
        }
        assert!(sent < 64 << 20, "{sent} bytes of one head were read");
    }
    still_serves(address, &program).await;
    let peak = program.memory_kib().unwrap().peak;
    assert!(peak < 64 << 10, "{peak} KiB");
}

#[tokio::test]
async fn a_body_shorter_than_it_is_said_to_be_is_no_body() {
    let (address, program) = served(faulty()).await;
    for head in [
        "POST /size HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf",
        "POST /size HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf",
    ] {
        let mut liar = raw::Connection::open(address).await.unwrap();
        liar.send(head).await.unwrap();
        liar.finish().await.unwrap();
        let answer = liar.answer().await;
        assert!(answer.is_err() || answer.unwrap().status == 400);
    }
    still_serves(address, &program).await;
    let lines = program.stderr().join("\n");
    assert!(
        !lines.contains("ERROR"),
        "a client's fault was taken for ours: {lines}"
    );
}

/// What did not arrive has to come again: a sender may drop what a 4xx refuses.
#[tokio::test]
async fn an_event_that_breaks_off_is_to_come_again() {
    let (address, program) = served(faulty()).await;
    let head =
        "POST /events/message/orders HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    let broken = format!("{head}5\r\nhello\r\nnonsense\r\n");
    assert_eq!(status(address, &broken).await, Some(503));
    let whole = format!("{head}5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(status(address, &whole).await, Some(204));
    still_serves(address, &program).await;
}

/// Where there is no limit, what a client says of a length is no reason to make room for it.
#[tokio::test]
async fn a_length_beyond_all_memory_is_only_said() {
    let (address, program) = served(faulty().env("ISOBAR_BODY_LIMIT", "0")).await;
    for length in [1 << 45, 1_u64 << 62, u64::MAX - 2] {
        for target in ["/size", "/events/message/orders"] {
            let head =
                format!("POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
            let mut liar = raw::Connection::open(address).await.unwrap();
            liar.send(head).await.unwrap();
            for _ in 0..3 {
                // what comes in several pieces is put together
                if liar.send("some").await.is_err() {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
            drop(liar);
        }
    }
    let chunk = "POST /size HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n7fffffffffffffff\r\nsome";
    let mut liar = raw::Connection::open(address).await.unwrap();
    liar.send(chunk).await.unwrap();
    drop(liar);
    still_serves(address, &program).await;
    let lines = program.stderr().join("\n");
    assert!(!lines.contains("panicked"), "{lines}");
}

#[tokio::test]
async fn clients_that_go_away_in_mid_stream_leave_nothing_behind() {
    let (address, program) = served(faulty()).await;
    let mut first = 0;
    for n in 0..40 {
        let mut leaving = raw::Connection::open(address).await.unwrap();
        leaving.send(get("/flood")).await.unwrap();
        leaving.exactly(100_000).await.unwrap();
        drop(leaving);
        program
            .wait_line("the flood was cut off", SOON)
            .await
            .unwrap();
        if n == 10 {
            first = program.memory_kib().unwrap().resident;
        }
    }
    still_serves(address, &program).await;
    let last = program.memory_kib().unwrap().resident;
    assert!(
        last < first + 8192,
        "memory grew from {first} to {last} KiB"
    );
}

/// Who asks for much and reads nothing would hold the handler's stream for ever.
#[tokio::test]
async fn a_client_that_stops_reading_is_given_up() {
    let (address, program) = served(faulty().env("ISOBAR_READ_TIMEOUT", "1")).await;
    let mut deaf = raw::Connection::open(address).await.unwrap();
    deaf.send(get("/flood")).await.unwrap();
    program
        .wait_line("the flood was cut off", SOON)
        .await
        .unwrap();
    still_serves(address, &program).await;
    // while one that reads slowly, but reads, gets all of it
    let mut slow = raw::Connection::open(address).await.unwrap();
    slow.send(get("/flood")).await.unwrap();
    for _ in 0..8 {
        slow.exactly(1 << 18).await.unwrap();
        sleep(Duration::from_millis(400)).await;
    }
    drop(slow);
    assert_eq!(status(address, &get("/x")).await, Some(200));
}
