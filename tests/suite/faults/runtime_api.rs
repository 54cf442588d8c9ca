//! A Runtime API that is slow, closes, resets, refuses, or is gone.

use std::time::Duration;

use isobar_hosts::Launch;
use isobar_hosts::lambda::{Answer, Function, Invocation, Kind, OnAnswer, OnNext, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{SOON, faulty};

pub(super) fn event(path: &str) -> String {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "a.example"},
        "requestContext": {"domainName": "a.lambda-url.eu-west-1.on.aws", "stage": "$default",
            "http": {"method": "GET", "sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    })
    .to_string()
}

async fn sandbox(launch: Launch) -> Sandbox {
    let function = Function::new(launch).timeout(Duration::from_secs(30));
    function.start().await.unwrap()
}

async fn invoke(sandbox: &Sandbox, path: &str) -> Answer {
    let invocation = Invocation::new(event(path));
    sandbox.invoke(invocation).await.unwrap()
}

/// Fails unless the next invocation is answered, by the same process.
async fn goes_on(sandbox: &Sandbox, after: &str) {
    let answer = invoke(sandbox, "/x").await;
    assert_eq!(answer.kind, Kind::Response, "after {after}: {answer:?}");
    // the body of a buffered answer, or the end of a streamed one
    let text = String::from_utf8_lossy(&answer.bytes);
    assert!(text.contains("fine"), "after {after}: {text}");
    assert_eq!(sandbox.starts().await, 1, "after {after} the process ended");
}

#[tokio::test]
async fn a_poll_that_goes_wrong_loses_no_event() {
    let garbage = b"HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n".to_vec();
    let sandbox = sandbox(faulty()).await;
    for mischief in [
        OnNext::Idle,
        OnNext::Fail(500),
        OnNext::Fail(403),
        OnNext::Fail(413),
        OnNext::Fail(502),
        OnNext::Bytes(garbage),
        OnNext::Bytes(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()),
        OnNext::Bytes(Vec::new()),
        OnNext::CloseMidBody,
        OnNext::Reset,
        OnNext::Slow(Duration::from_millis(700)),
    ] {
        sandbox.on_next(mischief.clone());
        goes_on(&sandbox, &format!("{mischief:?}")).await;
    }
}

#[tokio::test]
async fn several_polls_in_a_row_may_go_wrong() {
    let sandbox = sandbox(faulty()).await;
    for mischief in [
        OnNext::Reset,
        OnNext::Fail(500),
        OnNext::Reset,
        OnNext::Fail(403),
    ] {
        sandbox.on_next(mischief);
    }
    goes_on(&sandbox, "four failures").await;
}

/// What the invoker hears is what the service made of it; that the loop goes on is ours.
#[tokio::test]
async fn an_answer_that_is_refused_or_lost_ends_nothing() {
    for launch in [faulty(), faulty().env("ISOBAR_RESPONSE_MODE", "stream")] {
        let sandbox = sandbox(launch).await;
        for mischief in [
            OnAnswer::Refuse(413),
            OnAnswer::Refuse(500),
            OnAnswer::Refuse(403),
            OnAnswer::Refuse(400),
            OnAnswer::Refuse(410),
            OnAnswer::Close,
            OnAnswer::Reset,
            OnAnswer::ResetUnread,
            OnAnswer::Slow(Duration::from_millis(700)),
        ] {
            sandbox.on_answer(mischief.clone());
            let answer = invoke(&sandbox, "/x").await;
            let is_over = matches!(answer.kind, Kind::Response | Kind::Error);
            assert!(is_over, "{mischief:?}: {answer:?}");
            goes_on(&sandbox, &format!("{mischief:?}")).await;
        }
    }
}

/// Reads a request's head, and as much of a body as its length says.
pub(super) async fn request(stream: &mut tokio::net::TcpStream) -> Option<String> {
    let mut arrived = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&arrived).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut arrived).await.ok()? == 0 {
            return None;
        }
    }
}

/// A service that sends an event byte by byte.
#[tokio::test]
async fn an_event_that_drips_in_is_handled_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let program = faulty().env("AWS_LAMBDA_RUNTIME_API", address);
    let program = program.start().unwrap();
    let event = event("/x");
    let reply = format!(
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\ncontent-length: {}\r\n\r\n{event}",
        event.len()
    );
    let (done, mut answered) = tokio::sync::mpsc::unbounded_channel();
    drop(tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (done, reply) = (done.clone(), reply.clone());
            drop(tokio::spawn(async move {
                while let Some(text) = request(&mut stream).await {
                    let reply = match text.split(' ').nth(1).unwrap() {
                        path if path.ends_with("/invocation/next") => &*reply,
                        path if path.ends_with("/response") => {
                            done.send(text.clone()).unwrap();
                            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
                        }
                        _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
                    };
                    for byte in reply.as_bytes() {
                        stream.write_all(&[*byte]).await.unwrap();
                        tokio::task::yield_now().await;
                    }
                }
            }));
        }
    }));
    for _ in 0..3 {
        let answer = tokio::time::timeout(SOON, answered.recv())
            .await
            .unwrap()
            .unwrap();
        assert!(answer.contains("\"statusCode\":200"), "{answer}");
    }
    assert_eq!(program.status(), None);
}

#[tokio::test]
async fn a_service_that_is_gone_ends_the_process_with_a_line_that_says_so() {
    // nobody listens there any more
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let program = faulty().env("AWS_LAMBDA_RUNTIME_API", address.to_string());
    let program = program.start().unwrap();
    let patience = Duration::from_secs(60);
    assert_eq!(program.wait(patience).await.unwrap().code(), Some(1));
    let last = program.stderr().pop().unwrap();
    assert!(last.contains("AWS_LAMBDA_RUNTIME_API"), "{last}");
}

#[tokio::test]
async fn a_handler_that_blocks_is_ended_by_the_service_and_started_anew() {
    let function = Function::new(faulty()).timeout(Duration::from_secs(2));
    let sandbox = function.start().await.unwrap();
    let mut blocked: serde_json::Value = serde_json::from_str(&event("/block")).unwrap();
    blocked["rawQueryString"] = json!("ms=60000");
    let answer = sandbox
        .invoke(Invocation::new(blocked.to_string()))
        .await
        .unwrap();
    assert_eq!(answer.kind, Kind::TimedOut, "{answer:?}");
    assert_eq!(invoke(&sandbox, "/x").await.json()["body"], "fine");
    assert_eq!(sandbox.starts().await, 2);
}
