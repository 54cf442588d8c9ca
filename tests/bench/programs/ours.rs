//! Ours: what the peers' programs do, on whichever host it is built for.
//!
//! `BENCH` says what it does: `echo` (the body, by a plain handler), `json` (a JSON body, by axum),
//! `stream` (as many bytes as the query says, as a stream), `sqs` (messages of a batch).

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use isobar::{App, Body, Exit, Json, Message, Request, Response, Result};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Note {
    title: String,
    text: String,
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Order {
    id: String,
}

/// The body, as what it came.
async fn echo(request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut response = Response::new(body);
    let kind = parts.headers.remove(CONTENT_TYPE);
    response
        .headers_mut()
        .extend(kind.map(|kind| (CONTENT_TYPE, kind)));
    response
}

async fn json(Json(note): Json<Note>) -> Json<Note> {
    Json(note)
}

async fn streamed(request: Request) -> Response {
    const CHUNK: usize = 16 * 1024;
    let wanted = request
        .uri()
        .query()
        .and_then(|query| query.trim_end_matches('=').parse().ok())
        .unwrap_or(0_usize);
    let chunk = Bytes::from_static(&[b'x'; CHUNK]);
    let sizes = (0..wanted.div_ceil(CHUNK)).map(move |nth| CHUNK.min(wanted - nth * CHUNK));
    let chunks = sizes.map(move |size| Ok::<_, std::io::Error>(chunk.slice(..size)));
    Response::new(Body::from_stream(stream::iter(chunks)))
}

async fn take(order: Message<Order>) -> Result<()> {
    if order.body().id.is_empty() {
        return Err(isobar::Error::new(
            isobar::StatusCode::UNPROCESSABLE_ENTITY,
            "an order without id",
        ));
    }
    Ok(())
}

fn main() -> Exit {
    match std::env::var("BENCH").as_deref() {
        Ok("json") => isobar::start(Router::new().route("/json", post(json))),
        Ok("stream") => isobar::start(streamed),
        Ok("sqs") => isobar::start(App::new().on_message("orders", take)),
        _ => isobar::start(echo),
    }
}
