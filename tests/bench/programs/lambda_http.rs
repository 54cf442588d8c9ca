//! `lambda_http` at what the program `ours` does, chosen by `BENCH` in the same way.

use std::convert::Infallible;

use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::stream;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{
    Body, Error, Request, Response, run, run_with_streaming_response, service_fn, tracing,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Note {
    title: String,
    text: String,
    tags: Vec<String>,
}

/// The body, as what it came.
async fn echo(request: Request) -> Result<Response<Body>, Error> {
    let (mut parts, body) = request.into_parts();
    let mut response = Response::new(body);
    let kind = parts.headers.remove(CONTENT_TYPE);
    let kind = kind.map(|kind| (CONTENT_TYPE, kind));
    response.headers_mut().extend(kind);
    Ok(response)
}

async fn json(Json(note): Json<Note>) -> Json<Note> {
    Json(note)
}

async fn streamed(request: Request) -> Result<Response<axum::body::Body>, Error> {
    const CHUNK: usize = 16 * 1024;
    let wanted = request
        .uri()
        .query()
        .and_then(|query| query.trim_end_matches('=').parse().ok())
        .unwrap_or(0_usize);
    let chunk = Bytes::from_static(&[b'x'; CHUNK]);
    let sizes = (0..wanted.div_ceil(CHUNK)).map(move |nth| CHUNK.min(wanted - nth * CHUNK));
    let chunks = sizes.map(move |size| Ok::<_, Infallible>(chunk.slice(..size)));
    Ok(Response::new(axum::body::Body::from_stream(stream::iter(
        chunks,
    ))))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    match std::env::var("BENCH").as_deref() {
        Ok("json") => run(Router::new().route("/json", post(json))).await,
        Ok("stream") => run_with_streaming_response(service_fn(streamed)).await,
        _ => run(service_fn(echo)).await,
    }
}
