//! Forwarding: the request again, written by .NET's client.

use bytes::Bytes;
use http::header::{HeaderValue, TRANSFER_ENCODING, USER_AGENT};
use http::{Request, Response, StatusCode};
use hyper::body::Body as _;
use tokio::time::timeout;

use super::invocation::LIMIT;
use super::own::{empty, gone};
use super::{Arrived, FunctionsHost, identify, path, target};
use crate::functions::VERSION;
use crate::{Body, Client, Error, body};

/// Headers of the content, all but the two that the host keeps.
const LOST: [&str; 8] = [
    "content-encoding",
    "content-language",
    "content-disposition",
    "content-range",
    "content-md5",
    "expires",
    "last-modified",
    "allow",
];

impl FunctionsHost {
    /// Sends the request on, and buffers the answer. Whatever fails is an empty 500; a chunked
    /// request is one of these, for its `Transfer-Encoding` is copied without its body.
    pub(super) async fn forward(&self, arrived: Arrived) -> Result<Response<Body>, Error> {
        let chunked = arrived.body.size_hint().exact().is_none()
            || arrived.parts.headers.contains_key(TRANSFER_ENCODING);
        if chunked {
            return Ok(empty(StatusCode::INTERNAL_SERVER_ERROR));
        }
        let client = match self.lives.ready().await {
            Ok(client) => client,
            Err(why) => return Ok(gone(&why)),
        };
        let Some(request) = forwarded(arrived).await? else {
            return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
        };
        match timeout(self.limit(), buffered(&client, request)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(_broke)) => {}
            Err(_elapsed) => self.lives.kill(),
        }
        self.lives.look().await;
        Ok(empty(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

async fn forwarded(arrived: Arrived) -> Result<Option<Request<Body>>, Error> {
    let mut parts = arrived.parts;
    let path = path::encoded_and_cut(parts.uri.path());
    let query = path::dictionary(parts.uri.query().unwrap_or_default());
    let pair = |(name, value): &(String, String)| {
        format!(
            "{}={}",
            path::query_encoded(name),
            path::query_encoded(value)
        )
    };
    let query: Vec<String> = query.iter().map(pair).collect();
    parts.uri = target(
        &path,
        (!query.is_empty()).then(|| query.join("&")).as_deref(),
    )?;
    for name in LOST {
        parts.headers.remove(name);
    }
    identify(&mut parts.headers, &arrived.invocation, true);
    if let Ok(agent) = HeaderValue::try_from(format!("Azure-Functions-Host/{VERSION}")) {
        parts.headers.append(USER_AGENT, agent);
    }
    let content = body::collect_within(arrived.body, LIMIT).await?;
    Ok(content.map(|content: Bytes| Request::from_parts(parts, body::full(content))))
}

async fn buffered(client: &Client, request: Request<Body>) -> Result<Response<Body>, Error> {
    let (parts, body) = client.send(request).await?.into_parts();
    let mut response = Response::from_parts(parts, body::full(body::collect(body).await?));
    response.headers_mut().remove(TRANSFER_ENCODING);
    response.headers_mut().remove("connection");
    Ok(response)
}
