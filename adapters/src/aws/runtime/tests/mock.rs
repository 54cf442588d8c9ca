use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::RunError;

/// A Runtime API that plays a script.
pub(super) struct Mock {
    listener: std::net::TcpListener,
    address: String,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    /// What polls get, raw; then they wait for ever.
    next: Mutex<VecDeque<Vec<u8>>>,
    /// What posts get; then 202.
    posts: Mutex<VecDeque<Vec<u8>>>,
    seen: Mutex<Vec<Seen>>,
    done: Notify,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    /// In lower case.
    pub(super) head: String,
    /// With the chunks' own framing.
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A whole reply.
pub(super) fn reply(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// The reply that brings an event, with more headers.
pub(super) fn delivery(event: &Value, headers: &str) -> Vec<u8> {
    let headers = format!("Lambda-Runtime-Aws-Request-Id: r-1\r\n{headers}");
    reply(200, &headers, &event.to_string())
}

impl Mock {
    pub(super) fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let script = Arc::default();
        Self {
            listener,
            address,
            script,
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Adds what a poll gets.
    pub(super) fn next(self, reply: Vec<u8>) -> Self {
        self.script.next.lock().unwrap().push_back(reply);
        self
    }

    pub(super) fn event(self, event: &Value) -> Self {
        self.next(delivery(event, ""))
    }

    /// Adds what a post gets.
    pub(super) fn post(self, reply: Vec<u8>) -> Self {
        self.script.posts.lock().unwrap().push_back(reply);
        self
    }

    /// Plays the script until it is at its end or `running` is; returns all but polls.
    pub(super) async fn until_done(
        self,
        running: impl Future<Output = Result<(), RunError>>,
    ) -> Vec<Seen> {
        let script = Arc::clone(&self.script);
        let listener = TcpListener::from_std(self.listener).unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(tokio::spawn(serve(stream, Arc::clone(&self.script))));
            }
        });
        tokio::select! {
            () = script.done.notified() => {}
            result = running => if let Err(error) = result {
                tracing::debug!("the loop ended: {error}");
            },
            () = tokio::time::sleep(Duration::from_secs(20)) => panic!("the script did not end: {:?}", script.seen),
        }
        serving.abort();
        let seen = script.seen.lock().unwrap();
        seen.iter()
            .filter(|seen| !seen.path.ends_with("/extension/register"))
            .cloned()
            .collect()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>) {
    let mut arrived = Vec::new();
    while let Some((path, head, body)) = request(&mut stream, &mut arrived).await {
        let answer = if head.starts_with("get ") {
            let next = script.next.lock().unwrap().pop_front();
            let Some(next) = next else {
                script.done.notify_one();
                return std::future::pending().await;
            };
            next
        } else if path.ends_with("/extension/register") {
            reply(404, "", "")
        } else {
            let post = script.posts.lock().unwrap().pop_front();
            script.seen.lock().unwrap().push(Seen { path, head, body });
            post.unwrap_or_else(|| reply(202, "", r#"{"status":"OK"}"#))
        };
        // In pieces, as a network may deliver it; an empty answer is a closed connection.
        for piece in answer.chunks((answer.len() / 3).max(1)) {
            stream.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        if answer.is_empty() {
            return;
        }
    }
}

/// Reads a request: its path, its head in lower case, and its body as it stands on the wire.
async fn request(
    stream: &mut TcpStream,
    arrived: &mut Vec<u8>,
) -> Option<(String, String, Vec<u8>)> {
    let end = until(stream, arrived, b"\r\n\r\n").await?;
    let raw = String::from_utf8(arrived.drain(..end).collect()).unwrap();
    let path = raw.split(' ').nth(1)?.to_owned();
    let head = raw.to_ascii_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let length = match length {
        Some(length) => length.parse().unwrap(),
        None if head.contains("chunked") => {
            let last = until(stream, arrived, b"\r\n0\r\n").await?;
            let rest: Vec<u8> = arrived.split_off(last - 2);
            let mut rest = rest;
            let end = until(stream, &mut rest, b"\r\n\r\n").await?;
            arrived.extend(&rest);
            last - 2 + end
        }
        None => 0,
    };
    while arrived.len() < length {
        if stream.read_buf(arrived).await.ok()? == 0 {
            return None;
        }
    }
    Some((path, head, arrived.drain(..length).collect()))
}

async fn until(stream: &mut TcpStream, arrived: &mut Vec<u8>, end: &[u8]) -> Option<usize> {
    loop {
        if let Some(at) = arrived.windows(end.len()).position(|window| window == end) {
            return Some(at + end.len());
        }
        if stream.read_buf(arrived).await.ok()? == 0 {
            return None;
        }
    }
}
