//! The exact lines of an invocation, an error, a panic and a start that fails, on each host.
//!
//! They stand in `tests/data/logs`; `UPDATE_GOLDEN=1 cargo test logs::exact` writes them anew.

use std::path::Path;

use super::lines::masked;
use super::{ALL, AZURE, CLOUD_RUN, LAMBDA_JSON, LAMBDA_TEXT, LOCAL, PARENT, PATIENCE};
use super::{Reader, lines, program};
use crate::host::get;

pub(super) fn assert_is_golden(name: &str, lines: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/logs/{name}.txt"));
    let found: String = lines.iter().map(|line| masked(line) + "\n").collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "{}", path.display());
}

async fn an_invocation_an_error_and_a_panic(reader: Reader) {
    let host = reader.start(&[]).await;
    for (path, status) in [("/hello", 200), ("/fail", 500), ("/panic", 500)] {
        let target = format!("{path}?code=s3cret");
        let request = get(&target).header("traceparent", PARENT);
        let answer = host.send(request, "").await;
        assert_eq!(answer.status, status);
        host.line(&format!("GET {path} {status}")).await;
    }
    assert_is_golden(reader.name, &lines(&host.program));
}

#[tokio::test]
async fn on_lambda_as_json() {
    an_invocation_an_error_and_a_panic(LAMBDA_JSON).await;
}

#[tokio::test]
async fn on_lambda_as_text() {
    an_invocation_an_error_and_a_panic(LAMBDA_TEXT).await;
}

#[tokio::test]
async fn on_cloud_run() {
    an_invocation_an_error_and_a_panic(CLOUD_RUN).await;
}

#[tokio::test]
async fn on_azure() {
    an_invocation_an_error_and_a_panic(AZURE).await;
}

#[tokio::test]
async fn on_a_laptop() {
    an_invocation_an_error_and_a_panic(LOCAL).await;
}

/// A program whose start fails, without a host: it ends before it would speak with one.
#[tokio::test]
async fn of_a_start_that_fails() {
    for reader in ALL {
        let host: &[_] = match reader.name {
            "lambda_json" | "lambda_text" => &[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")],
            "cloud_run" => &[("K_SERVICE", "shop"), ("ISOBAR_EVENTS_AUTH", "iam")],
            "azure" => &[("FUNCTIONS_CUSTOMHANDLER_PORT", "1")],
            _ => &[],
        };
        let launch = program().arg("refuses");
        let launch = { host.iter().chain(reader.variables) }
            .fold(launch, |launch, (name, value)| launch.env(name, value));
        let ended = launch.start().unwrap();
        let status = ended.wait(PATIENCE).await.unwrap();
        assert_eq!(status.code(), Some(1));
        let last = ended.stderr().pop().unwrap();
        assert_is_golden(&format!("{}_refuses", reader.name), &[last]);
    }
}
