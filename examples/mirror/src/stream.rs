//! Bodies that are streamed, one way or the other.

use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use isobar::{Body, BoxError, Bytes, IntoResponse, Json, Request, Response, Result};
use serde_json::json;

use crate::{milliseconds, number, text};

type Chunk = Result<Frame<Bytes>, BoxError>;

pub(crate) fn stream(request: &Request) -> Response {
    let (chunks, size) = (
        number(request, "chunks").unwrap_or(3),
        number(request, "size"),
    );
    let pause = milliseconds(request, "every_ms");
    let filler = size.map(|size| Bytes::from(vec![b'x'; usize::try_from(size).unwrap_or(0)]));
    let frames = stream::iter(0..chunks).then(move |n| {
        let chunk = filler
            .clone()
            .unwrap_or_else(|| format!("chunk {n}\n").into());
        async move {
            if n > 0 && !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            Ok(Frame::data(chunk))
        }
    });
    let end = end(text(request, "then").unwrap_or_default());
    let body = Body::new(StreamBody::new(frames.chain(end)));
    ([("content-type", "text/plain; charset=utf-8")], body).into_response()
}

/// How a stream ends: well, or as asked for.
#[expect(clippy::panic, reason = "to show what comes of it")]
fn end(then: String) -> impl Stream<Item = Chunk> + Send {
    stream::once(async move {
        match then.as_str() {
            "fail" => Some(Err("a failure in mid-stream, as asked for".into())),
            "panic" => panic!("a panic in mid-stream, as asked for"),
            "hang" => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                None
            }
            _ => None,
        }
    })
    .filter_map(|chunk| async { chunk })
}

/// Counts a body's bytes as they arrive, keeping none.
pub(crate) async fn count(request: Request) -> Result<Response> {
    let mut body = request.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        bytes += frame?.data_ref().map_or(0, Bytes::len);
    }
    Ok(Json(json!({"bytes": bytes})).into_response())
}
