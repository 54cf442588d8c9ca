//! A request's body whose length nobody has said.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as Task, Poll};

use axum_core::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::BoxError;

/// Counts the bytes of a body while they are read.
pub(super) fn counted(body: Body, bytes: Arc<AtomicU64>) -> Body {
    Body::new(Counted { body, bytes })
}

struct Counted {
    body: Body,
    bytes: Arc<AtomicU64>,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let length = frame.data_ref().map_or(0, Bytes::len);
            self.bytes.fetch_add(length as u64, Ordering::Relaxed);
        }
        // As it was: who looks for the cause looks through no more layers than there were.
        polled.map(|frame| frame.map(|frame| frame.map_err(axum_core::Error::into_inner)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum_core::extract::FromRequest;
    use axum_core::response::IntoResponse;
    use http_body_util::{Full, Limited};

    use super::*;
    use crate::Request;

    #[tokio::test]
    async fn an_extractor_finds_the_cause_that_it_looks_for() {
        let body = Limited::new(Full::new(Bytes::from_static(b"too long")), 1);
        let request = Request::new(counted(Body::new(body), Arc::default()));
        let refused = Bytes::from_request(request, &()).await.unwrap_err();
        assert_eq!(refused.into_response().status(), 413);
    }
}
