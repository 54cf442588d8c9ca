//! A response's body as a whole.

use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use isobar_core::{Body, BoxError, Content, Error, Interrupted, StatusCode};

/// What the service takes of one answer, base64 and escapes included.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub(super) const LIMIT: usize = 6 << 20;

/// Why an answer cannot be sent: what the client is to see in its place.
pub(super) struct Unsent {
    pub(super) error: Error,
    /// True of a body that broke off: whoever polled it has said so.
    pub(super) is_logged: bool,
}

impl From<Error> for Unsent {
    fn from(error: Error) -> Self {
        let is_logged = false;
        Self { error, is_logged }
    }
}

/// Returns a body as a whole.
pub(super) async fn whole(body: Content) -> Result<Bytes, Unsent> {
    match body {
        Content::Whole(bytes) => {
            within_limit(bytes.len())?;
            Ok(bytes)
        }
        Content::Goes(body) => collect(body).await,
    }
}

/// Reads a body to its end; one that is one piece is not copied.
async fn collect(mut body: Body) -> Result<Bytes, Unsent> {
    let Some(first) = next(&mut body).await? else {
        return Ok(Bytes::new());
    };
    if body.is_end_stream() {
        within_limit(first.len())?;
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(more) = next(&mut body).await? {
        whole.extend_from_slice(&more);
        within_limit(whole.len())?;
    }
    within_limit(whole.len())?;
    Ok(whole.freeze())
}

async fn next(body: &mut Body) -> Result<Option<Bytes>, Unsent> {
    let is_logged = true;
    let unsent = |error| Unsent {
        error: broken(error),
        is_logged,
    };
    data(body).await.map_err(unsent)
}

/// Returns the next piece of a body; what is no data is passed over.
pub(super) async fn data(body: &mut Body) -> Result<Option<Bytes>, BoxError> {
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
        match frame.transpose()?.map(http_body::Frame::into_data) {
            Some(Ok(data)) => return Ok(Some(data)),
            Some(Err(_trailers)) => {}
            None => return Ok(None),
        }
    }
}

/// What a body's error is to the client, to whom nothing was sent yet.
fn broken(error: BoxError) -> Error {
    match Interrupted::of(&*error) {
        Some(Interrupted::Deadline) => {
            Error::new(StatusCode::GATEWAY_TIMEOUT, "the function took too long")
        }
        _ => Error::from_status(StatusCode::INTERNAL_SERVER_ERROR).with_source(error),
    }
}

/// Refuses an answer that the service would refuse.
pub(super) fn within_limit(length: usize) -> Result<(), Error> {
    if length <= LIMIT {
        return Ok(());
    }
    let detail = "the response is over AWS Lambda's limit of 6 MB";
    Err(Error::new(StatusCode::BAD_GATEWAY, detail))
}
