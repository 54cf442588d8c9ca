//! The host's own answers.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::functions::life::Gone;
use crate::{Body, body};

/// The answers to what belongs to the host.
pub(super) fn own_answer(path: &str) -> Option<Response<Body>> {
    let own = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    (own("/admin") || own("/runtime")).then(|| empty(StatusCode::UNAUTHORIZED))
}

/// The answer where no route matches.
pub(super) fn unmatched(path: &str) -> Response<Body> {
    if path != "/" {
        return empty(StatusCode::NOT_FOUND);
    }
    let mut home = Response::new(body::full(
        "<html><title>Your Functions app is up</title></html>",
    ));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    home.headers_mut().insert(CONTENT_TYPE, html);
    home
}

/// An answer that is a status and nothing more.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    response
}

/// The answer where there is no program.
pub(super) fn gone(gone: &Gone) -> Response<Body> {
    match gone {
        Gone::Exited => empty(StatusCode::INTERNAL_SERVER_ERROR),
        Gone::Late | Gone::Stopped(_) => {
            let mut response = Response::new(body::full("Function host is not running."));
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    }
}
