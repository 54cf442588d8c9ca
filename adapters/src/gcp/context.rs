use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Version;
use http::request::Parts;
use http::uri::Scheme;
use isobar_core::{
    Body, Context, ContextBuilder, Dispatcher, Function, HeaderMap, HeaderName, Provider, Refusal,
    Request, Response,
};

use super::events::{Arrived, Events};
use super::{conninfo, metadata, trace};
use crate::cloudevents::{Delivery, answered, settle, take};
use crate::config::Environment;
use crate::health::Health;
use crate::serve::{Answer, Exchange, Shared, absolute};
use crate::{RunError, forwarded, inspect, log, otel};

/// Makes a context of each request, and has it answered.
pub(super) struct Contexts {
    pub(super) dispatcher: Dispatcher,
    pub(super) events: Option<Events>,
    function: Function,
    conninfo: conninfo::Rules,
    pub(super) health: Health,
    /// True behind the front end of Cloud Run functions, which gives each execution an id.
    is_function: bool,
    limit_is_the_hosts: bool,
    /// False until the first request.
    warm: AtomicBool,
    metadata: metadata::Server,
    asked: OnceLock<()>,
}

impl Contexts {
    pub(super) fn new(
        environment: &Environment,
        limit_is_the_hosts: bool,
        dispatcher: Dispatcher,
    ) -> Result<Self, RunError> {
        let name = environment
            .text("K_SERVICE")
            .or_else(|| environment.text("FUNCTION_TARGET"));
        let name = name.unwrap_or_default();
        let events = Events::new(environment, dispatcher.routes(), name)?;
        let function = Function::new(Provider::Gcp, name)
            .with_version(environment.text("K_REVISION").unwrap_or_default())
            .with_account(environment.text("GOOGLE_CLOUD_PROJECT").map(str::to_owned));
        log::serves(&function);
        otel::serves(&function);
        inspect::serves(environment, &function);
        Ok(Self {
            dispatcher,
            events,
            conninfo: conninfo::Rules::new(environment)?,
            health: Health::read(environment, &function)?,
            function,
            is_function: environment.text("FUNCTION_TARGET").is_some(),
            limit_is_the_hosts,
            warm: AtomicBool::new(false),
            metadata: metadata::Server::new(environment),
            asked: OnceLock::new(),
        })
    }

    /// Asks for the project and the region once, beside the first request: nothing waits for it.
    fn ask_metadata(&self) {
        self.asked.get_or_init(|| {
            let (metadata, function) = (self.metadata.clone(), self.function.clone());
            drop(tokio::spawn(async move {
                let (region, project) = metadata.ask().await;
                function.learn(region, project);
            }));
        });
    }
}

impl Exchange for Contexts {
    /// Cloud Run limits HTTP/1.1 requests, and those of HTTP/2 not at all
    /// (<https://cloud.google.com/run/quotas>).
    fn wire_limit<B>(&self, request: &http::Request<B>, limit: u64) -> u64 {
        let is_free = request.version() == Version::HTTP_2 && self.limit_is_the_hosts;
        if is_free { u64::MAX } else { limit }
    }

    fn context_of<B>(&self, request: &http::Request<B>, _peer: SocketAddr) -> ContextBuilder {
        self.context(request)
    }

    async fn exchange(
        &self,
        mut request: Box<Request>,
        _peer: SocketAddr,
        shared: &Shared,
    ) -> Answer {
        if let Some(answer) = self.health.answer(&request) {
            return answer.map(Into::into);
        }
        self.ask_metadata();
        let context = self.context(&request);
        match self
            .events
            .as_ref()
            .and_then(|events| Some((events, events.arrived(&request)?)))
        {
            None => {}
            Some((_, Arrived::Answered(answer))) => {
                return answered(context, &request, answer).map(Into::into);
            }
            Some((events, Arrived::Delivery(rest))) => {
                let answer = self.receive(events, &rest, context, request, shared);
                return answer.await.map(Into::into);
            }
        }
        at_home(&mut request);
        shared.respond(&self.dispatcher, context, request).await
    }
}

/// Gives the URI the scheme and the authority that the client used.
pub(super) fn at_home(request: &mut Request) {
    let scheme = forwarded::scheme(request.headers()).unwrap_or(Scheme::HTTP);
    absolute(request, scheme);
}

impl Contexts {
    /// Takes a delivery: who sent it, what it is, and what came of it.
    async fn receive(
        &self,
        events: &Events,
        rest: &str,
        context: ContextBuilder,
        request: Box<Request>,
        shared: &Shared,
    ) -> Response {
        let refusal = Refusal::begin();
        let (head, body) = request.into_parts();
        let read = Self::read(events, rest, &head, body).await;
        settle(read, (refusal, &head), context, &self.dispatcher, shared).await
    }

    async fn read(
        events: &Events,
        rest: &str,
        head: &Parts,
        body: Body,
    ) -> Result<Delivery, Box<Response>> {
        events.auth.admit(&head.headers).await?;
        let body = take(head.uri.path(), body).await?;
        events.decode(head, rest, &body)
    }

    /// Makes the context of a request: what the front end says of it.
    pub(super) fn context<B>(&self, request: &http::Request<B>) -> ContextBuilder {
        let headers = request.headers();
        let cold = !self.warm.load(Ordering::Relaxed) && !self.warm.swap(true, Ordering::Relaxed);
        let context = Context::builder(self.function.clone())
            .cold_start(cold)
            .trace(trace::context(headers));
        let mut context = forwarded::tell_client_ip(context, headers, self.conninfo.proxies);
        if let Some(id) = self.is_function.then(|| execution_id(headers)).flatten() {
            context = context.request_id(id);
        }
        context
    }
}

const EXECUTION_ID: HeaderName = HeaderName::from_static("function-execution-id");

/// The id that the functions front end gives, and the Functions Frameworks log.
fn execution_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(EXECUTION_ID)?.to_str().ok()?;
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (!id.is_empty() && id.len() <= 64 && id.bytes().all(legal)).then_some(id)
}
