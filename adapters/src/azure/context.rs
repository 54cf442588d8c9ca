use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use isobar_core::{
    Bytes, Content, Context, ContextBuilder, Dispatcher, Error, Function, HeaderMap, IntoResponse,
    Method, Outcome, Provider, Refusal, Request, Response, TraceContext, Uri,
};

use super::app::{self, Deployment};
use super::conninfo;
use super::error::{Refused, unknown};
use super::event;
use super::http::{self as ways, Incoming, Rules, Way};
use crate::RunError;
use crate::concurrency;
use crate::config::Environment;
use crate::health::Health;
use crate::names::Names;
use crate::serve::{Answer, Exchange, MAX_HEADERS, Shared, Whole};
use crate::{inspect, otel};

/// Makes a context of each request, however it came, and has it answered in the same way.
pub(super) struct Contexts {
    dispatcher: Dispatcher,
    function: Function,
    health: Health,
    deployment: Deployment,
    rules: Rules,
    event_rules: event::Rules,
    /// False until the first request.
    warm: AtomicBool,
}

impl Contexts {
    pub(super) fn new(environment: &Environment, dispatcher: Dispatcher) -> Result<Self, RunError> {
        let deployment = Deployment::read(environment)?;
        let event_rules = event::Rules {
            names: Names::read(environment)?,
            limit: concurrency::limit(environment, None)?,
        };
        if let Some(said) = Deployment::misplaced(environment) {
            tracing::warn!("{said}");
        }
        for said in deployment.warnings(&event_rules.names, dispatcher.routes()) {
            tracing::warn!("{said}");
        }
        let function = function(environment);
        otel::serves(&function);
        inspect::serves(environment, &function);
        Ok(Self {
            dispatcher,
            health: Health::read(environment, &function)?,
            function,
            rules: Rules::new(&deployment.host, conninfo::Rules::new(environment)?),
            deployment,
            event_rules,
            warm: AtomicBool::new(false),
        })
    }

    fn context(&self) -> ContextBuilder {
        self.begun(self.unbegun())
    }

    /// A context of what may be a probe, which is no invocation.
    fn unbegun(&self) -> ContextBuilder {
        Context::builder(self.function.clone())
    }

    fn begun(&self, context: ContextBuilder) -> ContextBuilder {
        let cold = !self.warm.load(Ordering::Relaxed) && !self.warm.swap(true, Ordering::Relaxed);
        context.cold_start(cold)
    }

    /// Says whether clients' requests may come as they are.
    fn takes_http(&self) -> bool {
        self.deployment.host.proxies || self.deployment.host.forwards
    }

    /// Answers a request that came as HTTP, or was made of an invocation.
    async fn respond(&self, incoming: Incoming, shared: &Shared) -> Answer {
        let Incoming { request, context } = incoming;
        if let Some(answer) = self.health.answer(&request) {
            return answer.map(Into::into);
        }
        let context = self.begun(context);
        shared.respond(&self.dispatcher, context, request).await
    }

    /// The context of a request that is refused: the host's id is all that is read of it.
    fn of_refused(&self, headers: &HeaderMap) -> ContextBuilder {
        let context = self.context().trace(TraceContext::from_headers(headers));
        match ways::invocation_id(headers) {
            Some(id) => context.request_id(id),
            None => context,
        }
    }

    /// Answers an invocation.
    async fn invoke(
        &self,
        function: &app::Function,
        posted: Posted<'_>,
        (refusal, payload): (Refusal, Bytes),
        shared: &Shared,
    ) -> Answer {
        if !function.is_http() {
            let answer = self.deliver(function, posted, (refusal, &payload), shared);
            return answer.await.map(Into::into);
        }
        match self.read(function, posted.headers, &payload, shared) {
            Ok(Incoming { request, context }) => {
                if let Some(answer) = self.health.answer(&request) {
                    let answer = answer.map(Into::into);
                    return ways::encode(&function.output, &Context::default(), answer).await;
                }
                let context = self.begun(context);
                let answered = shared.respond_within(&self.dispatcher, context, request);
                let (response, within) = answered.await;
                ways::encode(&function.output, within.context(), response).await
            }
            Err(Refused::Request(error)) => {
                let context = self.of_refused(posted.headers).build();
                let head = Some(posted.line);
                let answer = refusal.of_request(&context, head, error.into_response());
                ways::encode(&function.output, &context, answer.map(Into::into)).await
            }
            Err(Refused::Invocation(error)) => self.fail(refusal, posted, error).map(Into::into),
        }
    }

    /// Fails what is no invocation.
    fn fail(&self, refusal: Refusal, posted: Posted<'_>, error: Error) -> Response {
        let context = self.of_refused(posted.headers).build();
        let answer = context.in_scope(|| failed(error));
        refusal.of_request(&context, Some(posted.line), answer)
    }

    /// Has an invocation's events handled.
    async fn deliver(
        &self,
        function: &app::Function,
        posted: Posted<'_>,
        (refusal, payload): (Refusal, &Bytes),
        shared: &Shared,
    ) -> Response {
        let decoded = event::decode(&self.event_rules, function, posted.headers, payload);
        let event::Decoded { batch, is_last_try } = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                let moves_on = self.deployment.moves_on(function, false);
                let context = self.of_refused(posted.headers).build();
                let unread = || event::unread(function, moves_on, error);
                let answer = context.in_scope(unread);
                return refusal.of_delivery(&context, posted.line, answer);
            }
        };
        if event::is_for_nobody(function, &batch, self.dispatcher.routes()) {
            tracing::info!(warmup = true, "answered without the application");
            return event::nothing();
        }
        let events = batch.events.clone();
        let context = event::tell(self.context(), posted.headers, payload);
        let moves_on = self.deployment.moves_on(function, is_last_try);
        let settle = |outcomes: &[Outcome]| event::settle(function, moves_on, &events, outcomes);
        shared
            .deliver(&self.dispatcher, context, batch, settle)
            .await
    }

    fn read(
        &self,
        function: &app::Function,
        posted: &HeaderMap,
        payload: &Bytes,
        shared: &Shared,
    ) -> Result<Incoming, Refused> {
        let limit = shared.settings.body_limit;
        ways::invocation(
            &self.rules,
            function,
            limit,
            posted,
            payload,
            self.unbegun(),
        )
    }
}

/// The head of what the host posted.
#[derive(Clone, Copy)]
struct Posted<'r> {
    line: (&'r Method, &'r Uri),
    headers: &'r HeaderMap,
}

impl<'r> Posted<'r> {
    fn of<B>(request: &'r http::Request<B>) -> Self {
        Self {
            line: (request.method(), request.uri()),
            headers: request.headers(),
        }
    }
}

impl Exchange for Contexts {
    /// Of an invocation all headers are the host's own.
    fn max_headers(&self) -> Option<usize> {
        self.takes_http().then_some(MAX_HEADERS)
    }

    fn whole(&self, limit: u64) -> Option<Whole> {
        (!self.takes_http()).then(|| Whole {
            limit: of_invocation(limit),
            headers: &ways::WANTED,
        })
    }

    fn wire_limit<B>(&self, request: &http::Request<B>, limit: u64) -> u64 {
        if self.takes_http() && !matches!(Way::of(request, &self.deployment), Way::Invocation(_)) {
            return limit;
        }
        of_invocation(limit)
    }

    fn context_of<B>(&self, request: &http::Request<B>, _peer: SocketAddr) -> ContextBuilder {
        self.of_refused(request.headers())
    }

    async fn exchange_whole(
        &self,
        head: &http::Request<()>,
        body: Bytes,
        _peer: SocketAddr,
        shared: &Shared,
    ) -> Answer {
        let (refusal, posted) = (Refusal::begin(), Posted::of(head));
        match Way::of(head, &self.deployment) {
            Way::Ping => http::Response::new(Content::Whole(Bytes::new())),
            Way::Invocation(function) => {
                self.invoke(function, posted, (refusal, body), shared).await
            }
            _ => self.fail(refusal, posted, unknown()).map(Into::into),
        }
    }

    async fn exchange(
        &self,
        mut request: Box<Request>,
        _peer: SocketAddr,
        shared: &Shared,
    ) -> Answer {
        let incoming = match Way::of(&request, &self.deployment) {
            Way::Ping => return http::Response::new(Content::Whole(Bytes::new())),
            Way::Invocation(function) => {
                inspect::through(|| format!("{} {}", function.trigger.kind, function.name));
                let refusal = Refusal::begin();
                let body = std::mem::take(request.body_mut());
                let posted = Posted::of(&request);
                return match ways::whole(body).await {
                    Ok(payload) => {
                        self.invoke(function, posted, (refusal, payload), shared)
                            .await
                    }
                    Err(error) => self
                        .fail(refusal, posted, Error::from(error))
                        .map(Into::into),
                };
            }
            Way::Forwarded => {
                inspect::through(|| "forwarded".to_owned());
                ways::forwarded(&self.rules, request, self.unbegun())
            }
            Way::Proxied => {
                inspect::through(|| "proxied".to_owned());
                ways::proxied(&self.rules, request, self.unbegun())
            }
            Way::Unknown => {
                let posted = Posted::of(&request);
                let answer = self.fail(Refusal::begin(), posted, unknown());
                return answer.map(Into::into);
            }
        };
        self.respond(incoming, shared).await
    }
}

/// How long an invocation may be: it has the body twice, escaped, beside all headers.
fn of_invocation(limit: u64) -> u64 {
    limit.saturating_mul(8).saturating_add(1 << 20)
}

/// The app: `WEBSITE_OWNER_NAME` is `{subscription}+{more}`.
fn function(environment: &Environment) -> Function {
    let text = |name| environment.text(name);
    let owner = text("WEBSITE_OWNER_NAME").and_then(|owner| owner.split('+').next());
    Function::new(
        Provider::Azure,
        text("WEBSITE_SITE_NAME").unwrap_or_default(),
    )
    .with_version(text("WEBSITE_SLOT_NAME").unwrap_or_default())
    .with_region(text("REGION_NAME").map(str::to_owned))
    .with_account(owner.map(str::to_owned))
}

/// The host logs the body of a failed invocation, and answers a client with a bare 500.
fn failed(error: Error) -> Response {
    tracing::error!("the invocation failed: {error:?}");
    error.into_response()
}
