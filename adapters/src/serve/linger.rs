//! The rest of a request's body that nobody wants.
//!
//! A connection that is closed with bytes unread is reset, and a peer that still sends then loses
//! the answer; to some hosts a reset is a reason to send the request again. So the rest is read and
//! thrown away, after the answer has begun to leave.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::{EXPECT, HeaderMap};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::head::Busy;
use super::wake::poll_frame;

/// How long the rest is read, and how long it may pause.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(2);

/// An arriving body that is read to its end even if it is dropped before.
pub(super) struct Lingering {
    /// `None` once it needs no such care.
    body: Option<Incoming>,
    lingers: bool,
    /// Whether its connection brings no more behind the last piece, and need not be woken for it.
    comes_alone: bool,
    /// Until the end of the body.
    busy: Option<Busy>,
}

impl Lingering {
    /// Takes a request's body. HTTP/2 can refuse a single stream's, and who expects a word before
    /// the body does not send one unasked.
    pub(super) fn new(body: Incoming, headers: &HeaderMap, version: Version, busy: Busy) -> Self {
        let is_refusable = version > Version::HTTP_11;
        Self {
            body: Some(body),
            lingers: !is_refusable && !headers.contains_key(EXPECT),
            comes_alone: !is_refusable,
            busy: Some(busy),
        }
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take() else {
            return;
        };
        if self.lingers
            && !body.is_end_stream()
            && let Ok(runtime) = Handle::try_current()
        {
            let busy = self.busy.take();
            let rest = async move {
                while let Ok(Some(Ok(_unwanted))) = timeout(PAUSE, body.frame()).await {}
            };
            drop(runtime.spawn(async move {
                let _too_long_is_fine = timeout(PATIENCE, rest).await;
                drop(busy);
            }));
        }
    }
}

impl Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        match &mut this.body {
            Some(body) if this.comes_alone => poll_frame(body, cx),
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let ended = || SizeHint::with_exact(0);
        self.body.as_ref().map_or_else(ended, Body::size_hint)
    }
}
