use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum_core::body::Body;
use axum_core::response::IntoResponse;
use http::StatusCode;
use http_body::Body as _;

use super::body::Guarded;
use super::catch::CatchUnwind;
use super::{Dispatcher, headers};
use crate::{Context, Error, Request, Response, chain};

impl Dispatcher {
    /// Answers an HTTP request; never fails.
    ///
    /// The handler's future is dropped when `deadline` completes, and the client gets a 504; a
    /// body that is still being sent then ends with [`Interrupted`](super::Interrupted). The
    /// future is polled only while the handler or the body is not ready.
    pub async fn respond(
        &self,
        context: &Context,
        mut request: Request,
        deadline: impl Future<Output = ()> + Send + 'static,
    ) -> Response {
        let method = request.method().clone();
        let mut deadline = Box::pin(deadline);
        headers::of_request(&mut request);
        request.extensions_mut().insert(context.clone());
        let mut response = match self.race(context, request, deadline.as_mut()).await {
            Ended::Answered(Ok(response)) => {
                log_failed(context, &response);
                response
            }
            Ended::Answered(Err(error)) => {
                let response = error.into_response();
                log_failed(context, &response);
                response
            }
            Ended::Panicked(message) => {
                context.cancel();
                tracing::error!(
                    request_id = context.request_id(),
                    "the handler panicked: {message}"
                );
                Error::from_status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
            }
            Ended::Late => {
                context.cancel();
                tracing::error!(
                    request_id = context.request_id(),
                    "the handler overran its deadline"
                );
                Error::new(StatusCode::GATEWAY_TIMEOUT, "the function took too long")
                    .into_response()
            }
        };
        headers::of_response(&mut response, &method);
        if response.body().is_end_stream() {
            return response;
        }
        response.map(|body| Body::new(Guarded::new(body, deadline, context.clone())))
    }

    /// Runs the handler, and what it gave to `wait_until` beside it, until it ends or must.
    pub(super) async fn race<D: Future<Output = ()>>(
        &self,
        context: &Context,
        request: Request,
        mut deadline: Pin<&mut D>,
    ) -> Ended {
        // A client that goes away drops this future: what the handler spawned hears of it.
        let mut guard = CancelOnDrop(Some(context));
        let mut handling = pin!(CatchUnwind::new(self.handler.handle(request)));
        let ended = std::future::poll_fn(|cx| {
            if let Poll::Ready(result) = handling.as_mut().poll(cx) {
                return Poll::Ready(result.map_or_else(Ended::Panicked, Ended::Answered));
            }
            if deadline.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ended::Late);
            }
            context.poll_background(cx);
            Poll::Pending
        })
        .await;
        guard.0 = None;
        ended
    }
}

/// How a handler's run ended.
pub(super) enum Ended {
    Answered(Result<Response, Error>),
    Panicked(String),
    Late,
}

struct CancelOnDrop<'a>(Option<&'a Context>);

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(context) = self.0 {
            context.cancel();
        }
    }
}

/// Logs what the client is not told: the source of a failed request.
fn log_failed(context: &Context, response: &Response) {
    let Some(error) = response.extensions().get::<Arc<Error>>() else {
        return;
    };
    let request_id = context.request_id();
    let cause = error.source().map(chain).unwrap_or_default();
    let separator = if cause.is_empty() { "" } else { ": " };
    if error.status().is_server_error() {
        tracing::error!(request_id, "the request failed: {error}{separator}{cause}");
    } else {
        tracing::debug!(
            request_id,
            "the request was refused: {error}{separator}{cause}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Interrupted;
    use axum::body::to_bytes;
    use bytes::Bytes;
    use http_body_util::StreamBody;
    use std::future::{pending, ready};

    fn get(path: &str) -> Request {
        http::Request::get(path).body(Body::empty()).unwrap()
    }

    async fn answer(handler: impl crate::Handler) -> Response {
        Dispatcher::new(handler)
            .respond(&Context::default(), get("/"), pending())
            .await
    }

    #[tokio::test]
    async fn an_error_becomes_a_problem_and_a_panic_a_500() {
        async fn fails(_: Request) -> Result<&'static str, Error> {
            Err("no connection")?
        }
        async fn panics(_: Request) -> &'static str {
            panic!("boom")
        }
        for response in [answer(fails).await, answer(panics).await] {
            assert_eq!(response.status(), 500);
            let body = to_bytes(response.into_body(), 1000).await.unwrap();
            assert_eq!(body, r#"{"title":"Internal Server Error","status":500}"#);
        }
    }

    #[tokio::test]
    async fn a_handler_past_its_deadline_is_dropped_and_the_client_gets_a_504() {
        let context = Context::default();
        let sleeps = |_| async { pending::<&'static str>().await };
        let response = Dispatcher::new(sleeps)
            .respond(&context, get("/"), ready(()))
            .await;
        assert_eq!(response.status(), 504);
        context.cancelled().await;
    }

    fn stream_of(
        frames: Vec<Result<Bytes, Error>>,
        then: impl futures_util::Stream<Item = Bytes> + Send + 'static,
    ) -> Body {
        use futures_util::StreamExt;
        let frames = frames.into_iter().map(Result::unwrap_or_default);
        let stream = futures_util::stream::iter(frames).chain(then);
        Body::new(StreamBody::new(stream.map(|b| {
            Ok::<_, std::convert::Infallible>(http_body::Frame::data(b))
        })))
    }

    #[tokio::test]
    async fn a_body_past_its_deadline_ends_with_an_error() {
        let handler =
            |_| async { stream_of(vec![Ok(Bytes::from("a"))], futures_util::stream::pending()) };
        let context = Context::default();
        let response = Dispatcher::new(handler)
            .respond(&context, get("/"), ready(()))
            .await;
        assert_eq!(response.status(), 200);
        let error = to_bytes(response.into_body(), 1000).await.unwrap_err();
        assert_eq!(Interrupted::of(&error), Some(Interrupted::Deadline));
    }

    #[tokio::test]
    async fn a_panic_in_a_body_ends_it_with_an_error() {
        let handler =
            |_| async { stream_of(vec![], futures_util::stream::poll_fn(|_| panic!("late"))) };
        let error = to_bytes(answer(handler).await.into_body(), 1000)
            .await
            .unwrap_err();
        assert_eq!(Interrupted::of(&error), Some(Interrupted::Panic));
    }

    #[tokio::test]
    async fn the_cause_survives_an_axum_router() {
        async fn fails() -> Result<&'static str, Error> {
            Err("no connection")?
        }
        let router = axum::Router::new().route("/", axum::routing::get(fails));
        let response = answer(router).await;
        let error = response.extensions().get::<Arc<Error>>().unwrap();
        assert_eq!(error.source().unwrap().to_string(), "no connection");
    }

    #[tokio::test]
    async fn work_given_to_wait_until_runs_beside_the_handler_and_after_it() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let handler = move |request: Request| {
            use crate::RequestExt;
            let (done, context) = (Arc::clone(&done), request.context().clone());
            async move {
                context.wait_until(async move {
                    tokio::task::yield_now().await;
                    done.store(true, Ordering::Relaxed);
                });
                "ok"
            }
        };
        let context = Context::default();
        Dispatcher::new(handler)
            .respond(&context, get("/"), pending())
            .await;
        assert!(context.has_background());
        context.background(pending()).await;
        assert!(seen.load(Ordering::Relaxed) && !context.has_background());
    }

    #[tokio::test]
    async fn a_panic_in_background_work_harms_nothing() {
        let context = Context::default();
        context.wait_until(async { panic!("late") });
        context.background(pending()).await;
        assert!(!context.has_background());
    }
}
