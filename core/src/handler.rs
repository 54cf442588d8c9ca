use std::sync::Arc;

use async_trait::async_trait;
use axum_core::response::IntoResponse;
use tower_service::Service;

use crate::{Error, Request, Response, Routes};

/// What an application implements: one request in, one response out, on every host.
///
/// You rarely implement it yourself. It is implemented for
///
/// - async functions and closures from [`Request`] to anything that is [`IntoResponse`]:
///   `&str`, `String`, `Json<T>`, `(StatusCode, T)`, `Response`, `Result<T, isobar::Error>`;
/// - [`axum::Router`], so an existing axum application is a handler as it stands;
/// - any tower service, by [`service`](crate::service);
/// - [`App`](crate::App), which takes events too;
/// - `Arc<H>` of any handler. (`Box<H>` cannot be: the compiler must allow that a box is a
///   closure.)
///
/// # Contract
///
/// *A handler promises*: to answer each request; to keep no request's data in shared state; to be
/// callable many times at once (`&self`, `Send + Sync`). Failing is fine: return an error, or
/// panic, and the one invocation fails while the process lives.
///
/// *A host promises*: the request is the client's own (method, path as sent, query byte for byte,
/// every header value in order, body bytes); the [`Context`](crate::Context) comes from what the
/// host wrote, never from what a client could have written; the future is dropped at the deadline;
/// events arrive only if [`routes`](Handler::routes) says so.
///
/// # Example: a type that is a handler
///
/// ```
/// use isobar_core::{Error, Handler, Request, Response, async_trait};
///
/// struct Counter(std::sync::atomic::AtomicU64);
///
/// #[async_trait]
/// impl Handler for Counter {
///     async fn handle(&self, _request: Request) -> Result<Response, Error> {
///         let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         Ok(Response::new(n.to_string().into()))
///     }
/// }
/// ```
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an Isobar handler",
    label = "not a handler",
    note = "a handler is an `async fn(isobar::Request) -> impl IntoResponse` (or a closure that makes one), an `axum::Router`, an `isobar::App`, or an `Arc` of a handler",
    note = "a `Router<S>` that still misses its state becomes one by `.with_state(state)`; a tower service by `isobar::service(..)`",
    note = "to fail, return `Result<_, isobar::Error>`: `?` turns every error into it"
)]
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Errors
    ///
    /// When the request cannot be answered; the host turns the error into the client's response
    /// ([`Error`] has the statuses), or, for an event, into a failed delivery.
    async fn handle(&self, request: Request) -> Result<Response, Error>;

    /// Returns what this handler takes: HTTP only, unless it says otherwise.
    ///
    /// A host delivers no event to a handler that does not name it here. Otherwise the first
    /// catch-all route that answers 200 would acknowledge, and so delete, a queue's messages.
    fn routes(&self) -> Routes {
        Routes::http()
    }

    /// Ends what the handler holds: flushes, closes, says goodbye. Nothing, unless it says otherwise.
    ///
    /// A host calls it once, after the last invocation, where the platform says that it ends the
    /// process: on SIGTERM. It has what is left of the grace (README's settings have each host's),
    /// and is dropped then. Where a platform kills without a word, as Azure Functions does, it never
    /// runs; nothing may depend on it.
    async fn shutdown(&self) {}
}

/// What a function handler may return: anything that is [`IntoResponse`].
///
/// This trait only exists so that the compiler can say what is wrong with a return type; it is
/// implemented for everything that it can be implemented for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of a handler",
    label = "this is no answer",
    note = "a handler returns what is `IntoResponse`: `&str`, `String`, `Json<T>`, `(StatusCode, T)`, `Response`, or `Result<T, isobar::Error>` of one",
    note = "for other error types return `Result<T, isobar::Error>`: `?` turns every error, anyhow's too, into it"
)]
pub trait Answer: IntoResponse {}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> Answer for T {}

#[async_trait]
impl<F, Fut> Handler for F
where
    F: Fn(Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Answer> + Send,
{
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        Ok(self(request).await.into_response())
    }
}

#[async_trait]
impl Handler for axum::Router {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        match self.clone().call(request).await {
            Ok(response) => Ok(response),
            Err(never) => match never {},
        }
    }
}

#[async_trait]
impl<H: Handler + ?Sized> Handler for Arc<H> {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        (**self).handle(request).await
    }

    fn routes(&self) -> Routes {
        (**self).routes()
    }

    async fn shutdown(&self) {
        (**self).shutdown().await;
    }
}
