//! Handlers that go wrong, each in the way that its path says; `suite/faults` looks at what comes of it.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a print that fails panics, which is what is looked at"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{get, post};
use isobar::{App, Context, Error, Exit, Message, Raw};

type Numbers = Query<BTreeMap<String, u64>>;

fn milliseconds(Query(numbers): Numbers) -> Duration {
    Duration::from_millis(numbers.get("ms").copied().unwrap_or_default())
}

/// Blocks its thread, which nothing can interrupt.
async fn blocks(numbers: Numbers) -> &'static str {
    tracing::info!("it blocks");
    std::thread::sleep(milliseconds(numbers));
    "blocked"
}

/// Leaves a task that never ends, and memory that nobody frees.
async fn leaks(context: Context) -> &'static str {
    drop(tokio::spawn(async move {
        let _kept = context;
        std::future::pending::<()>().await;
    }));
    let _for_ever: &mut [u8] = Box::leak(vec![1; 4096].into_boxed_slice());
    "leaked"
}

/// Never ends.
async fn never() -> &'static str {
    std::future::pending().await
}

/// Begins, and says nothing more.
async fn stalls() -> Body {
    let begun = futures_util::stream::iter([Ok::<_, Error>(Bytes::from_static(b"begun"))]);
    let stream = futures_util::StreamExt::chain(begun, futures_util::stream::pending());
    Body::from_stream(futures_util::StreamExt::map(stream, |piece| {
        piece.map_err(|error| error.to_string())
    }))
}

/// Says less than it announces.
async fn short() -> Response {
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("half")]);
    let mut response = Response::new(Body::from_stream(pieces));
    let length = HeaderValue::from_static("1000");
    response.headers_mut().insert("content-length", length);
    response
}

/// More than any buffer between us and a client takes.
async fn floods(context: Context) -> Body {
    drop(tokio::spawn(async move {
        context.cancelled().await;
        tracing::info!("the flood was cut off");
    }));
    let piece = Bytes::from(vec![b'x'; 1 << 16]);
    let mut asked_for = 0_usize;
    let pieces = std::iter::repeat_n(piece, 1 << 12).map(move |piece| {
        asked_for += piece.len();
        if asked_for.is_multiple_of(1 << 20) {
            tracing::info!("one more MiB of the flood was asked for");
        }
        Ok::<_, std::io::Error>(piece)
    });
    Body::from_stream(futures_util::stream::iter(pieces))
}

/// Prints in place of logging.
async fn prints() -> &'static str {
    println!("to stdout");
    eprintln!("to stderr");
    "printed"
}

/// Says a line of the log.
async fn logs() -> &'static str {
    tracing::error!("a line of the log");
    "logged"
}

#[expect(clippy::panic, reason = "it is asked for")]
async fn panics() -> &'static str {
    panic!("as asked for")
}

/// Panics on a task of its own, which is nobody's failure.
async fn elsewhere() -> &'static str {
    let task = tokio::spawn(panics());
    let _panicked = task.await;
    "elsewhere"
}

async fn size(body: Bytes) -> String {
    body.len().to_string()
}

async fn message(_message: Message<Raw>) {}

fn main() -> Exit {
    let router = Router::new()
        .route("/block", get(blocks))
        .route("/leak", get(leaks))
        .route("/never", get(never))
        .route("/stall", get(stalls))
        .route("/short", get(short))
        .route("/flood", get(floods))
        .route("/print", get(prints))
        .route("/log", get(logs))
        .route("/panic", get(panics))
        .route("/elsewhere", get(elsewhere))
        .route("/size", post(size))
        .fallback(|| async { "fine" });
    isobar::start(App::new().http(router).on_message("orders", message))
}
