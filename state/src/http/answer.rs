//! An answer, kept whole and given again.

use std::pin::Pin;

use futures_util::stream::{self, StreamExt};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use isobar_core::{Body, Bytes, HeaderName, HeaderValue, Response, StatusCode};

use crate::Kept;

/// Stands on what is given again; the name that Stripe's API uses.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

type Frames = Vec<Result<Frame<Bytes>, axum_core::Error>>;

/// Reads an answer up to a limit of its body, in bytes. Returns it as it came, and what is kept of
/// it: `None` where it failed, by its status or in its body.
pub(super) async fn read(response: Response, limit: usize) -> (Response, Option<Kept>) {
    if response.status().is_client_error() || response.status().is_server_error() {
        return (response, None);
    }
    let (parts, mut body) = response.into_parts();
    let (mut frames, mut size, mut whole) = (Frames::new(), 0, false);
    if fits(body.size_hint().lower(), limit) {
        while size <= limit && !whole {
            match body.frame().await {
                Some(Err(error)) => {
                    frames.push(Err(error));
                    return (Response::from_parts(parts, stitched(frames, body)), None);
                }
                Some(Ok(frame)) => {
                    size += frame.data_ref().map_or(0, Bytes::len);
                    frames.push(Ok(frame));
                }
                None => whole = true,
            }
        }
    }
    if !whole {
        let response = Response::from_parts(parts, stitched(frames, body));
        return (response, Some(Kept::TooLarge));
    }
    let data = data(&frames);
    let kept = Kept::Response {
        status: parts.status,
        headers: parts.headers.clone(),
        body: data.clone(),
    };
    let has_trailers = frames.iter().flatten().any(Frame::is_trailers);
    let body = if has_trailers {
        stitched(frames, Body::empty())
    } else {
        Body::from(data)
    };
    (Response::from_parts(parts, body), Some(kept))
}

fn fits(length: u64, limit: usize) -> bool {
    usize::try_from(length).is_ok_and(|length| length <= limit)
}

/// The bytes of all frames; no copy where there is but one.
fn data(frames: &Frames) -> Bytes {
    let mut parts = frames.iter().flatten().filter_map(Frame::data_ref);
    match (parts.next(), parts.next()) {
        (None, _) => Bytes::new(),
        (Some(only), None) => only.clone(),
        (Some(first), Some(second)) => [first, second]
            .into_iter()
            .chain(parts)
            .fold(Vec::new(), |mut all, part| {
                all.extend_from_slice(part);
                all
            })
            .into(),
    }
}

/// Puts what was read back before the rest.
fn stitched(frames: Frames, rest: Body) -> Body {
    let failed = frames.last().is_some_and(Result::is_err);
    let read = stream::iter(frames);
    let rest: Pin<Box<BodyStream<Body>>> = Box::pin(BodyStream::new(rest));
    if failed {
        return Body::new(StreamBody::new(read));
    }
    Body::new(StreamBody::new(read.chain(rest)))
}

/// Makes the answer again; `None` where it was not kept.
pub(super) fn replay(kept: &Kept) -> Option<Response> {
    let mut response = match kept {
        Kept::Response {
            status,
            headers,
            body,
        } => {
            let mut response = Response::new(Body::from(body.clone()));
            *response.status_mut() = *status;
            *response.headers_mut() = headers.clone();
            response
        }
        Kept::Nothing | Kept::Reply { .. } => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Kept::TooLarge => return None,
    };
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Some(response)
}
