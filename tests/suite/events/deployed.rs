//! A program behind the host of a source.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use isobar::Provider;
use isobar::testing::{Delivery, Native, Source};
use isobar_hosts::cloud_run::Service;
use isobar_hosts::functions::{self, FunctionsHost};
use isobar_hosts::lambda::{self, Function, Invocation, Sandbox};
use isobar_hosts::local::Local;
use isobar_hosts::{Front, Program, body};
use serde_json::Value;

use crate::host::Answer;
use crate::programs::program;

/// A program behind the host of a source.
pub(super) struct Deployed {
    way: Way,
    program: Arc<Program>,
    lines: PathBuf,
    read: usize,
}

enum Way {
    Lambda(Sandbox),
    Functions(Arc<FunctionsHost>),
    Http(Arc<dyn Front>),
}

/// What the host made of a delivery.
#[derive(Debug)]
pub(super) struct Told {
    /// Whether the host takes all of it for done.
    pub(super) done: bool,
    /// AWS: the items that come again, of those that came together.
    pub(super) again: Vec<String>,
    /// The host's own answer, in print.
    pub(super) text: String,
}

impl Deployed {
    /// Starts a program behind the host of a delivery, deployed for such deliveries.
    pub(super) async fn start(name: &str, delivery: &Delivery) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = format!("isobar-events-{}-{count}", std::process::id());
        let lines = std::env::temp_dir().join(file);
        let launch = program(name).env("MIRROR_EVENTS", lines.display().to_string());
        let native = delivery.native();
        let launch = match &native.names {
            Some(names) => launch.env("ISOBAR_NAMES", names),
            None => launch,
        };
        let (way, program) = match native.source.provider() {
            Provider::Aws => {
                let sandbox = Function::new(launch).start().await.unwrap();
                let program = sandbox.program();
                (Way::Lambda(sandbox), program)
            }
            Provider::Azure => {
                let json: Value =
                    serde_json::from_str(native.function_json.as_ref().unwrap()).unwrap();
                let app = functions::App::new().unwrap();
                let app = app.function(native.path.trim_start_matches('/'), &json["bindings"]);
                let host = functions::Host::new(launch, app.unwrap());
                let started = host.start().await.unwrap();
                (Way::Functions(started.front), started.program)
            }
            Provider::Gcp => {
                let launch = launch
                    .env("ISOBAR_EVENTS_AUTH", "iam")
                    .env("ISOBAR_EVENTS_PATH", "/");
                let launch = match native.source {
                    Source::TypedFunction => launch
                        .env("FUNCTION_TARGET", "function")
                        .env("FUNCTION_SIGNATURE_TYPE", "typed"),
                    _ => launch,
                };
                let started = Service::new(launch).start().await.unwrap().any();
                (Way::Http(started.front), started.program)
            }
            _ => {
                let launch = launch.env("ISOBAR_EVENTS_PATH", "/");
                let started = Local::start(launch).await.unwrap().any();
                (Way::Http(started.front), started.program)
            }
        };
        Self {
            way,
            program,
            lines,
            read: 0,
        }
    }

    pub(super) async fn deliver(&self, delivery: &Delivery) -> Told {
        self.send(delivery.native()).await
    }

    /// Delivers what may be no delivery at all.
    pub(super) async fn send(&self, native: Native) -> Told {
        match &self.way {
            Way::Lambda(sandbox) => {
                let answer = sandbox.invoke(Invocation::new(native.body)).await.unwrap();
                let failures = answer.json()["batchItemFailures"].clone();
                let failures = failures.as_array().cloned().unwrap_or_default();
                let again = failures.iter();
                let again = again.map(|item| item["itemIdentifier"].as_str().unwrap().to_owned());
                let again: Vec<_> = again.collect();
                Told {
                    done: answer.kind != lambda::Kind::Error && again.is_empty(),
                    again,
                    text: text(&answer.bytes),
                }
            }
            Way::Functions(host) => {
                let json: Value = serde_json::from_slice(&native.body).unwrap_or_default();
                let function = native.path.trim_start_matches('/');
                let (data, metadata) = (json["Data"].clone(), json["Metadata"].clone());
                let outcome = host.invoke(function, data, metadata).await.unwrap();
                Told {
                    done: outcome.succeeded(),
                    again: Vec::new(),
                    text: text(&outcome.raw),
                }
            }
            Way::Http(front) => {
                let mut request = http::Request::post(&native.path).header("host", "localhost");
                for (name, value) in &native.headers {
                    request = request.header(name, value);
                }
                let request = request.body(body::full(native.body)).unwrap();
                let answer = Answer::read(front.send(request).await.unwrap()).await;
                Told {
                    done: answer.status.is_success(),
                    again: Vec::new(),
                    text: format!("{} {}", answer.status, answer.text()),
                }
            }
        }
    }

    /// Returns what `mirror` has seen since last asked.
    pub(super) fn seen(&mut self) -> Vec<Value> {
        let all = std::fs::read(&self.lines).unwrap_or_default();
        let new = all[self.read..].to_vec();
        self.read = all.len();
        let lines = new.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        // it may never have been written
        drop(std::fs::remove_file(&self.lines));
    }
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
