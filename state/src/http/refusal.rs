//! What a request gets that is not run.

use std::time::Duration;

use isobar_core::{Error, HeaderValue, IntoResponse, Response, StatusCode};

use crate::StoreError;

/// Section 2.7: the key is missing, or is none.
pub(super) fn malformed(what: &'static str) -> Response {
    Error::new(StatusCode::BAD_REQUEST, what).into_response()
}

/// Section 2.7: another request under the same key.
pub(super) fn another_request() -> Response {
    let detail = "the Idempotency-Key was used for another request";
    Error::new(StatusCode::UNPROCESSABLE_ENTITY, detail).into_response()
}

/// Section 2.7: the first request is still being answered; with the time until it counts as dead.
pub(super) fn in_progress(left: Duration) -> Response {
    let detail = "the first request with this Idempotency-Key is still being answered";
    let mut response = Error::new(StatusCode::CONFLICT, detail).into_response();
    let seconds = left.as_secs().saturating_add(1);
    let seconds = HeaderValue::from(seconds);
    response.headers_mut().insert("retry-after", seconds);
    response
}

/// The first answer is not there to be given again, and no repeat can help.
pub(super) fn not_kept() -> Response {
    let detail = "the request was answered; the answer was too large to be kept";
    Error::new(StatusCode::CONFLICT, detail).into_response()
}

pub(super) fn lost() -> Response {
    let error = Error::from_status(StatusCode::SERVICE_UNAVAILABLE);
    error
        .with_source("the lease of an Idempotency-Key was lost to another run")
        .into_response()
}

pub(super) fn unavailable(error: StoreError) -> Response {
    Error::from_status(StatusCode::SERVICE_UNAVAILABLE)
        .with_source(error)
        .into_response()
}
