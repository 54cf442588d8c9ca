//! What is answered without the handler: it has an access line like any other.

use std::time::Instant;

use http::{Method, Uri};

use super::access;
use crate::error::add_request_id;
use crate::{Context, Response};

/// What came and never reaches the handler; begun when it comes, so that its line says how long it took.
///
/// The [`Dispatcher`](crate::Dispatcher) writes the access line of what it handles. A host that refuses a
/// request itself, since its body is too long or it is no request, ends it here: with its line, of the
/// outcome `refused` (`error` for a 5xx), and in a 5xx's problem with the request id.
///
/// # Example: a host that takes no PUT
///
/// ```
/// use isobar_core::{Context, Error, IntoResponse, Refusal, Request, Response, StatusCode};
///
/// fn refuse(context: &Context, request: &Request) -> Response {
///     let refusal = Refusal::begin();
///     let error = Error::new(StatusCode::METHOD_NOT_ALLOWED, "no PUT here");
///     let head = Some((request.method(), request.uri()));
///     refusal.of_request(context, head, error.into_response())
/// }
/// # let response = refuse(&Context::default(), &Request::default());
/// # assert_eq!(response.status(), 405);
/// ```
#[derive(Debug)]
#[must_use = "it writes its line when it is ended"]
pub struct Refusal {
    /// `None` where nobody listens.
    at: Option<Instant>,
}

impl Refusal {
    /// Begins now.
    pub fn begin() -> Self {
        Self {
            at: access::is_wanted().then(Instant::now),
        }
    }

    /// Ends a request with its answer. Its method and target are left out where they cannot be read.
    pub fn of_request(
        self,
        context: &Context,
        head: Option<(&Method, &Uri)>,
        response: Response,
    ) -> Response {
        self.answered(context, "http", head, response)
    }

    /// Ends a delivery of events that came as a request.
    pub fn of_delivery(
        self,
        context: &Context,
        head: (&Method, &Uri),
        response: Response,
    ) -> Response {
        self.answered(context, "event", Some(head), response)
    }

    /// Ends an invocation that fails, since its events cannot be read or have no handler.
    pub fn of_invocation(self, context: &Context) {
        access::refused(context, self.at, "event", None, None);
    }

    fn answered(
        self,
        context: &Context,
        trigger: &'static str,
        head: Option<(&Method, &Uri)>,
        mut response: Response,
    ) -> Response {
        add_request_id(&mut response, context.request_id());
        access::refused(context, self.at, trigger, head, Some(&response));
        response
    }
}
