use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use http::uri::Scheme;
use isobar_core::{
    Body, Context, ContextBuilder, Dispatcher, Function, Provider, Refusal, Request, Response,
    TraceContext,
};

use super::event::{self, Rules};
use super::page;
use crate::RunError;
use crate::cloudevents::{Delivery, Endpoint, answered, refused, settle, take};
use crate::config::Environment;
use crate::health::Health;
use crate::serve::{Answer, Exchange, Shared, absolute};
use crate::{inspect, otel};

/// Makes a context of each request, and has it answered.
pub(super) struct Contexts {
    dispatcher: Dispatcher,
    endpoint: Option<Endpoint>,
    rules: Rules,
    function: Function,
    health: Health,
    warm: AtomicBool,
}

impl Contexts {
    pub(super) fn new(environment: &Environment, dispatcher: Dispatcher) -> Result<Self, RunError> {
        let routes = dispatcher.routes();
        let endpoint = Endpoint::new(environment, routes, !routes.takes_http())?;
        let function = Function::new(Provider::Local, "");
        otel::serves(&function);
        inspect::serves(environment, &function);
        Ok(Self {
            health: Health::read(environment, &function)?,
            rules: Rules::new(environment)?,
            endpoint,
            dispatcher,
            function,
            warm: AtomicBool::new(false),
        })
    }

    /// Answers a request: of events where its path says so, else the application's own.
    async fn answer(
        &self,
        mut request: Box<Request>,
        context: ContextBuilder,
        shared: &Shared,
    ) -> Answer {
        let (method, headers) = (request.method(), request.headers());
        let path = request.uri().path();
        let rest = self.endpoint.as_ref().and_then(|endpoint| {
            let rest = endpoint.rest(path)?;
            let is_ours = endpoint.takes_all() || Endpoint::is_about_events(method, headers);
            is_ours.then(|| (endpoint.answer(method, headers), rest.to_owned()))
        });
        match rest {
            None => {}
            Some((Some(answer), _)) => {
                return answered(context, &request, answer).map(Into::into);
            }
            Some((None, _)) if page::is_foreign(request.headers()) => {
                let answer = answered(context, &request, page::refused());
                return answer.map(Into::into);
            }
            Some((None, rest)) => {
                let answer = self.receive(&rest, context, request, shared).await;
                return answer.map(Into::into);
            }
        }
        absolute(&mut request, Scheme::HTTP);
        shared.respond(&self.dispatcher, context, request).await
    }

    async fn receive(
        &self,
        rest: &str,
        context: ContextBuilder,
        request: Box<Request>,
        shared: &Shared,
    ) -> Response {
        let refusal = Refusal::begin();
        let (head, body) = request.into_parts();
        let read = self.read(rest, &head, body).await;
        settle(read, (refusal, &head), context, &self.dispatcher, shared).await
    }

    async fn read(&self, rest: &str, head: &Parts, body: Body) -> Result<Delivery, Box<Response>> {
        let path = head.uri.path();
        let body = take(path, body).await?;
        let delivery = event::decode(&self.rules, &head.headers, rest, &body);
        delivery.map_err(|malformed| Box::new(refused(path, &malformed)))
    }
}

impl Exchange for Contexts {
    fn context_of<B>(&self, request: &http::Request<B>, peer: SocketAddr) -> ContextBuilder {
        Context::builder(self.function.clone())
            .cold_start(!self.warm.swap(true, Ordering::Relaxed))
            .trace(TraceContext::from_headers(request.headers()))
            .client_ip(Some(peer.ip()))
    }

    async fn exchange(&self, request: Box<Request>, peer: SocketAddr, shared: &Shared) -> Answer {
        if let Some(answer) = self.health.answer(&request) {
            return answer.map(Into::into);
        }
        let context = self.context_of(&request, peer);
        self.answer(request, context, shared).await
    }
}
