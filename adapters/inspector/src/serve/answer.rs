//! Answers that are not the page.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use isobar_core::{Body, Response, StatusCode};
use serde_json::{Value, json};

pub(super) fn json(value: &Value) -> Response {
    text("application/json", value.to_string())
}

pub(super) fn refused(status: StatusCode, why: &str) -> Response {
    let mut response = json(&json!({"error": why}));
    *response.status_mut() = status;
    response
}

pub(super) fn text(media_type: &'static str, text: String) -> Response {
    with_headers(media_type, text.into())
}

pub(super) fn with_headers(media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
