//! Errors that know a status of their own: axum's rejections and [`DecodeError`].

use axum::extract::rejection::{
    BytesRejection, ExtensionRejection, FormRejection, JsonRejection, PathRejection,
    QueryRejection, RawFormRejection, RawPathParamsRejection, StringRejection,
};
use http::StatusCode;

use http_body_util::LengthLimitError;

use super::DecodeError;
use crate::Interrupted;

/// Returns the status and the sentence for the client that an error carries itself.
pub(super) fn told_by(
    error: &(dyn std::error::Error + Send + Sync + 'static),
) -> Option<(StatusCode, String)> {
    if let Some(told) = of_body(error) {
        return Some(told);
    }
    if let Some(decode) = error.downcast_ref::<DecodeError>() {
        return Some((decode.status(), decode.to_string()));
    }
    macro_rules! first_of {
        ($($rejection:ty),* $(,)?) => {
            None$(.or_else(|| {
                let rejection = error.downcast_ref::<$rejection>()?;
                Some((rejection.status(), rejection.body_text()))
            }))*
        };
    }
    first_of!(
        JsonRejection,
        PathRejection,
        QueryRejection,
        FormRejection,
        BytesRejection,
        StringRejection,
        ExtensionRejection,
        RawFormRejection,
        RawPathParamsRejection,
    )
}

/// What went wrong with a request's body while it was read, which reading it wraps in errors.
fn of_body(error: &(dyn std::error::Error + 'static)) -> Option<(StatusCode, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return Some((
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request's body is over the limit".into(),
            ));
        }
        match error.downcast_ref() {
            Some(stalled @ Interrupted::Stalled) => {
                return Some((StatusCode::REQUEST_TIMEOUT, stalled.to_string()));
            }
            Some(broken @ Interrupted::Broken) => {
                return Some((StatusCode::BAD_REQUEST, broken.to_string()));
            }
            _ => {}
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{Error, Request};
    use axum::{Json, RequestExt as _, body::Body};

    #[tokio::test]
    async fn a_rejection_keeps_its_status_through_the_question_mark() {
        async fn read(request: Request) -> Result<Json<serde_json::Value>, Error> {
            Ok(request.extract::<Json<serde_json::Value>, _>().await?)
        }
        let request = http::Request::post("/")
            .header("content-type", "application/json")
            .body(Body::from("{"))
            .unwrap();
        let error = read(request).await.unwrap_err();
        assert_eq!(error.status(), 400);
        assert!(
            error
                .detail()
                .unwrap()
                .contains("parse the request body as JSON")
        );
    }

    #[tokio::test]
    async fn a_body_over_its_limit_is_a_413() {
        let error = axum::body::to_bytes(Body::from("four"), 3)
            .await
            .unwrap_err();
        assert_eq!(Error::from(error).status(), 413);
    }

    #[test]
    fn data_that_does_not_decode_is_a_422() {
        let cause = serde_json::from_str::<u32>("x").unwrap_err();
        let error = Error::from(crate::DecodeError::new("the data", cause));
        assert_eq!(error.status(), 422);
    }
}
