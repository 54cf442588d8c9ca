//! Not part of the API: the pure translations, for tests, fuzzers and tools.

use http_body_util::BodyExt;
use isobar_core::{
    Batch, Body, Bytes, Context, ContextBuilder, Dispatcher, Error, Event, Function, IntoResponse,
    Outcome, Provider, Request, RequestExt, Response, Routes,
};

use super::app::{self, Deployment, HostJson, Settings};
use super::error::{Refused, unknown};
use super::event;
use super::http::{self as ways, Incoming, Rules, Way};
use crate::RunError;
use crate::config::Environment;
use crate::names::Names;

/// An app, by the text of its files.
#[derive(Debug)]
pub struct App {
    deployment: Deployment,
    rules: Rules,
    event_rules: event::Rules,
}

/// What one delivery of the host's is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decoded {
    /// The host asks whether the program lives.
    Ping,
    /// A client's request, its context among its extensions; how it came tells `encode`.
    Http(Box<Request>, Answered),
    /// Events of one function; what comes of them goes to `Delivered::settle`.
    Events(Box<Delivered>),
    /// The client is told, and the invocation succeeds.
    Refused(Error, Answered),
    /// The invocation fails.
    Failed(Error),
}

/// How an answer goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answered {
    /// As the HTTP that it is.
    Plain,
    /// As invocation JSON, by this output.
    Output(String),
}

/// The events of one invocation, and all that its answer needs.
#[derive(Debug)]
pub struct Delivered {
    /// The events, and how they may be run.
    pub batch: Batch,
    /// The invocation's context.
    pub context: Context,
    function: app::Function,
    moves_on: bool,
    events: Vec<Event>,
}

impl Delivered {
    /// Makes the host's answer of what came of each event, in their order.
    pub async fn settle(&self, outcomes: &[Outcome]) -> http::Response<Bytes> {
        let answer = event::settle(&self.function, self.moves_on, &self.events, outcomes);
        encode(&Answered::Plain, answer).await
    }

    /// Returns true for a warm-up that a program does not ask for, which succeeds by itself.
    pub fn is_for_nobody(&self, routes: &Routes) -> bool {
        event::is_for_nobody(&self.function, &self.batch, routes)
    }
}

impl App {
    /// Reads the text of host.json, and of function.json by the function's name.
    ///
    /// # Errors
    ///
    /// When one is malformed, or they do not go together.
    pub fn new(host_json: &str, functions: &[(&str, &str)]) -> Result<Self, RunError> {
        let environment = Environment::default();
        let settings = Settings::of("host.json".into(), host_json, &environment)?;
        let host = HostJson::new(&settings, &environment)?;
        let read = |(name, text): &(&str, &str)| {
            let file = std::path::Path::new(name).join("function.json");
            app::Function::parse(name, &file, text)
        };
        let functions: Result<Vec<_>, _> = functions.iter().map(read).collect();
        let rules = Rules::new(&host, super::conninfo::Rules::default());
        let deployment = Deployment::new(host, functions?)?;
        let event_rules = event::Rules {
            names: Names::default(),
            limit: crate::concurrency::limit(&environment, None)?,
        };
        Ok(Self {
            deployment,
            rules,
            event_rules,
        })
    }

    /// Returns what the start would warn of, where a program takes this.
    pub fn warnings(&self, routes: &Routes) -> Vec<String> {
        self.deployment.warnings(&self.event_rules.names, routes)
    }

    /// Runs one delivery through a program, and returns what the host gets.
    pub async fn respond(
        &self,
        delivered: http::Request<Bytes>,
        dispatcher: &Dispatcher,
    ) -> http::Response<Bytes> {
        let never = std::future::pending;
        let (response, answered) = match self.decode(delivered) {
            Decoded::Ping => (Response::new(Body::empty()), Answered::Plain),
            Decoded::Failed(error) => (error.into_response(), Answered::Plain),
            Decoded::Refused(error, answered) => (error.into_response(), answered),
            Decoded::Http(request, answered) => {
                let context = request.context().clone();
                let response = dispatcher.respond(&context, *request, never()).await;
                context.background(never()).await;
                (response, answered)
            }
            Decoded::Events(delivered) if delivered.is_for_nobody(dispatcher.routes()) => {
                (event::nothing(), Answered::Plain)
            }
            Decoded::Events(mut delivered) => {
                let batch = std::mem::replace(&mut delivered.batch, Batch::new(Vec::new()));
                let context = delivered.context.clone();
                let outcomes = dispatcher.deliver(&context, batch, never()).await;
                return delivered.settle(&outcomes).await;
            }
        };
        encode(&answered, response).await
    }

    /// Reads what the host delivers.
    pub fn decode(&self, delivered: http::Request<Bytes>) -> Decoded {
        let function = match Way::of(&delivered, &self.deployment) {
            Way::Invocation(function) => function,
            Way::Ping => return Decoded::Ping,
            Way::Unknown => return Decoded::Failed(unknown()),
            Way::Forwarded => {
                return told(
                    ways::forwarded(&self.rules, Box::new(delivered.map(Into::into)), context()),
                    Answered::Plain,
                );
            }
            Way::Proxied => {
                return told(
                    ways::proxied(&self.rules, Box::new(delivered.map(Into::into)), context()),
                    Answered::Plain,
                );
            }
        };
        let (posted, payload) = (delivered.headers(), delivered.body());
        if !function.is_http() {
            return self.events(function, posted, payload);
        }
        let answered = Answered::Output(function.output.clone());
        match ways::invocation(&self.rules, function, u64::MAX, posted, payload, context()) {
            Ok(incoming) => told(incoming, answered),
            Err(Refused::Request(error)) => Decoded::Refused(error, answered),
            Err(Refused::Invocation(error)) => Decoded::Failed(error),
        }
    }

    fn events(
        &self,
        function: &app::Function,
        posted: &isobar_core::HeaderMap,
        payload: &Bytes,
    ) -> Decoded {
        let decoded = event::decode(&self.event_rules, function, posted, payload);
        let event::Decoded { batch, is_last_try } = match decoded {
            Ok(decoded) => decoded,
            Err(error) => return Decoded::Failed(error),
        };
        Decoded::Events(Box::new(Delivered {
            events: batch.events.clone(),
            batch,
            context: event::tell(context(), posted, payload).build(),
            function: function.clone(),
            moves_on: self.deployment.moves_on(function, is_last_try),
        }))
    }
}

fn context() -> ContextBuilder {
    Context::builder(Function::new(Provider::Azure, ""))
}

fn told(incoming: Incoming, answered: Answered) -> Decoded {
    let Incoming {
        context,
        mut request,
    } = incoming;
    request.extensions_mut().insert(context.build());
    Decoded::Http(request, answered)
}

/// Makes the host's answer of a handler's.
pub async fn encode(answered: &Answered, response: Response) -> http::Response<Bytes> {
    let response = match answered {
        Answered::Plain => response,
        // A problem that is made here has no id: nothing was invoked.
        Answered::Output(name) => {
            let context = context().request_id("").build();
            let answer = ways::encode(name, &context, response.map(Into::into));
            answer.await.map(Into::into)
        }
    };
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    http::Response::from_parts(parts, body.unwrap_or_default())
}
