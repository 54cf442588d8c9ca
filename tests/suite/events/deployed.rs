//! A program behind the host of a source.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::HeaderMap;
use isobar::Provider;
use isobar::testing::{Delivery, Source};
use isobar_hosts::cloud_run::Service;
use isobar_hosts::functions::{self, FunctionsHost};
use isobar_hosts::lambda::{self, Function, Invocation, Sandbox};
use isobar_hosts::local::Local;
use isobar_hosts::{Front, Launch, Program, body};
use serde_json::Value;

use crate::host::Answer;
use crate::programs::program;

/// A program behind the host of a source.
pub(crate) struct Deployed {
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
pub(crate) struct Told {
    /// Whether the host takes all of it for done.
    pub(crate) done: bool,
    /// Whether it was told of a failure of the whole.
    pub(crate) failed: bool,
    /// AWS: the items that come again, of those that came together.
    pub(crate) again: Vec<String>,
    /// The host's own answer, in print.
    pub(crate) text: String,
}

impl Deployed {
    /// Starts a program behind the host of a delivery, deployed for such deliveries.
    pub(crate) async fn start(name: &str, delivery: &Delivery) -> Self {
        Self::launch(program(name), delivery).await
    }

    /// Starts what is to be launched behind the host of a delivery.
    pub(crate) async fn launch(mut launch: Launch, delivery: &Delivery) -> Self {
        let native = delivery.native();
        if let Some(names) = &native.names {
            launch = launch.env("ISOBAR_NAMES", names);
        }
        match native.source.provider() {
            Provider::Aws => Self::lambda(launch).await,
            Provider::Azure => {
                let json = native.function_json.as_ref().unwrap();
                let json: Value = serde_json::from_str(json).unwrap();
                let function = native.path.trim_start_matches('/').to_owned();
                Self::functions(launch, [(function, json["bindings"].clone())]).await
            }
            Provider::Gcp if native.source == Source::TypedFunction => {
                let launch = launch.env("FUNCTION_TARGET", "function");
                Self::cloud_run(launch.env("FUNCTION_SIGNATURE_TYPE", "typed")).await
            }
            Provider::Gcp => Self::cloud_run(launch).await,
            _ => {
                let (launch, lines) = noting(launch);
                let launch = launch.env("ISOBAR_EVENTS_PATH", "/");
                let started = Local::start(launch).await.unwrap().any();
                Self::new(Way::Http(started.front), started.program, lines)
            }
        }
    }

    pub(crate) async fn lambda(launch: Launch) -> Self {
        let (launch, lines) = noting(launch);
        let sandbox = Function::new(launch).start().await.unwrap();
        let program = sandbox.program();
        Self::new(Way::Lambda(sandbox), program, lines)
    }

    pub(crate) async fn functions(
        launch: Launch,
        functions: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        let (launch, lines) = noting(launch);
        let app = functions
            .into_iter()
            .fold(functions::App::new().unwrap(), |app, (name, bindings)| {
                app.function(&name, &bindings).unwrap()
            });
        let started = functions::Host::new(launch, app).start().await.unwrap();
        Self::new(Way::Functions(started.front), started.program, lines)
    }

    pub(crate) async fn cloud_run(launch: Launch) -> Self {
        let (launch, lines) = noting(launch);
        let launch = launch
            .env("ISOBAR_EVENTS_AUTH", "iam")
            .env("ISOBAR_EVENTS_PATH", "/");
        let started = Service::new(launch).start().await.unwrap().any();
        Self::new(Way::Http(started.front), started.program, lines)
    }

    fn new(way: Way, program: Arc<Program>, lines: PathBuf) -> Self {
        Self {
            way,
            program,
            lines,
            read: 0,
        }
    }

    pub(crate) async fn deliver(&self, delivery: &Delivery) -> Told {
        let native = delivery.native();
        self.send(&native.path, &native.headers, native.body).await
    }

    /// Delivers what may be no delivery at all.
    pub(crate) async fn send(&self, path: &str, headers: &HeaderMap, bytes: Bytes) -> Told {
        match &self.way {
            Way::Lambda(sandbox) => {
                let answer = sandbox.invoke(Invocation::new(bytes)).await.unwrap();
                let failures = answer.json()["batchItemFailures"].clone();
                let failures = failures.as_array().cloned().unwrap_or_default();
                let again = failures.iter();
                let again = again.map(|item| item["itemIdentifier"].as_str().unwrap().to_owned());
                let again: Vec<_> = again.collect();
                Told {
                    done: answer.kind != lambda::Kind::Error && again.is_empty(),
                    failed: answer.kind == lambda::Kind::Error,
                    again,
                    text: text(&answer.bytes),
                }
            }
            Way::Functions(host) => {
                let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                let function = path.trim_start_matches('/');
                let (data, metadata) = (json["Data"].clone(), json["Metadata"].clone());
                let outcome = host.invoke(function, data, metadata).await.unwrap();
                Told {
                    done: outcome.succeeded(),
                    failed: !outcome.succeeded(),
                    again: Vec::new(),
                    text: text(&outcome.raw),
                }
            }
            Way::Http(front) => {
                let mut request = http::Request::post(path);
                if !headers.contains_key("host") {
                    request = request.header("host", "localhost");
                }
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                let request = request.body(body::full(bytes)).unwrap();
                let answer = Answer::read(front.send(request).await.unwrap()).await;
                Told {
                    done: answer.status.is_success(),
                    failed: !answer.status.is_success(),
                    again: Vec::new(),
                    text: format!("{} {}", answer.status, answer.text()),
                }
            }
        }
    }

    /// Returns what `mirror` has seen since last asked.
    pub(crate) fn seen(&mut self) -> Vec<Value> {
        let all = std::fs::read(&self.lines).unwrap_or_default();
        let new = all[self.read..].to_vec();
        self.read = all.len();
        let lines = new.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        // it may never have been written
        drop(std::fs::remove_file(&self.lines));
    }
}

/// Has `mirror` note what it sees in a file of its own.
fn noting(launch: Launch) -> (Launch, PathBuf) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = format!("isobar-events-{}-{count}", std::process::id());
    let lines = std::env::temp_dir().join(file);
    let launch = launch.env("MIRROR_EVENTS", lines.display().to_string());
    (launch, lines)
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
