//! A delivery's body, and the answer to it.

use bytes::Bytes;
use http::request::Parts;
use isobar_core::{
    Batch, Body, ContextBuilder, Dispatcher, Error, Interrupted, IntoResponse, Outcome, Refusal,
    Response, StatusCode,
};

use super::{Malformed, answer};
use crate::serve::Shared;

/// What one request delivers.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Events, to be acknowledged.
    Events(Batch),
    /// A call that waits for its result.
    Call(Batch),
}

impl Delivery {
    /// Parts the events from how they are answered.
    pub(crate) fn open(self) -> (Batch, fn(&[Outcome]) -> Response) {
        match self {
            Self::Events(batch) => (batch, answer::delivered),
            Self::Call(batch) => (batch, answer::result),
        }
    }
}

/// Reads the whole body of a delivery, or answers that it did not arrive.
pub(crate) async fn take(path: &str, body: Body) -> Result<Bytes, Box<Response>> {
    crate::serve::whole(body).await.map_err(|error| {
        let broke_off = Interrupted::of(&error) == Some(Interrupted::Broken);
        let error = Error::from(error);
        tracing::error!("a delivery to {path} did not arrive: {error:?}");
        Box::new(if broke_off {
            come_again()
        } else {
            error.into_response()
        })
    })
}

/// Runs a delivery that was read, or ends it with the answer that says why it was not.
pub(crate) async fn settle(
    read: Result<Delivery, Box<Response>>,
    (refusal, head): (Refusal, &Parts),
    context: ContextBuilder,
    dispatcher: &Dispatcher,
    shared: &Shared,
) -> Response {
    match read {
        Ok(delivery) => {
            let (batch, answer) = delivery.open();
            shared.deliver(dispatcher, context, batch, answer).await
        }
        Err(refused) => {
            let head = (&head.method, &head.uri);
            refusal.of_delivery(&context.build(), head, *refused)
        }
    }
}

/// What stands between may have broken it, and a sender may take a 4xx for a reason not to send the
/// event again.
fn come_again() -> Response {
    let detail = "the delivery did not arrive as a whole";
    Error::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
}

/// Answers what is no event, and says so in the log.
pub(crate) fn refused(path: &str, malformed: &Malformed) -> Response {
    tracing::error!("refused what was sent to {path}: {malformed}");
    malformed.to_error().into_response()
}

/// Ends what is no delivery with the endpoint's answer; of one that is not consented to, the log hears.
pub(crate) fn answered<B>(
    context: ContextBuilder,
    request: &http::Request<B>,
    answer: Response,
) -> Response {
    if answer.status().is_success() {
        return answer;
    }
    let head = Some((request.method(), request.uri()));
    Refusal::begin().of_request(&context.build(), head, answer)
}
