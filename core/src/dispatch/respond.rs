use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum_core::body::Body;
use axum_core::response::IntoResponse;
use http::StatusCode;

use super::access::HttpAccess;
use super::body::{Begun, Content, Guarded, begin};
use super::catch::caught;
use super::deadline::Deadline;
use super::{CatchUnwind, Dispatcher, Panic, headers, report};
use crate::error::add_request_id;
use crate::{Context, Error, Request, Response};

impl Dispatcher {
    /// Answers an HTTP request; never fails.
    ///
    /// The handler's future is dropped when `deadline` completes, and the client gets a 504; a
    /// body that is still being sent then ends with [`Interrupted`](super::Interrupted). The
    /// future is polled only while the handler or the body is not ready.
    ///
    /// A request may come in a box, as it goes on: it is large, and each future would copy it.
    pub fn respond<R, D>(
        &self,
        context: &Context,
        request: R,
        deadline: D,
    ) -> impl Future<Output = Response> + Send
    where
        R: Into<Box<Request>>,
        D: Future<Output = ()> + Send + 'static,
    {
        let answer = self.answer(context, request, deadline);
        async { answer.await.map(Body::from) }
    }

    /// The same, for a host that makes something else of a body: one that is there as a whole is not made a
    /// stream first.
    pub fn answer<R, D>(
        &self,
        context: &Context,
        request: R,
        deadline: D,
    ) -> impl Future<Output = http::Response<Content>> + Send
    where
        R: Into<Box<Request>>,
        D: Future<Output = ()> + Send + 'static,
    {
        context.instrument(self.answer_within(context, request.into(), Deadline::new(deadline)))
    }

    async fn answer_within<D: Future<Output = ()> + Send + 'static>(
        &self,
        context: &Context,
        mut request: Box<Request>,
        mut deadline: Deadline<D>,
    ) -> http::Response<Content> {
        let mut access = HttpAccess::begin(context, &mut request);
        let method = request.method().clone();
        headers::of_request(&mut request);
        request.extensions_mut().insert(context.clone());
        let ended = self.race(context, request, Pin::new(&mut deadline)).await;
        let (mut response, outcome) = answer_of(context, ended);
        headers::of_response(&mut response, &method);
        if let Some(access) = &mut access {
            access.answered(response.status(), outcome);
        }
        let (parts, body) = response.into_parts();
        let body = match begin(body).await {
            Begun::Whole(bytes) => {
                if let Some(mut access) = access {
                    access.sent(bytes.len());
                    access.end();
                }
                Content::Whole(bytes)
            }
            Begun::Goes(body, first) => {
                let guarded = Guarded::new((body, first), deadline, context.clone(), access);
                Content::Goes(Body::new(guarded))
            }
        };
        http::Response::from_parts(parts, body)
    }

    /// Runs the handler, and what it gave to `wait_until` beside it, until it ends or must.
    pub(super) async fn race<D: Future<Output = ()>>(
        &self,
        context: &Context,
        request: Box<Request>,
        mut deadline: Pin<&mut D>,
    ) -> Ended {
        let handling = match caught(|| self.handler.handle(*request)) {
            Ok(handling) => handling,
            Err(panic) => return Ended::Panicked(panic),
        };
        // A client that goes away drops this future: what the handler spawned hears of it.
        let mut guard = CancelOnDrop(Some(context));
        let mut handling = pin!(CatchUnwind::new(handling));
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
    Panicked(Panic),
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

/// Makes the answer of how a handler's run ended, and logs what the client is not told.
fn answer_of(context: &Context, ended: Ended) -> (Response, &'static str) {
    let (mut response, outcome) = match ended {
        Ended::Answered(result) => {
            let response = result.unwrap_or_else(IntoResponse::into_response);
            log_failed(&response);
            let is_failed = response.status().is_server_error();
            (response, if is_failed { "error" } else { "ok" })
        }
        Ended::Panicked(panic) => {
            context.cancel();
            panic.log("the handler");
            let error = Error::from_status(StatusCode::INTERNAL_SERVER_ERROR);
            (error.into_response(), "panic")
        }
        Ended::Late => {
            context.cancel();
            report::late("the handler");
            let error = Error::new(StatusCode::GATEWAY_TIMEOUT, "the function took too long");
            (error.into_response(), "timeout")
        }
    };
    if response.status().is_server_error() {
        add_request_id(&mut response, context.request_id());
    }
    (response, outcome)
}

/// Logs the source of a failed request.
fn log_failed(response: &Response) {
    let Some(error) = response.extensions().get::<Arc<Error>>() else {
        return;
    };
    if error.status().is_server_error() {
        report::failed("the request failed", None, error);
    } else {
        tracing::debug!("the request was refused: {error:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Interrupted};
    use axum::body::to_bytes;
    use bytes::Bytes;
    use futures_util::{StreamExt, stream};
    use http_body_util::StreamBody;
    use std::future::{pending, ready};

    fn get(path: &str) -> Request {
        http::Request::get(path).body(Body::empty()).unwrap()
    }

    async fn answer(handler: impl crate::Handler) -> Response {
        let context = Context::builder(Function::default())
            .request_id("17")
            .build();
        Dispatcher::new(handler)
            .respond(&context, get("/"), pending())
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
            let wanted = r#"{"title":"Internal Server Error","status":500,"request_id":"17"}"#;
            assert_eq!(body, wanted);
        }
    }

    /// Panics when it is dropped.
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[tokio::test]
    async fn a_panic_in_what_is_dropped_harms_nothing() {
        let handler = |_| async {
            let _bomb = Bomb;
            pending::<&'static str>().await
        };
        let response = Dispatcher::new(handler)
            .respond(&Context::default(), get("/"), ready(()))
            .await;
        assert_eq!(response.status(), 504);
        let handler = |_| async {
            let bomb = Bomb;
            stream_of(
                vec![],
                stream::pending().chain(stream::once(async move {
                    drop(bomb);
                    Bytes::new()
                })),
            )
        };
        let response = answer(handler).await;
        assert_eq!(response.status(), 200);
        drop(response);
        let context = Context::default();
        let bomb = Bomb;
        context.wait_until(async move {
            pending::<()>().await;
            drop(bomb);
        });
        context.background(ready(())).await;
        assert!(!context.has_background());
    }

    #[tokio::test]
    async fn a_panic_before_there_is_a_future_is_a_500() {
        struct Early;
        impl crate::Handler for Early {
            fn handle<'l, 'a>(
                &'l self,
                _: Request,
            ) -> futures_util::future::BoxFuture<'a, Result<Response, Error>>
            where
                'l: 'a,
                Self: 'a,
            {
                panic!("early")
            }
        }
        assert_eq!(answer(Early).await.status(), 500);
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
        let frames = frames.into_iter().map(Result::unwrap_or_default);
        let stream = stream::iter(frames).chain(then);
        Body::new(StreamBody::new(stream.map(|b| {
            Ok::<_, std::convert::Infallible>(http_body::Frame::data(b))
        })))
    }

    #[tokio::test]
    async fn a_body_past_its_deadline_ends_with_an_error() {
        let handler = |_| async { stream_of(vec![Ok(Bytes::from("a"))], stream::pending()) };
        let context = Context::default();
        let response = Dispatcher::new(handler)
            .respond(&context, get("/"), ready(()))
            .await;
        assert_eq!(response.status(), 200);
        let error = to_bytes(response.into_body(), 1000).await.unwrap_err();
        assert_eq!(Interrupted::of(&error), Some(Interrupted::Deadline));
    }

    /// A body that says its length, and comes in two pieces.
    struct Two(Vec<&'static str>);
    impl http_body::Body for Two {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            let piece = self.0.pop().map(Bytes::from);
            Poll::Ready(piece.map(|piece| Ok(http_body::Frame::data(piece))))
        }

        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
        }
    }

    #[tokio::test]
    async fn a_body_in_pieces_keeps_the_length_that_it_says() {
        use http_body::Body as _;
        let handler = |_| async { Body::new(Two(vec!["cd", "ab"])) };
        let body = answer(handler).await.into_body();
        assert_eq!(body.size_hint().exact(), Some(4));
        assert_eq!(to_bytes(body, 1000).await.unwrap(), "abcd");
    }

    #[tokio::test]
    async fn a_panic_in_a_body_ends_it_with_an_error() {
        let handler = |_| async { stream_of(vec![], stream::poll_fn(|_| panic!("late"))) };
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
