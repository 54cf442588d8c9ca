//! tower at both edges: a service in, a service out. There is no middleware system of our own.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use axum_core::body::Body;
use axum_core::response::IntoResponse;
use bytes::Bytes;
use tower_service::Service;

use crate::{BoxError, Error, Handler, Request, Response};

/// Makes a handler of a tower service.
///
/// The service takes [`Request`], answers anything that is [`IntoResponse`] and fails with any
/// error. It is cloned for each request, as tower's contract wants, so make the clone cheap.
///
/// # Example: a tower layer around a handler
///
/// ```
/// use isobar_core::{Request, into_service, service};
/// # use tower_layer::{Identity as SomeLayer, Layer};
///
/// async fn hello(_request: Request) -> &'static str {
///     "Hello"
/// }
///
/// let handler = service(SomeLayer::new().layer(into_service(hello)));
/// # fn is_handler(_: impl isobar_core::Handler) {}
/// # is_handler(handler);
/// ```
pub fn service<S>(service: S) -> FromService<S> {
    FromService(service)
}

/// Makes a tower service of a handler, for layers and for servers of your own.
///
/// Its error is [`Infallible`]: a handler's error becomes its response here.
pub fn into_service<H: Handler>(handler: H) -> IntoService<H> {
    IntoService(Arc::new(handler))
}

/// A tower service as a handler; made by [`service`].
#[derive(Clone, Debug)]
pub struct FromService<S>(S);

#[async_trait]
impl<S, R> Handler for FromService<S>
where
    S: Service<Request, Response = R> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: IntoResponse,
{
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        call(self.0.clone(), request).await
    }
}

/// Calls a service once, readiness first.
pub(crate) async fn call<S, R>(mut service: S, request: Request) -> Result<Response, Error>
where
    S: Service<Request, Response = R> + Send,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: IntoResponse,
{
    poll_fn(|cx| service.poll_ready(cx)).await?;
    Ok(service.call(request).await?.into_response())
}

/// A handler as a tower service; made by [`into_service`].
#[derive(Debug)]
pub struct IntoService<H>(Arc<H>);

impl<H> IntoService<H> {
    pub(crate) fn shared(handler: Arc<H>) -> Self {
        Self(handler)
    }
}

impl<H> Clone for IntoService<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H, B> Service<http::Request<B>> for IntoService<H>
where
    H: Handler,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let handler = Arc::clone(&self.0);
        let request = request.map(Body::new);
        Box::pin(async move { Ok(handler.handle(request).await.into_response()) })
    }
}
