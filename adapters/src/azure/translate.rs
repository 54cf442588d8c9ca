//! Not part of the API: the pure translations, for tests, fuzzers and tools.

use http_body_util::BodyExt;
use isobar_core::{Bytes, Context, Error, Function, Provider, Request, Response};

use super::app::{self, Deployment, HostJson, Settings};
use super::error::{Refused, unhandled, unknown};
use super::http::{self as ways, Incoming, Rules, Way};
use crate::RunError;
use crate::config::Environment;

/// An app, by the text of its files.
#[derive(Debug)]
pub struct App {
    deployment: Deployment,
    rules: Rules,
}

/// What one delivery of the host's is.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decoded {
    /// The host asks whether the program lives.
    Ping,
    /// A client's request, its context among its extensions; how it came tells `encode`.
    Http(Box<Request>, Answered),
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
        Ok(Self { deployment, rules })
    }

    /// Reads what the host delivers.
    pub fn decode(&self, delivered: http::Request<Bytes>) -> Decoded {
        let function = match Way::of(&delivered, &self.deployment) {
            Way::Invocation(function) => function,
            Way::Ping => return Decoded::Ping,
            Way::Unknown => return Decoded::Failed(unknown()),
            Way::Forwarded => {
                return told(
                    ways::forwarded(&self.rules, delivered.map(Into::into)),
                    Answered::Plain,
                );
            }
            Way::Proxied => {
                return told(
                    ways::proxied(&self.rules, delivered.map(Into::into)),
                    Answered::Plain,
                );
            }
        };
        if !function.is_http() {
            return Decoded::Failed(unhandled(function));
        }
        let answered = Answered::Output(function.output.clone());
        let (posted, payload) = (delivered.headers(), delivered.body());
        match ways::invocation(&self.rules, function, u64::MAX, posted, payload) {
            Ok(incoming) => told(incoming, answered),
            Err(Refused::Request(error)) => Decoded::Refused(error, answered),
            Err(Refused::Invocation(error)) => Decoded::Failed(error),
        }
    }
}

fn told(incoming: Incoming, answered: Answered) -> Decoded {
    let context = Context::builder(Function::new(Provider::Azure, ""));
    let (context, mut request) = incoming.tell(context);
    request.extensions_mut().insert(context.build());
    Decoded::Http(Box::new(request), answered)
}

/// Makes the host's answer of a handler's.
pub async fn encode(answered: &Answered, response: Response) -> http::Response<Bytes> {
    let response = match answered {
        Answered::Plain => response,
        Answered::Output(name) => ways::encode(name, response).await,
    };
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    http::Response::from_parts(parts, body.unwrap_or_default())
}
