//! Shows what a handler sees. Run it with `cargo run -p mirror`, then
//! `curl 'localhost:8080/any/path?x=1' -d text`.
//!
//! Deploy it to see what a host makes of your requests: every path answers a description of its
//! request, but these do something:
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /respond` | what the body describes: `{"status","headers":[[name,value]],"body":"<base64>"}` |
//! | `GET /stream?chunks=N&every_ms=M&size=B&then=fail` | N chunks, M ms apart, of B bytes; then an end, `fail`, `panic` or `hang` |
//! | `GET /sleep?ms=N` | `slept`, after N ms; where the invocation is over before, a task of its own logs that it was cancelled |
//! | `GET /wait?ms=N&pieces=P&sleep=M` | after M ms, with P pieces of work of N ms that outlive the answer and then log a line each |
//! | `GET`, `HEAD /bytes?n=N` | N bytes |
//! | `POST /count` | how many bytes the body had, streamed |
//! | `POST /echo` | the body, streamed |
//! | `GET /fail`, `GET /panic` | nothing good |
//!
//! Each event appends a line of JSON to the file that `MIRROR_EVENTS` names (standard output where
//! none is), and fails, fails for good or panics when its data, name or key contains
//! `mirror-fail`, `mirror-permanent` or `mirror-panic`.
//!
//! It has no secrets to show, and reads none. What it does show is the
//! request, so whoever can call it sees only what they sent and what the host added.

mod describe;
mod events;
mod respond;
mod stream;

use std::time::Duration;

use isobar::{App, Body, Error, IntoResponse, Json, Method, Request, RequestExt, Response, Result};

async fn mirror(request: Request) -> Result<Response> {
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::POST, "/respond") => respond::respond(request).await,
        (&Method::GET, "/stream") => Ok(stream::stream(&request)),
        (&Method::GET, "/sleep") => sleep(&request).await,
        (&Method::GET, "/wait") => wait(&request).await,
        (&Method::GET | &Method::HEAD, "/bytes") => Ok(bytes(&request).into_response()),
        (&Method::POST, "/count") => stream::count(request).await,
        (&Method::POST, "/echo") => Ok(request.into_body().into_response()),
        (&Method::GET, "/fail") => Err(Error::from("a failure, as asked for")),
        (&Method::GET, "/panic") => Ok(panicking()),
        _ => Ok(Json(describe::describe(request).await?).into_response()),
    }
}

fn sleep(request: &Request) -> impl Future<Output = Result<Response>> + use<> {
    let (time, context) = (milliseconds(request, "ms"), request.context().clone());
    async move {
        let (cancelled, request_id) = (context.cancelled(), context.request_id().to_owned());
        drop(tokio::spawn(async move {
            tokio::select! {
                () = cancelled => note(&format!("cancelled {request_id}")),
                () = tokio::time::sleep(time) => {}
            }
        }));
        tokio::time::sleep(time).await;
        Ok("slept".into_response())
    }
}

fn wait(request: &Request) -> impl Future<Output = Result<Response>> + use<> {
    let (time, context) = (milliseconds(request, "ms"), request.context());
    for _ in 0..number(request, "pieces").unwrap_or(1).min(100) {
        let request_id = context.request_id().to_owned();
        context.wait_until(async move {
            tokio::time::sleep(time).await;
            note(&format!("waited for {request_id}"));
        });
    }
    let before = milliseconds(request, "sleep");
    async move {
        tokio::time::sleep(before).await;
        Ok("waiting".into_response())
    }
}

fn bytes(request: &Request) -> Body {
    let n = number(request, "n").unwrap_or(0).min(1 << 30);
    Body::from(vec![b'x'; usize::try_from(n).unwrap_or_default()])
}

#[expect(clippy::panic, reason = "to show what comes of it")]
fn panicking() -> Response {
    panic!("a panic, as asked for")
}

/// Reads a number from the query.
fn number(request: &Request, name: &str) -> Option<u64> {
    text(request, name)?.parse().ok()
}

/// Reads a text from the query.
fn text(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query()?.as_bytes();
    form_urlencoded::parse(query)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn milliseconds(request: &Request, name: &str) -> Duration {
    Duration::from_millis(number(request, name).unwrap_or(0))
}

#[expect(clippy::print_stderr, reason = "a program's own line")]
fn note(line: &str) {
    eprintln!("{line}");
}

fn main() -> isobar::Exit {
    isobar::start(App::new().http(mirror).on_event("*", events::record))
}
