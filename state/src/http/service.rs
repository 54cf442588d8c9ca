use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Limited};
use isobar_core::{Body, Bytes, Error, IntoResponse, Request, RequestExt, Response};
use tower_service::Service;

use super::layer::Settings;
use super::{answer, key, refusal};
use crate::claims::{Claim, Claimed, Lost};
use crate::{Fingerprint, Key, Store};

/// A service that answers each request with an `Idempotency-Key` once; made by
/// [`IdempotencyKeyLayer`](crate::IdempotencyKeyLayer).
#[derive(Debug)]
pub struct IdempotencyKey<S, T> {
    settings: Arc<Settings<S>>,
    service: T,
}

impl<S, T> IdempotencyKey<S, T> {
    pub(super) fn new(settings: Arc<Settings<S>>, service: T) -> Self {
        Self { settings, service }
    }
}

impl<S, T: Clone> Clone for IdempotencyKey<S, T> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.settings), self.service.clone())
    }
}

impl<S, T, R> Service<Request> for IdempotencyKey<S, T>
where
    S: Store,
    T: Service<Request, Response = R> + Clone + Send + 'static,
    T::Error: Send,
    T::Future: Send,
    R: IntoResponse,
{
    type Response = Response;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, T::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let clone = self.service.clone();
        // the one that said it was ready
        let service = mem::replace(&mut self.service, clone);
        let settings = Arc::clone(&self.settings);
        Box::pin(async move { settings.answer(service, request).await })
    }
}

impl<S: Store> Settings<S> {
    async fn answer<T>(&self, mut service: T, request: Request) -> Result<Response, T::Error>
    where
        T: Service<Request, Response: IntoResponse, Error: Send, Future: Send> + Send,
    {
        let concerned = request.event().is_none() && self.methods.contains(request.method());
        let name = match key::of(request.headers()) {
            _ if !concerned => None,
            Ok(None) if self.required => {
                return Ok(refusal::malformed("the request needs an Idempotency-Key"));
            }
            Ok(name) => name,
            Err(what) => return Ok(refusal::malformed(what)),
        };
        let Some(name) = name else {
            return Ok(service.call(request).await?.into_response());
        };
        let (request, body) = match self.read(request).await {
            Ok(read) => read,
            Err(error) => return Ok(error.into_response()),
        };
        match self.claim(&name, &request, &body).await {
            Ok(claim) => {
                self.run(claim, service, request.map(|()| Body::from(body)))
                    .await
            }
            Err(refused) => Ok(*refused),
        }
    }

    async fn read(&self, request: Request) -> Result<(http::Request<()>, Bytes), Error> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, self.body_limit).collect().await?;
        Ok((http::Request::from_parts(parts, ()), body.to_bytes()))
    }

    /// Asks for the key; else returns what the client gets instead of a run.
    async fn claim(
        &self,
        name: &str,
        request: &http::Request<()>,
        body: &[u8],
    ) -> Result<Claim, Box<Response>> {
        let (parts, ()) = request.clone().into_parts();
        let scope = self.scope.as_deref();
        let scope = scope.unwrap_or_else(|| parts.context().function().name());
        let key = Key::of(["http", scope, &(self.client)(&parts), name]);
        let target = parts
            .uri
            .path_and_query()
            .map_or("", |target| target.as_str());
        let method = parts.method.as_str();
        let print = Fingerprint::of([method.as_bytes(), target.as_bytes(), body]);
        let about = format!("{method} {} of {scope:?}, {name:?}", parts.uri.path()).into();
        let claimed = self.claims.claim(key, about, Some(print.clone())).await;
        let differs = |of: &Option<Arc<Fingerprint>>| of.as_ref().is_some_and(|of| **of != print);
        Err(Box::new(match claimed {
            Ok(Claimed::Mine(claim)) => return Ok(claim),
            Ok(Claimed::Done(_, of) | Claimed::Elsewhere(_, of)) if differs(&of) => {
                refusal::another_request()
            }
            Ok(Claimed::Done(kept, _)) => answer::replay(&kept).unwrap_or_else(refusal::not_kept),
            Ok(Claimed::Elsewhere(until, _)) => {
                refusal::in_progress(until.since(self.claims.clock.now()))
            }
            Err(error) => refusal::unavailable(error),
        }))
    }

    async fn run<T>(
        &self,
        mut claim: Claim,
        mut service: T,
        request: Request,
    ) -> Result<Response, T::Error>
    where
        T: Service<Request, Response: IntoResponse, Error: Send, Future: Send> + Send,
    {
        let work = async {
            let response = service.call(request).await?.into_response();
            Ok(answer::read(response, self.answer_limit).await)
        };
        let ended = match self.claims.hold(&mut claim, work).await {
            Ok(ended) => ended,
            Err(Lost) => return Ok(refusal::lost()),
        };
        match ended {
            Ok(Ok((response, Some(kept)))) => {
                self.claims.done(&mut claim, kept).await;
                Ok(response)
            }
            Ok(failed) => {
                self.claims.free(&mut claim).await;
                failed.map(|(response, _)| response)
            }
            Err(panic) => {
                self.claims.free(&mut claim).await;
                resume_unwind(panic)
            }
        }
    }
}
