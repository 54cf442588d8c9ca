//! What is counted, as it leaves a real process: `CloudWatch`'s embedded metric format,
//! Prometheus' page.

use std::sync::Arc;

use isobar_hosts::lambda::{Function, Invocation};
use isobar_hosts::program::Stream;
use isobar_hosts::{Launch, Program};
use serde_json::{Value, json};

use crate::host::{Host, Kind, get};

fn program() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_logs"))
        .env("RUST_BACKTRACE", "0")
        .env("GOOGLE_CLOUD_PROJECT", "acme")
}

/// The metrics among the lines of stdout, which is the program's own: each held to the specification's
/// schema, and to what it says of what the schema's members name.
fn metrics(program: &Program) -> Vec<Value> {
    let lines = program.lines().into_iter();
    let lines = lines.filter(|line| line.stream == Stream::Stdout);
    let all: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line.text).unwrap())
        .collect();
    for line in &all {
        let metadata = &line["_aws"];
        assert!(metadata["Timestamp"].is_u64(), "{line}");
        let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
        for directive in directives {
            let namespace = directive["Namespace"].as_str().unwrap();
            assert!((1..=1024).contains(&namespace.len()), "{line}");
            let sets = directive["Dimensions"].as_array().unwrap();
            assert!(!sets.is_empty(), "{line}");
            for set in sets.iter().map(|set| set.as_array().unwrap()) {
                assert!(set.len() <= 30, "{line}");
                for name in set.iter().map(|name| name.as_str().unwrap()) {
                    assert!((1..=250).contains(&name.len()), "{line}");
                    let value = line[name].as_str().unwrap();
                    assert!((1..=1024).contains(&value.len()), "{name}: {line}");
                }
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()), "{line}");
            for metric in metrics {
                let name = metric["Name"].as_str().unwrap();
                assert!((1..=1024).contains(&name.len()), "{line}");
                assert!(line[name].is_number(), "{name}: {line}");
                let unit = metric["Unit"].as_str().unwrap();
                assert!(["Count", "Milliseconds"].contains(&unit), "{line}");
            }
        }
    }
    all
}

#[tokio::test]
async fn on_lambda_an_invocation_is_one_line_of_metrics_whatever_is_logged() {
    for variables in [
        [("RUST_LOG", "error"), ("AWS_LAMBDA_LOG_FORMAT", "JSON")],
        [("RUST_LOG", "info,isobar::access=off"), ("NO_COLOR", "1")],
        [
            ("RUST_LOG", "off"),
            ("ISOBAR_METRICS_NAMESPACE", "Acme/Shop"),
        ],
    ] {
        let launch = program().env("ISOBAR_METRICS", "emf");
        let launch =
            { variables.into_iter() }.fold(launch, |launch, (name, value)| launch.env(name, value));
        let host = Host::start(Kind::LambdaUrl, launch).await;
        host.get("/hello").await;
        host.get("/fail").await;
        host.line(r#""Outcome":"error""#).await;
        let lines = metrics(&host.program);
        let of: Vec<_> = { lines.iter() }
            .map(|line| (&line["Outcome"], &line["Errors"], &line["ColdStarts"]))
            .collect();
        let wanted = [
            (&json!("ok"), &json!(0), &json!(1)),
            (&json!("error"), &json!(1), &json!(0)),
        ];
        assert_eq!(of, wanted, "{variables:?}");
        assert!(lines.iter().all(|line| line["InFlight"] == 1), "{lines:?}");
        let namespace = &lines[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"];
        let is_own = variables[1].0 == "ISOBAR_METRICS_NAMESPACE";
        assert_eq!(namespace, if is_own { "Acme/Shop" } else { "Isobar" });
        let logged = host.program.stderr();
        assert!(
            !logged.iter().any(|line| line.contains("GET /")),
            "{logged:?}"
        );
    }
}

#[tokio::test]
async fn on_lambda_a_batch_tells_its_size_and_what_failed() {
    let launch = program().env("ISOBAR_METRICS", "emf");
    let sandbox = Function::new(launch).start().await.unwrap();
    let record = |(id, body): (&str, &str)| {
        json!({
            "messageId": id, "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
        })
    };
    let records = [("m1", "ok"), ("m2", "fail"), ("m3", "panic")].map(record);
    let payload = json!({ "Records": records }).to_string();
    let invocation = Invocation::new(payload).request_id("r-1");
    sandbox.invoke(invocation).await.unwrap();
    let program = sandbox.program();
    let line = program
        .wait_line("FailedItems", crate::logs::PATIENCE)
        .await;
    assert_eq!(line.unwrap().stream, Stream::Stdout);
    let line = &metrics(&program)[0];
    for (name, wanted) in [
        ("Trigger", json!("message")),
        ("Outcome", json!("partial")),
        ("BatchSize", json!(3)),
        ("FailedItems", json!(2)),
        ("Errors", json!(1)),
        ("requestId", json!("r-1")),
    ] {
        assert_eq!(line[name], wanted, "{line}");
    }
}

#[tokio::test]
async fn without_the_setting_stdout_is_the_programs_own() {
    let host = Host::start(Kind::LambdaUrl, program()).await;
    host.get("/hello").await;
    host.line("GET /hello 200").await;
    assert!(host.program.stdout().is_empty());
}

#[tokio::test]
async fn a_way_that_the_host_has_not_is_a_start_that_fails_and_says_so() {
    let launch = program().env("ISOBAR_METRICS", "emf").env("PORT", "0");
    let program = launch.start().unwrap();
    let status = program.wait(crate::logs::PATIENCE).await.unwrap();
    assert!(!status.success());
    let said = program.stderr().join("\n");
    assert!(
        said.contains("ISOBAR_METRICS") && said.contains("prometheus"),
        "{said}"
    );
}

const PAGE: &str = "/_isobar/metrics";

/// Returns a sample of the page.
fn sample<'a>(page: &'a str, name: &str) -> &'a str {
    let value = page.lines().find_map(|line| line.strip_prefix(name));
    let value = value.unwrap_or_else(|| panic!("{name}: {page}"));
    value.trim()
}

#[tokio::test]
async fn locally_there_is_a_page_of_metrics_that_counts_what_runs_at_once() {
    let host = Host::start(Kind::Local, program().env("RUST_LOG", "error")).await;
    let host = Arc::new(host);
    let asked: Vec<_> = (0..16)
        .map(|_| {
            let host = Arc::clone(&host);
            tokio::spawn(async move {
                for target in ["/hello", "/stream", "/fail", "/later"] {
                    host.get(target).await;
                }
            })
        })
        .collect();
    for one in asked {
        one.await.unwrap();
    }
    let unknown = http::Request::builder()
        .method("BREW")
        .uri("http://a.example/hello");
    host.send(unknown, "").await;
    let answer = host.get(PAGE).await;
    assert_eq!(answer.status, 200);
    let page = answer.text();
    let invocations = |outcome: &str, method: &str| {
        let labels = format!(r#"trigger="http",outcome="{outcome}",method="{method}""#);
        sample(&page, &format!("isobar_invocations_total{{{labels}}}"))
    };
    assert_eq!(invocations("ok", "GET"), "48");
    assert_eq!(invocations("error", "GET"), "16");
    assert_eq!(invocations("ok", "_OTHER"), "1");
    assert_eq!(sample(&page, "isobar_invocations_in_flight"), "0");
    assert_eq!(
        sample(&page, r#"isobar_cold_starts_total{trigger="http"}"#),
        "1"
    );
    // What a client chose is in no label.
    assert!(!page.contains("BREW") && !page.contains("hello"), "{page}");
    assert!(!page.contains("_isobar"), "{page}");
}

#[tokio::test]
async fn others_get_the_page_only_where_it_is_asked_for() {
    let status = async |kind: Kind, variables: &[(&str, &str)]| {
        let launch =
            { variables.iter() }.fold(program(), |launch, (name, value)| launch.env(name, value));
        let host = Host::start(kind, launch.env("ISOBAR_EVENTS_AUTH", "iam")).await;
        host.send(get(PAGE), "").await.status
    };
    assert_eq!(
        status(Kind::Local, &[("ISOBAR_ADDRESS", "0.0.0.0")]).await,
        404
    );
    assert_eq!(status(Kind::Local, &[("ISOBAR_METRICS", "off")]).await, 404);
    assert_eq!(status(Kind::CloudRun, &[]).await, 404);
    assert_eq!(
        status(Kind::CloudRun, &[("ISOBAR_METRICS", "prometheus")]).await,
        200
    );
}
