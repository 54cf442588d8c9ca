//! A body of which a copy is taken as it passes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use isobar_core::Body;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::{Blob, LIMIT};

/// Called with what has passed, once nothing more will.
type Taken = Box<dyn FnOnce(Blob) + Send>;

/// A body that is copied as it is read, as far as copies are kept.
pub(super) struct Tee {
    body: Body,
    kept: Vec<u8>,
    length: u64,
    taken: Option<Taken>,
    /// True where what nobody has read is wanted too.
    reads_rest: bool,
}

/// So long the rest may pause.
const PAUSE: Duration = Duration::from_secs(1);

impl Tee {
    /// The same, and what its reader leaves is copied too: it was sent.
    pub(super) fn wrap_whole(body: Body, taken: impl FnOnce(Blob) + Send + 'static) -> Body {
        let mut tee = Self::new(body, taken);
        tee.reads_rest = true;
        Body::new(tee)
    }

    pub(super) fn wrap(body: Body, taken: impl FnOnce(Blob) + Send + 'static) -> Body {
        Body::new(Self::new(body, taken))
    }

    fn new(body: Body, taken: impl FnOnce(Blob) + Send + 'static) -> Self {
        Self {
            body,
            kept: Vec::new(),
            length: 0,
            taken: Some(Box::new(taken)),
            reads_rest: false,
        }
    }

    /// Reads on by itself, as far as copies are kept.
    async fn rest(mut self) {
        while self.length <= LIMIT as u64
            && let Ok(Some(Ok(frame))) = timeout(PAUSE, self.body.frame()).await
        {
            if let Some(data) = frame.data_ref() {
                self.take(data);
            }
        }
        self.end();
    }

    fn take(&mut self, data: &[u8]) {
        let room = LIMIT.saturating_sub(self.kept.len());
        let kept = data.get(..room).unwrap_or(data);
        self.kept.extend_from_slice(kept);
        self.length += data.len() as u64;
    }

    fn end(&mut self) {
        if let Some(taken) = self.taken.take() {
            let kept = std::mem::take(&mut self.kept);
            taken(Blob::cut(kept.into(), self.length));
        }
    }
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.take(data);
                }
                if self.body.is_end_stream() {
                    self.end();
                }
            }
            Some(Err(_)) | None => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tee {
    /// A body of which nobody wants more has passed.
    fn drop(&mut self) {
        let is_left = self.taken.is_some() && self.reads_rest && !self.body.is_end_stream();
        if is_left && let Ok(runtime) = Handle::try_current() {
            let rest = Self {
                body: std::mem::take(&mut self.body),
                kept: std::mem::take(&mut self.kept),
                length: self.length,
                taken: self.taken.take(),
                reads_rest: false,
            };
            drop(runtime.spawn(rest.rest()));
        }
        self.end();
    }
}
