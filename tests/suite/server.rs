//! The server that several hosts share: its limits, its end, and its memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use isobar_hosts::client::raw;
use isobar_hosts::local::Local;
use isobar_hosts::program::Signal;
use isobar_hosts::{Client, Front, Program, body};

use crate::host::get;
use crate::programs::program;

async fn mirror<const N: usize>(variables: [(&str, &str); N]) -> (SocketAddr, Arc<Program>) {
    let launch = program("mirror");
    let launch = variables
        .into_iter()
        .fold(launch, |launch, (name, value)| launch.env(name, value));
    let started = Local::start(launch).await.unwrap();
    (started.front.address(), started.program)
}

/// Sends bytes, and returns the answer; `None` if the connection was closed without one.
async fn answer_to(address: SocketAddr, bytes: &str) -> Option<raw::Answer> {
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection.send(bytes).await.unwrap();
    connection.answer().await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_requests_survive_a_sigterm() {
    let (address, program) = mirror([("ISOBAR_GRACE", "10")]).await;
    let mut idle = raw::Connection::open(address).await.unwrap();
    idle.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(idle.answer().await.unwrap().status, 200);
    let running: Vec<_> = (0..64)
        .map(|_| {
            tokio::spawn(async move {
                answer_to(address, "GET /sleep?ms=2000 HTTP/1.1\r\nhost: a\r\n\r\n")
                    .await
                    .map(|a| a.status)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    program.signal(Signal::Terminate).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(
        raw::Connection::open(address).await.is_err(),
        "a new connection was accepted"
    );
    assert!(
        idle.rest().await.unwrap().is_empty(),
        "the idle connection was not closed"
    );
    for request in running {
        assert_eq!(request.await.unwrap(), Some(200), "a request was lost");
    }
    assert_eq!(
        program.wait(Duration::from_secs(3)).await.unwrap().code(),
        Some(0)
    );
}

/// What came before the signal is served, though nobody had read it yet.
#[tokio::test]
async fn what_was_sent_before_a_sigterm_is_answered() {
    const GET: &str = "GET /x HTTP/1.1\r\nhost: a\r\n\r\n";
    let (address, program) = mirror([]).await;
    let mut kept = raw::Connection::open(address).await.unwrap();
    kept.send(GET).await.unwrap();
    assert_eq!(kept.answer().await.unwrap().status, 200);
    let silent = raw::Connection::open(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    program.signal(Signal::Stop).unwrap();
    let mut sent = vec![kept, silent];
    for _ in 0..16 {
        sent.push(raw::Connection::open(address).await.unwrap());
    }
    for connection in &mut sent {
        connection.send(GET).await.unwrap();
    }
    program.signal(Signal::Terminate).unwrap();
    program.signal(Signal::Continue).unwrap();
    for mut connection in sent {
        assert_eq!(connection.answer().await.unwrap().status, 200);
    }
    let ended = program.wait(Duration::from_secs(3)).await.unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn a_grace_that_is_over_cuts_off_what_still_runs() {
    let (address, program) = mirror([("ISOBAR_GRACE", "0.5")]).await;
    let request = tokio::spawn(answer_to(
        address,
        "GET /sleep?ms=20000 HTTP/1.1\r\nhost: a\r\n\r\n",
    ));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(
        stopped.status.success() && stopped.after < Duration::from_secs(2),
        "{stopped:?}"
    );
    // what is cut off is told so
    assert_eq!(request.await.unwrap().unwrap().status, 504);
    assert!(has(&program, "cancelled"), "what it spawned was not told");
}

fn has(program: &Program, text: &str) -> bool {
    program.stderr().iter().any(|line| line.contains(text))
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let (address, program) = mirror([]).await;
    let request = tokio::spawn(answer_to(
        address,
        "GET /sleep?ms=20000 HTTP/1.1\r\nhost: a\r\n\r\n",
    ));
    tokio::time::sleep(Duration::from_millis(300)).await;
    program.signal(Signal::Interrupt).unwrap();
    program
        .wait_line("ending", Duration::from_secs(2))
        .await
        .unwrap();
    program.signal(Signal::Interrupt).unwrap();
    assert!(
        program
            .wait(Duration::from_secs(2))
            .await
            .unwrap()
            .success()
    );
    assert_eq!(request.await.unwrap().unwrap().status, 504);
}

#[tokio::test]
async fn background_work_is_finished_within_the_grace() {
    let (address, program) = mirror([]).await;
    let answer = answer_to(address, "GET /wait?ms=1000 HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    let stopped = program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(stopped.status.success());
    assert!(has(&program, "waited for"));
    assert!(!has(&program, "cut off"));
}

#[tokio::test]
async fn background_work_past_the_grace_is_cut_off_and_counted() {
    let (address, program) = mirror([("ISOBAR_GRACE", "0.3")]).await;
    let wait = "GET /wait?ms=20000&pieces=3 HTTP/1.1\r\nhost: a\r\n\r\n";
    assert_eq!(answer_to(address, wait).await.unwrap().status, 200);
    let stopped = program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
    let cut_off = crate::life::cut_off(&program.stderr());
    assert!(cut_off.contains("unfinished=3"), "{cut_off}");
}

#[tokio::test]
async fn background_work_comes_before_the_answer_where_asked_for() {
    let (address, _program) = mirror([("ISOBAR_WAIT", "answer")]).await;
    let begun = Instant::now();
    answer_to(address, "GET /wait?ms=500 HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(500));
}

#[tokio::test]
async fn a_head_that_does_not_end_is_given_up() {
    let (address, _program) = mirror([("ISOBAR_HEAD_TIMEOUT", "0.5")]).await;
    // HTTP/2, which has no such heads, begins in the same way as the second
    for head in [
        "GET /x HTTP/1.1\r\nhost: a\r\nx-",
        "PRINT /x HTTP/1.1\r\nx-",
    ] {
        let begun = Instant::now();
        let mut connection = raw::Connection::open(address).await.unwrap();
        connection.send(head).await.unwrap();
        let rest = connection.rest().await.unwrap_or_default();
        assert!(
            rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"),
            "{rest:?}"
        );
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head() {
    let (address, _program) = mirror([("ISOBAR_HEAD_TIMEOUT", "0.3")]).await;
    let mut connection = raw::Connection::open(address).await.unwrap();
    for _ in 0..2 {
        connection
            .send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(connection.answer().await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_a_408() {
    let (address, _program) = mirror([("ISOBAR_READ_TIMEOUT", "0.3")]).await;
    let stalled = "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf";
    assert_eq!(answer_to(address, stalled).await.unwrap().status, 408);
}

#[tokio::test]
async fn odd_targets_are_answered() {
    let (address, _program) = mirror([]).await;
    for (line, path, authority) in [
        ("GET http://b.example/x?y HTTP/1.1", "/x", "b.example"),
        (
            "GET //evil.example/x HTTP/1.1",
            "//evil.example/x",
            "a.example",
        ),
        ("OPTIONS * HTTP/1.1", "*", "a.example"),
    ] {
        let answer = answer_to(address, &format!("{line}\r\nhost: a.example\r\n\r\n"))
            .await
            .unwrap();
        let seen: serde_json::Value = serde_json::from_slice(&answer.body()).unwrap();
        assert_eq!(
            (&seen["path"], &seen["authority"]),
            (&path.into(), &authority.into()),
            "{line}"
        );
    }
    for (request, status) in [
        ("GET /x HTTP/1.0\r\n\r\n", 200),
        ("GET /x\\ y HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        (
            "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
            400,
        ),
    ] {
        assert_eq!(
            answer_to(address, request).await.unwrap().status,
            status,
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn http1_and_http2_share_the_port() {
    let (address, _program) = mirror([]).await;
    for client in [
        Client::connect(address).await,
        Client::connect_h2c(address).await,
    ] {
        let request = get("/x").body(body::empty()).unwrap();
        assert_eq!(client.unwrap().send(request).await.unwrap().status(), 200);
    }
}

/// Memory while a gigabyte passes, in each direction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_each_way_keeps_memory_flat() {
    const CHUNK: usize = 1 << 20;
    let started = Local::start(program("mirror").env("ISOBAR_BODY_LIMIT", "0"))
        .await
        .unwrap();
    assert_eq!(started.front.name(), "local");
    let before = started.program.memory_kib().unwrap().peak;
    let request = get(&format!("/stream?chunks=1024&size={CHUNK}"))
        .body(body::empty())
        .unwrap();
    let mut down = started.front.send(request).await.unwrap().into_body();
    let mut bytes = 0;
    while let Some(data) = body::next(&mut down).await.unwrap() {
        bytes += data.len();
    }
    assert_eq!(bytes, 1 << 30);
    let chunk = Bytes::from(vec![b'x'; CHUNK]);
    let up = body::chunks(std::iter::repeat_n(chunk, 1024).collect::<Vec<_>>());
    let request = http::Request::post("http://a.example/count")
        .body(up)
        .unwrap();
    let response = started.front.send(request).await.unwrap();
    let counted = body::collect(response.into_body()).await.unwrap();
    assert_eq!(counted, format!("{{\"bytes\":{}}}", 1 << 30));
    let after = started.program.memory_kib().unwrap().peak;
    assert!(
        after < before + 16 * 1024,
        "memory grew from {before} to {after} KiB"
    );
}
