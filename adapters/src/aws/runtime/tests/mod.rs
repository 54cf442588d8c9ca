//! The loop against a Runtime API that plays a script: what it says, and what it then does wrong.

mod answers;
mod failures;
mod mock;
mod starts;
mod streams;

use isobar_core::{Dispatcher, Error, Handler};
use serde_json::{Value, json};

use crate::RunError;
use crate::aws::settings::{Options, ResponseMode};
use crate::config::Environment;
use crate::phases::Phases;
use mock::{Mock, Seen};

/// The environment that every test has; a retry's pause is real time, so tests take a moment.
fn environment(mock: &Mock) -> Environment {
    Environment::of([("AWS_LAMBDA_RUNTIME_API", mock.address())])
}

async fn run(
    environment: &Environment,
    options: &Options,
    init: impl Future<Output = Result<Dispatcher, Error>>,
) -> Result<(), RunError> {
    super::run(environment, options, init, Phases::begin()).await
}

/// Plays a script to a handler, and returns what the Runtime API saw of it beside polls.
async fn played(mock: Mock, handler: impl Handler) -> Vec<Seen> {
    played_with(mock, Options::default(), handler).await
}

async fn played_with(mock: Mock, options: Options, handler: impl Handler) -> Vec<Seen> {
    let (environment, dispatcher) = (environment(&mock), Dispatcher::new(handler));
    let running = run(&environment, &options, async { Ok(dispatcher) });
    mock.until_done(running).await
}

fn streaming() -> Options {
    Options {
        response_mode: Some(ResponseMode::Stream),
        ..Options::default()
    }
}

/// A function URL's event.
fn event(path: &str) -> Value {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {"host": "a.example"},
        "requestContext": {"domainName": "a.lambda-url.eu-west-1.on.aws", "stage": "$default",
            "http": {"method": "GET", "sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    })
}

async fn hello(request: isobar_core::Request) -> String {
    format!("hello {}", request.uri().path())
}
