//! A body of which a copy is taken as it passes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use isobar_core::Body;

use crate::{Blob, LIMIT};

/// Called with what has passed, once nothing more will.
type Taken = Box<dyn FnOnce(Blob) + Send>;

/// A body that is copied as it is read, as far as copies are kept.
pub(super) struct Tee {
    body: Body,
    kept: Vec<u8>,
    length: u64,
    taken: Option<Taken>,
}

impl Tee {
    pub(super) fn wrap(body: Body, taken: impl FnOnce(Blob) + Send + 'static) -> Body {
        Body::new(Self {
            body,
            kept: Vec::new(),
            length: 0,
            taken: Some(Box::new(taken)),
        })
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
        self.end();
    }
}
