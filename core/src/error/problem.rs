//! An error as the client sees it: RFC 9457, `application/problem+json`.

use std::sync::Arc;

use axum_core::body::Body;
use axum_core::response::IntoResponse;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::Error;
use crate::Response;

/// RFC 9457, section 3.1; `type` is left out, which means `about:blank`.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// Becomes a problem; the error itself stays in the response's extensions as `Arc<Error>`, where
/// the log and, for events, the decision about a retry find it. It survives an axum Router.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let problem = Problem {
            title: self.title(),
            status: self.status().as_u16(),
            detail: self.detail(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, problem);
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
}
