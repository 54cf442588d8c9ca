//! Bodies: what travels both ways, whole or as it comes.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};

use tokio::sync::mpsc;

use crate::sync::lock;
use crate::{BoxError, Error};

/// A body of any kind: bytes that come at once or bit by bit, and perhaps trailers.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body without bytes.
pub fn empty() -> Body {
    Empty::new().map_err(never).boxed_unsync()
}

/// A body of these bytes, whose length is known.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    let bytes = bytes.into();
    if bytes.is_empty() {
        return empty();
    }
    Full::new(bytes).map_err(never).boxed_unsync()
}

/// A body whose length nobody knows, and the hand that fills it.
///
/// The body ends when the [`Feed`] is dropped, and breaks off when it is told to [`Feed::abort`].
pub fn stream() -> (Feed, Body) {
    let (frames, arriving) = mpsc::channel(1);
    let failure = Arc::default();
    let body = Fed {
        frames: arriving,
        failure: Arc::clone(&failure),
    };
    (Feed { frames, failure }, body.boxed_unsync())
}

/// A body of unknown length that gives these chunks one by one.
///
/// Has to be called inside a tokio runtime.
pub fn chunks<I>(chunks: I) -> Body
where
    I: IntoIterator<Item = Bytes> + Send + 'static,
    I::IntoIter: Send,
{
    let (mut feed, body) = stream();
    tokio::spawn(async move {
        for chunk in chunks {
            if feed.send(chunk).await.is_err() {
                break;
            }
        }
    });
    body
}

/// The writing end of a [`stream`].
#[derive(Debug)]
pub struct Feed {
    frames: mpsc::Sender<Frame<Bytes>>,
    failure: Failure,
}

/// Why the body breaks off; said before the last sender is gone.
type Failure = Arc<Mutex<Option<BoxError>>>;

impl Feed {
    /// Sends the next bytes, and waits while the reader is behind.
    ///
    /// # Errors
    ///
    /// When nobody reads the body any more.
    pub async fn send(&mut self, bytes: impl Into<Bytes> + Send) -> Result<(), Error> {
        let sent = self.frames.send(Frame::data(bytes.into())).await;
        sent.map_err(|e| Error::Body(e.into()))
    }

    /// Sends trailers, after the last bytes.
    ///
    /// # Errors
    ///
    /// When nobody reads the body any more.
    pub async fn trailers(&mut self, trailers: HeaderMap) -> Result<(), Error> {
        let sent = self.frames.send(Frame::trailers(trailers)).await;
        sent.map_err(|e| Error::Body(e.into()))
    }

    /// Breaks the body off, so that its reader sees a failure.
    pub fn abort(self, why: impl Into<BoxError>) {
        *lock(&self.failure) = Some(why.into());
    }
}

/// The reading end. http-body-util's own channel can lose the last frame: it looks for the end
/// after it has looked for frames, and both may have come between.
struct Fed {
    frames: mpsc::Receiver<Frame<Bytes>>,
    failure: Failure,
}

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.frames.poll_recv(cx));
        Poll::Ready(
            frame
                .map(Ok)
                .or_else(|| lock(&self.failure).take().map(Err)),
        )
    }
}

/// Reads a body to its end.
///
/// # Errors
///
/// When it breaks off.
pub async fn collect(body: Body) -> Result<Bytes, Error> {
    let all = body.collect().await.map_err(Error::Body)?;
    Ok(all.to_bytes())
}

/// Reads a body to its end, or gives `None` once it is longer than `limit` bytes.
///
/// # Errors
///
/// When it breaks off.
pub async fn collect_within(mut body: Body, limit: usize) -> Result<Option<Bytes>, Error> {
    let mut all = BytesMut::new();
    while let Some(bytes) = next(&mut body).await? {
        if all.len() + bytes.len() > limit {
            return Ok(None);
        }
        all.extend_from_slice(&bytes);
    }
    Ok(Some(all.freeze()))
}

/// Reads the next bytes of a body, `None` at its end. Trailers are passed over.
///
/// # Errors
///
/// When it breaks off.
pub async fn next(body: &mut Body) -> Result<Option<Bytes>, Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(Error::Body)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn never(never: std::convert::Infallible) -> BoxError {
    match never {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_gives_what_it_is_fed() {
        let body = chunks(["a", "b"].map(Bytes::from));
        assert_eq!(collect(body).await.unwrap(), "ab");
    }

    #[tokio::test]
    async fn an_aborted_stream_is_an_error() {
        let (mut feed, body) = stream();
        tokio::spawn(async move {
            feed.send("a").await.unwrap();
            feed.abort("enough");
        });
        assert!(collect(body).await.is_err());
    }

    #[tokio::test]
    async fn a_limit_is_none_and_no_error() {
        assert_eq!(collect_within(full("abc"), 2).await.unwrap(), None);
        assert!(collect_within(full("abc"), 3).await.unwrap().is_some());
    }
}
