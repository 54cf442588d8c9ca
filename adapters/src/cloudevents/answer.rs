//! What came of events, as the status that their sender acts on.

use std::sync::Arc;

use isobar_core::{Body, Error, HeaderValue, IntoResponse, Outcome, Response, StatusCode};

/// Answers a delivery that wants no result: 204 acknowledges all of it, a 5xx asks for all of it
/// again.
///
/// Never the error's own status: Knative drops what is answered with most of the 4xx, and 429 and
/// 503 slow down a whole queue of Cloud Tasks. The answer has no body and no `ce-` header, or a
/// Knative broker would send it on as a new event.
pub(crate) fn delivered(outcomes: &[Outcome]) -> Response {
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Retry(_));
    if outcomes.iter().all(Outcome::is_acknowledged) {
        status(StatusCode::NO_CONTENT)
    } else if outcomes.iter().any(failed) {
        again(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        again(StatusCode::GATEWAY_TIMEOUT)
    }
}

/// Answers a call that waits for its result: the result as JSON, or the error as a problem.
pub(crate) fn result(outcomes: &[Outcome]) -> Response {
    match outcomes.first() {
        Some(Outcome::Done(reply)) => {
            let result = reply.result().cloned();
            let mut response = Response::new(Body::from(result.unwrap_or_else(|| "null".into())));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert("content-type", json);
            response
        }
        Some(Outcome::Retry(error) | Outcome::Dropped(error)) => problem(error),
        _ => again(StatusCode::GATEWAY_TIMEOUT),
    }
}

fn problem(error: &Arc<Error>) -> Response {
    let (status, title) = (error.status(), error.title().to_owned());
    let told = match error.detail() {
        Some(detail) => Error::new(status, detail.to_owned()),
        None => Error::from_status(status),
    };
    told.with_title(title).into_response()
}

fn again(status: StatusCode) -> Response {
    Error::new(status, "the event is wanted again; the log has the reason").into_response()
}

/// An answer of a status alone.
pub(crate) fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use isobar_core::Reply;

    use super::*;

    fn done() -> Outcome {
        Outcome::Done(Reply::default())
    }

    fn error(status: u16) -> Arc<Error> {
        Arc::new(Error::new(StatusCode::from_u16(status).unwrap(), "told"))
    }

    #[test]
    fn a_retry_is_a_5xx_whatever_the_errors_own_status() {
        for (outcomes, wanted) in [
            (vec![], 204),
            (vec![done()], 204),
            (vec![done(), Outcome::Dropped(error(422))], 204),
            (vec![done(), Outcome::Retry(error(422))], 500),
            (vec![Outcome::Retry(error(429)), Outcome::NotTried], 500),
            (vec![done(), Outcome::NotTried], 504),
        ] {
            let answer = delivered(&outcomes);
            assert_eq!(answer.status(), wanted, "{outcomes:?}");
        }
    }

    #[test]
    fn a_call_gets_the_errors_own_status() {
        for (outcomes, wanted) in [
            (vec![done()], 200),
            (vec![Outcome::Retry(error(422))], 422),
            (vec![Outcome::Dropped(error(409))], 409),
            (vec![Outcome::NotTried], 504),
        ] {
            assert_eq!(result(&outcomes).status(), wanted, "{outcomes:?}");
        }
    }
}
