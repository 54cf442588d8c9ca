//! SIGTERM at every stage: what was accepted is served, and the process ends with 0.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use isobar_hosts::client::raw;
use isobar_hosts::lambda::{Door, Function};
use isobar_hosts::program::Signal;
use isobar_hosts::{Front, Program, body};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::{SOON, faulty, get, served};
use crate::host::{self, Answer};
use crate::programs::program;

/// Has the process end, and waits until it has begun to.
async fn terminate(program: &Program) {
    program.signal(Signal::Terminate).unwrap();
    program.wait_line("ending", SOON).await.unwrap();
}

async fn ended(program: &Program, stage: &str) {
    let status = program.wait(SOON).await.unwrap();
    assert_eq!(status.code(), Some(0), "{stage}");
    let lines = program.stderr().join("\n");
    assert!(!lines.contains("panicked"), "{stage}: {lines}");
}

async fn mirror() -> (SocketAddr, Arc<Program>, raw::Connection) {
    let (address, program) = served(program("mirror")).await;
    let connection = raw::Connection::open(address).await.unwrap();
    (address, program, connection)
}

#[tokio::test]
async fn before_any_request() {
    let (_address, program, silent) = mirror().await;
    terminate(&program).await;
    ended(&program, "before any request").await;
    drop(silent);
}

#[tokio::test]
async fn while_a_head_arrives() {
    let (_address, program, mut connection) = mirror().await;
    let (first, rest) = ("GET /x HTTP/1.1\r\nho", "st: a\r\n\r\n");
    connection.send(first).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    terminate(&program).await;
    connection.send(rest).await.unwrap();
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(connection.rest().await.unwrap().is_empty(), "it stays open");
    ended(&program, "while a head arrives").await;
}

#[tokio::test]
async fn while_a_body_arrives() {
    let (_address, program, mut connection) = mirror().await;
    let head = "POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\n\r\nhalf";
    connection.send(head).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    terminate(&program).await;
    connection.send("half").await.unwrap();
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.body(), "{\"bytes\":8}");
    ended(&program, "while a body arrives").await;
}

#[tokio::test]
async fn while_a_handler_runs() {
    let (_address, program, mut connection) = mirror().await;
    connection.send(get("/sleep?ms=1000")).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    terminate(&program).await;
    assert_eq!(connection.answer().await.unwrap().body(), "slept");
    ended(&program, "while a handler runs").await;
}

#[tokio::test]
async fn while_an_answer_is_streamed() {
    let (_address, program, mut connection) = mirror().await;
    let target = "/stream?chunks=4&every_ms=300";
    connection.send(get(target)).await.unwrap();
    connection.head().await.unwrap();
    terminate(&program).await;
    let rest = connection.rest().await.unwrap();
    let text = String::from_utf8_lossy(&rest);
    // the last chunk, and the end that says that it was the last
    assert!(
        text.contains("chunk 3") && text.ends_with("0\r\n\r\n"),
        "{text}"
    );
    ended(&program, "while an answer is streamed").await;
}

#[tokio::test]
async fn while_a_connection_waits_for_its_next_request() {
    let (address, program, mut connection) = mirror().await;
    connection.send(get("/x")).await.unwrap();
    assert_eq!(connection.answer().await.unwrap().status, 200);
    terminate(&program).await;
    assert!(connection.rest().await.unwrap().is_empty());
    ended(&program, "while a connection waits").await;
    assert!(raw::Connection::open(address).await.is_err());
}

#[tokio::test]
async fn while_the_answer_is_not_read() {
    let launch = faulty().env("ISOBAR_GRACE", "0.5");
    let (address, program) = served(launch).await;
    let mut deaf = raw::Connection::open(address).await.unwrap();
    deaf.send(get("/flood")).await.unwrap();
    deaf.exactly(100).await.unwrap();
    terminate(&program).await;
    ended(&program, "while the answer is not read").await;
}

/// Lambda tells an end only between invocations, but a test may tell it at any time.
#[tokio::test]
async fn on_lambda_at_every_stage() {
    for (stage, target, wanted) in [
        ("while a handler runs", "/sleep?ms=700", "slept"),
        (
            "while work goes on after the answer",
            "/wait?ms=700",
            "waiting",
        ),
        (
            "while an answer is streamed",
            "/stream?chunks=3&every_ms=300",
            "chunk 2",
        ),
    ] {
        let launch = program("mirror").env("ISOBAR_RESPONSE_MODE", "stream");
        let function = Function::new(launch).timeout(Duration::from_secs(30));
        let sandbox = function.start().await.unwrap();
        let started = sandbox.front(Door::function_url_stream()).any();
        let front: Arc<dyn Front> = started.front;
        let asked = tokio::spawn(async move {
            let request = host::get(target).body(body::empty()).unwrap();
            Answer::read(front.send(request).await.unwrap()).await
        });
        sleep(Duration::from_millis(300)).await;
        let program = started.program;
        terminate(&program).await;
        let text = asked.await.unwrap().text();
        assert!(text.contains(wanted), "{stage}: {text}");
        ended(&program, stage).await;
        if target.starts_with("/wait") {
            let lines = program.stderr().join("\n");
            assert!(lines.contains("waited for"), "{stage}: {lines}");
        }
    }
}

#[tokio::test]
async fn on_lambda_while_it_waits_for_an_event() {
    let sandbox = Function::new(program("mirror")).start().await.unwrap();
    let stopped = sandbox.stop().await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
}

/// What the service had handed over is answered, and nothing more is asked for: nobody else would get it.
#[tokio::test]
async fn on_lambda_while_an_event_arrives_and_while_one_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let launch = program("mirror").env("AWS_LAMBDA_RUNTIME_API", address);
    let program = launch.start().unwrap();
    let event = super::runtime_api::event("/x");
    let reply = format!(
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\ncontent-length: {}\r\n\r\n{event}",
        event.len()
    );
    let (half, rest) = reply.as_bytes().split_at(reply.len() / 2);
    let (mut asked, mut answers) = (0, 0);
    let served = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            while let Some(text) = super::runtime_api::request(&mut stream).await {
                if text.contains("/invocation/next") {
                    asked += 1;
                    stream.write_all(half).await.unwrap();
                    sleep(Duration::from_millis(200)).await;
                    if asked == 2 {
                        terminate(&program).await;
                        sleep(Duration::from_millis(200)).await;
                    }
                    stream.write_all(rest).await.unwrap();
                    continue;
                }
                answers += usize::from(text.contains("/response"));
                let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(accepted).await.unwrap();
            }
        }
    };
    tokio::select! {
        () = served => {}
        () = ended(&program, "while an event arrives") => {}
    }
    assert_eq!((asked, answers), (2, 2));
}
