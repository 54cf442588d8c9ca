//! An error as the client sees it: RFC 9457, `application/problem+json`.

use std::sync::Arc;

use axum_core::body::Body;
use axum_core::response::IntoResponse;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http_body::Body as _;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Error;
use crate::Response;

/// RFC 9457, section 3.1; `type` is left out, which means `about:blank`.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// An extension member, for the failures of which the log has more: what a client can quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

/// Returns true for the names of members that are written here, or by nobody.
pub(super) fn is_own(name: &str) -> bool {
    let own = [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "request_id",
    ];
    own.contains(&name)
}

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

impl Error {
    fn problem(&self, request_id: Option<&str>) -> Vec<u8> {
        let problem = Problem {
            title: self.title(),
            status: self.status().as_u16(),
            detail: self.detail(),
            request_id,
            members: &self.0.members,
        };
        serde_json::to_vec(&problem).unwrap_or_default()
    }
}

/// Adds the request id to the problem of a server's failure, for the client to quote. Anything else is
/// left as it is, also a body that something on the way has replaced. For hosts, of answers that the
/// [`Dispatcher`](crate::Dispatcher) has not made.
///
/// # Example: an answer that the host cannot send
///
/// ```
/// use isobar_core::{Error, IntoResponse, StatusCode, add_request_id};
///
/// let mut response = Error::new(StatusCode::BAD_GATEWAY, "it is too long").into_response();
/// add_request_id(&mut response, "17");
/// ```
pub fn add_request_id(response: &mut Response, request_id: &str) {
    let Some(error) = response.extensions().get::<Arc<Error>>() else {
        return;
    };
    let headers = response.headers();
    let is_its_problem = response.status() == error.status()
        && headers.get(CONTENT_TYPE) == Some(&PROBLEM)
        && !headers.contains_key(CONTENT_ENCODING)
        && response.body().size_hint().exact() == Some(error.problem(None).len() as u64);
    if error.status().is_server_error() && is_its_problem && !request_id.is_empty() {
        let problem = error.problem(Some(request_id));
        *response.body_mut() = Body::from(problem);
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Becomes a problem; the error itself stays in the response's extensions as `Arc<Error>`, where
/// the log and, for events, the decision about a retry find it. It survives an axum Router.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.problem(None)));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM);
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    #[tokio::test]
    async fn a_client_sees_status_title_and_detail() {
        let response = Error::new(StatusCode::CONFLICT, "the seat is taken").into_response();
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(response.extensions().get::<Arc<Error>>().is_some());
        let body = axum::body::to_bytes(response.into_body(), 1024)
            .await
            .unwrap();
        assert_eq!(
            body,
            r#"{"title":"Conflict","status":409,"detail":"the seat is taken"}"#
        );
    }

    #[test]
    fn members_stand_behind_those_of_the_rfc() {
        let error = Error::from_status(StatusCode::CONFLICT)
            .with_member("left", [1, 2])
            .with_member("seat", "4 B")
            .with_member("status", 200)
            .with_member("request_id", "mine");
        let wanted = r#"{"title":"Conflict","status":409,"left":[1,2],"seat":"4 B"}"#;
        assert_eq!(String::from_utf8_lossy(&error.problem(None)), wanted);
    }

    async fn with_id(mut response: Response) -> bytes::Bytes {
        add_request_id(&mut response, "r\"1");
        let body = response.into_body();
        axum::body::to_bytes(body, 1024).await.unwrap()
    }

    #[tokio::test]
    async fn a_failure_says_which_request_it_was_and_nothing_else_does() {
        let failed = || Error::from("no connection").into_response();
        let wanted = r#"{"title":"Internal Server Error","status":500,"request_id":"r\"1"}"#;
        assert_eq!(with_id(failed()).await, wanted);
        let refused = Error::from_status(StatusCode::CONFLICT).into_response();
        assert_eq!(
            with_id(refused).await,
            r#"{"title":"Conflict","status":409}"#
        );
        let replaced = failed().map(|_body| Body::from("<h1>Sorry</h1>"));
        assert_eq!(with_id(replaced).await, "<h1>Sorry</h1>");
    }
}
