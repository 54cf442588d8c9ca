//! Answers that stream: the prelude, eight NUL bytes, and the body while it comes.

use bytes::{Buf, Bytes, BytesMut};
use http::Response;
use serde_json::{Map, Value};

use super::envelope::{self, Envelope};
use super::rest;
use crate::lambda::{Kind, Live};
use crate::{Body, body};

const CONTENT_TYPE: &str = "application/vnd.awslambda.http-integration-response";
const DELIMITER: [u8; 8] = [0; 8];
/// Where a REST API looks for the delimiter.
const REST_PRELUDE_LIMIT: usize = 16 * 1024;
/// Where this host gives up looking for it.
const PRELUDE_LIMIT: usize = 1024 * 1024;

/// A function URL's answer: without a prelude the bytes are the body, of a 200.
pub(super) async fn url(mut live: Live) -> Option<Response<Body>> {
    if live.kind != Kind::Response {
        return None;
    }
    if live.header("content-type").as_deref() != Some(CONTENT_TYPE) {
        return verbatim(live);
    }
    let (prelude, rest) = prelude(&mut live, PRELUDE_LIMIT).await?;
    let mut headers = envelope::singles(prelude.get("headers"), true)?;
    headers.extend(cookies(&prelude)?);
    respond(live, &prelude, headers, rest)
}

/// A REST API's answer: it has to have a prelude, within the first 16 KiB.
pub(super) async fn rest(mut live: Live) -> Option<Response<Body>> {
    if live.kind != Kind::Response || !live.streams() {
        return None;
    }
    let (prelude, rest) = prelude(&mut live, REST_PRELUDE_LIMIT).await?;
    let mut headers = rest::headers(&prelude)?;
    headers.extend(cookies(&prelude)?);
    respond(live, &prelude, headers, rest)
}

fn cookies(prelude: &Map<String, Value>) -> Option<impl Iterator<Item = (String, String)> + use<>> {
    let cookies = envelope::list(prelude.get("cookies"))?;
    Some(
        cookies
            .into_iter()
            .map(|cookie| ("set-cookie".to_owned(), cookie)),
    )
}

/// What was buffered for one that streams is delivered as it stands, its envelope too.
fn verbatim(live: Live) -> Option<Response<Body>> {
    let kind = live.header("content-type");
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let envelope = Envelope {
        status: 200,
        headers: vec![("content-type".to_owned(), kind)],
        body: Bytes::new(),
    };
    let head = envelope.head()?;
    Some(head.map(|()| forward(live, Bytes::new())))
}

/// Reads up to the delimiter, and gives what was read beyond it.
async fn prelude(live: &mut Live, limit: usize) -> Option<(Map<String, Value>, Bytes)> {
    let mut read = BytesMut::new();
    loop {
        if let Some(at) = read.windows(8).position(|window| window == DELIMITER) {
            let prelude = read.split_to(at);
            read.advance(DELIMITER.len());
            return Some((envelope::object(&prelude)?, read.freeze()));
        }
        if read.len() > limit {
            return None;
        }
        read.extend_from_slice(&live.next().await?);
    }
}

fn respond(
    live: Live,
    prelude: &Map<String, Value>,
    headers: Vec<(String, String)>,
    rest: Bytes,
) -> Option<Response<Body>> {
    let status = match prelude.get("statusCode") {
        None => 200,
        status => envelope::status(status, true)?,
    };
    let envelope = Envelope {
        status,
        headers,
        body: Bytes::new(),
    };
    let head = envelope.or_type("application/octet-stream").head()?;
    Some(head.map(|()| forward(live, rest)))
}

/// The body while it comes; it breaks off where the function says that it failed.
fn forward(mut live: Live, first: Bytes) -> Body {
    let (mut feed, body) = body::stream();
    tokio::spawn(async move {
        let mut next = (!first.is_empty()).then_some(first);
        loop {
            if let Some(bytes) = next.take()
                && feed.send(bytes).await.is_err()
            {
                // a client that has gone does not stop the function
                return;
            }
            next = live.next().await;
            if next.is_none() {
                break;
            }
        }
        if let Some(failure) = live.failure() {
            feed.abort(failure);
        }
    });
    body
}
