//! Says things, in each of the places where a program can; its log is what `suite/logs` reads.

#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "what is panicked and printed is what the log is judged by"
)]

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use isobar::{
    App, Context, Error, Exit, HeaderMap, HeaderName, HeaderValue, Message, Raw, Request, Result,
};
use tracing::Instrument;

/// Says it in a span of the application's own.
async fn hello() -> &'static str {
    let span = tracing::info_span!("order", order = 17, customer = "Ada");
    let work = async {
        tracing::info!(items = 3, price = 1.5, "an \"order\"");
        tracing::debug!("in detail");
    };
    work.instrument(span).await;
    "hello"
}

async fn fails() -> Result<&'static str> {
    let refused = std::io::Error::other("connection refused");
    Err(Error::from(std::io::Error::other(refused)))
}

async fn panics() -> &'static str {
    panic!("out of \"range\"")
}

/// Says it while the body is sent.
async fn streams() -> Body {
    let pieces = futures_util::stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(5)).await;
        tracing::info!("piece {n}");
        (n < 2).then(|| (Ok::<_, Error>(Bytes::from_static(b"piece")), n + 1))
    });
    Body::from_stream(futures_util::StreamExt::map(pieces, |piece| {
        piece.map_err(|error| error.to_string())
    }))
}

/// Breaks off in mid-stream.
async fn breaks() -> Body {
    let whole = Ok(Bytes::from_static(b"piece"));
    let pieces = futures_util::stream::iter([whole, Err("the disk is gone")]);
    Body::from_stream(pieces)
}

async fn later(context: Context) -> &'static str {
    context.wait_until(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        tracing::info!("afterwards");
    });
    "soon"
}

async fn foreign(body: String) -> &'static str {
    tracing::error!(name = body, "{body}");
    "said"
}

/// Answers never.
async fn never() -> &'static str {
    tracing::info!("at work");
    std::future::pending().await
}

/// Sends for ever.
async fn endless() -> Body {
    let pieces = futures_util::stream::repeat_with(|| Ok::<_, Error>(Bytes::from_static(b"piece")));
    Body::from_stream(futures_util::StreamExt::then(pieces, |piece| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        piece.map_err(|error| error.to_string())
    }))
}

/// More than AWS Lambda takes.
async fn huge() -> Vec<u8> {
    vec![b'x'; 7 << 20]
}

/// A header and a body that some hosts cannot carry.
async fn odd() -> (HeaderMap, Vec<u8>) {
    let odd = HeaderValue::from_bytes(b"\xff").ok();
    let headers = odd.map(|value| (HeaderName::from_static("x-odd"), value));
    (headers.into_iter().collect(), vec![0xff])
}

/// A size that the client does not say.
async fn size(body: Bytes) -> String {
    body.len().to_string()
}

async fn message(message: Message<Raw>, context: Context) -> Result<()> {
    match message.body().0.as_ref() {
        b"fail" => Err(Error::from("no such order")),
        b"panic" => panic!("no such \"order\""),
        b"busy" => {
            busy(&context).await;
            Ok(())
        }
        _ => {
            tracing::info!("taken");
            Ok(())
        }
    }
}

/// Says it while others of the batch are at work: in what goes on beside it, and on a task of its own.
async fn busy(context: &Context) {
    let waits = |ms| tokio::time::sleep(Duration::from_millis(ms));
    context.wait_until(async move {
        waits(20).await;
        tracing::info!("afterwards");
    });
    let elsewhere = async { tracing::info!("elsewhere") };
    let task = tokio::spawn(elsewhere.instrument(context.span().clone()));
    waits(5).await;
    tracing::info!("taken");
    drop(task.await);
}

async fn refuses() -> Result<fn(Request) -> std::future::Ready<&'static str>> {
    Err(Error::from(std::io::Error::other("connection \"refused\"")))
}

fn app() -> App {
    let router = Router::new()
        .route("/hello", get(hello))
        .route("/fail", get(fails))
        .route("/panic", get(panics))
        .route("/stream", get(streams))
        .route("/breaks", get(breaks))
        .route("/later", get(later))
        .route("/foreign", post(foreign))
        .route("/never", get(never))
        .route("/endless", get(endless))
        .route("/huge", get(huge))
        .route("/odd", get(odd))
        .route("/size", post(size));
    App::new().http(router).on_message("orders", message)
}

fn main() -> Exit {
    match std::env::args().nth(1).as_deref() {
        Some("refuses") => isobar::start_with(refuses),
        Some("own-subscriber") => {
            let own = OwnSubscriber;
            tracing::subscriber::set_global_default(own).unwrap_or_default();
            isobar::start(app())
        }
        _ => isobar::start(app()),
    }
}

/// A subscriber of the program's own, which counts as one by being there.
struct OwnSubscriber;

impl tracing::Subscriber for OwnSubscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        eprintln!("own: {}", event.metadata().target());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
