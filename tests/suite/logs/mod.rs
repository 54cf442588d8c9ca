//! What a program says, as each host reads it.

mod colours;
mod events;
mod exact;
mod gone;
mod lines;
mod promises;
mod refusals;

use std::time::Duration;

use isobar_hosts::program::Stream;
use isobar_hosts::{Launch, Program};
use serde_json::Value;

use crate::host::{Host, Kind};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

fn program() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_logs"))
        .env("RUST_BACKTRACE", "0")
        .env("OTEL_SDK_DISABLED", "true")
        .env("GOOGLE_CLOUD_PROJECT", "acme")
}

/// A host, and how its lines are asked for.
#[derive(Clone, Copy)]
struct Reader {
    name: &'static str,
    kind: Kind,
    variables: &'static [(&'static str, &'static str)],
}

const LAMBDA_JSON: Reader = Reader {
    name: "lambda_json",
    kind: Kind::LambdaUrl,
    variables: &[("AWS_LAMBDA_LOG_FORMAT", "JSON")],
};
const LAMBDA_TEXT: Reader = Reader {
    name: "lambda_text",
    kind: Kind::LambdaUrl,
    variables: &[],
};
const CLOUD_RUN: Reader = Reader {
    name: "cloud_run",
    kind: Kind::CloudRun,
    variables: &[],
};
const AZURE: Reader = Reader {
    name: "azure",
    kind: Kind::AzureInvocation,
    variables: &[],
};
const LOCAL: Reader = Reader {
    name: "local",
    kind: Kind::Local,
    variables: &[],
};
const ALL: [Reader; 5] = [LAMBDA_JSON, LAMBDA_TEXT, CLOUD_RUN, AZURE, LOCAL];

impl Reader {
    async fn start(self, variables: &[(&str, &str)]) -> Host {
        let launch = { self.variables.iter().chain(variables) }
            .fold(program(), |launch, (name, value)| launch.env(name, value));
        Host::start(self.kind, launch).await
    }

    /// The id that a line carries; every form has a place for it.
    fn request_id(self, line: &str) -> Option<String> {
        let json = || serde_json::from_str::<Value>(line).unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self.name {
            "lambda_json" => text(&json()["requestId"]),
            "lambda_text" => line.split('\t').nth(1).map(str::to_owned),
            "cloud_run" => text(&json()["logging.googleapis.com/labels"]["request_id"]),
            "azure" => text(&json()["invocationId"]),
            _ => {
                let id = line.split(" request_id=").nth(1)?;
                id.split(' ').next().map(str::to_owned)
            }
        }
    }
}

/// Lines of a program so far, each after the name of its stream: a host reads the two apart.
fn lines(program: &Program) -> Vec<String> {
    let all = program.lines();
    let of = |wanted: Stream, name: &'static str| {
        let lines = all.iter().filter(move |line| line.stream == wanted);
        lines.map(move |line| format!("{name} {}", line.text))
    };
    of(Stream::Stdout, "stdout")
        .chain(of(Stream::Stderr, "stderr"))
        .collect()
}

/// The same, without the name of the stream, and only those that contain a text.
fn lines_with(host: &Host, text: &str) -> Vec<String> {
    let lines = host.program.lines().into_iter().map(|line| line.text);
    lines.filter(|line| line.contains(text)).collect()
}
