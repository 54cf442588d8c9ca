//! What a collector gets of the metrics, and when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use isobar_hosts::lambda::{Door, Function, Invocation, Sandbox};
use isobar_hosts::program::{Signal, free_port};
use isobar_hosts::{Front, Launch, body};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::points::Point;
use super::receiver::{Manner, Receiver};
use super::{observed, traced};
use crate::host::{Host, Kind, get};

const PATH: &str = "/v1/metrics";
const SOON: Duration = Duration::from_secs(10);
const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
const INVOCATIONS: &str = "faas.invocations";

/// The last point of that name and these attributes.
fn last(receiver: &Receiver, name: &str, attributes: &Value) -> Option<Point> {
    let exports = receiver.exports();
    let points = exports.last()?.iter();
    let found: Vec<_> = points.filter(|point| point.is(name, attributes)).collect();
    assert!(found.len() < 2, "{name} {attributes}: {found:?}");
    found.first().map(|point| (*point).clone())
}

/// Waits until a metric, which counts from the start, has come with this count.
async fn wait(receiver: &Receiver, name: &str, attributes: &Value, wanted: f64) -> Point {
    let begun = Instant::now();
    loop {
        match last(receiver, name, attributes) {
            Some(point) if (point.count - wanted).abs() < 0.5 => return point,
            _ => {}
        }
        let came = receiver.exports();
        assert!(begun.elapsed() < SOON, "{name} {wanted}: {:?}", came.last());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn requests_are_counted_by_outcome_on_every_host() {
    for (kind, cloud) in [
        (Kind::Local, Value::Null),
        (Kind::CloudRun, json!("gcp")),
        (Kind::LambdaUrl, json!("aws")),
        (Kind::AzureInvocation, json!("azure")),
    ] {
        let (launch, receiver) = observed().await;
        // What is not logged is counted all the same.
        let launch = launch.env(INTERVAL, "1").env("RUST_LOG", "off");
        let host = Host::start(kind, launch).await;
        for path in ["/sleep", "/fail", "/sleep?code=s3cret"] {
            host.get(path).await;
        }
        let get = |outcome: &str| json!({"isobar.outcome": outcome, "http.request.method": "GET", "faas.trigger": "http"});
        let ok = wait(&receiver, INVOCATIONS, &get("ok"), 2.0).await;
        assert_eq!((ok.unit.as_str(), ok.temporality), ("{invocation}", 2));
        assert!(ok.is_monotonic, "{ok:?}");
        assert_eq!(ok.resource["cloud.provider"], cloud, "{kind:?}");
        if kind != Kind::Local {
            assert_eq!(ok.resource["faas.name"], ok.resource["service.name"]);
            assert!(ok.resource["faas.name"].is_string(), "{ok:?}");
        }
        let count = |name: &str, attributes: &Value| {
            let point = last(&receiver, name, attributes);
            point.unwrap_or_else(|| panic!("{name} on {kind:?}")).count
        };
        let http = json!({"faas.trigger": "http", "isobar.trigger": "http"});
        let error = json!({"isobar.outcome": "error"});
        for (name, attributes, wanted) in [
            (INVOCATIONS, &get("error"), 1.0),
            ("faas.errors", &error, 1.0),
            ("faas.errors", &json!({"isobar.outcome": "ok"}), 0.0),
            ("faas.timeouts", &http, 0.0),
            ("faas.coldstarts", &http, 1.0),
            ("faas.invoke_duration", &error, 1.0),
        ] {
            let got = count(name, attributes);
            assert!((got - wanted).abs() < 0.5, "{name} on {kind:?}: {got}");
        }
        let took = last(&receiver, "faas.invoke_duration", &error).unwrap();
        assert_eq!(took.unit, "s");
        assert!(took.sum.unwrap() < 60.0, "{took:?}");
        let in_flight = last(&receiver, "isobar.invocations.in_flight", &json!({})).unwrap();
        assert!(
            !in_flight.is_monotonic && in_flight.count < 0.5,
            "{in_flight:?}"
        );
        // What a client chose is in none.
        assert!(!format!("{:?}", receiver.exports()).contains("s3cret"));
    }
}

#[tokio::test]
async fn a_batch_tells_its_size_and_what_failed() {
    let (launch, receiver) = observed().await;
    let sandbox = Function::new(launch).start().await.unwrap();
    let record = |body: &str| {
        json!({
            "messageId": body, "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        })
    };
    let records = ["a", "fail", "b"].map(record);
    let event = json!({ "Records": records }).to_string();
    sandbox.invoke(Invocation::new(event)).await.unwrap();
    let of = json!({"faas.trigger": "pubsub", "isobar.trigger": "message"});
    let items = wait(&receiver, "isobar.batch.items", &of, 1.0).await;
    assert!((items.sum.unwrap() - 3.0).abs() < 0.1, "{items:?}");
    wait(&receiver, "isobar.failed_items", &of, 1.0).await;
    let partial = json!({"isobar.outcome": "partial"});
    let invocations = wait(&receiver, INVOCATIONS, &partial, 1.0).await;
    // What is known by the first invocation only is known to the collector.
    assert!(invocations.resource["cloud.account.id"].is_string());
    assert_eq!(invocations.attributes["http.request.method"], Value::Null);
}

async fn ask(front: &Arc<dyn Front>, target: &str) {
    let request = get(target).body(body::empty()).unwrap();
    assert_eq!(front.send(request).await.unwrap().status(), 200);
}

/// Waits until a sandbox has asked for as many events.
async fn polled(sandbox: &Sandbox, polls: usize) {
    let begun = Instant::now();
    while sandbox.api().polls() < polls {
        assert!(begun.elapsed() < SOON, "it asks for no event");
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn on_lambda_metrics_are_a_call_an_interval_and_one_at_the_end() {
    let (launch, receiver) = observed().await;
    let launch = launch.env("OTEL_TRACES_SAMPLER", "always_on");
    let sandbox = Function::new(launch).start().await.unwrap();
    let front = sandbox.front(Door::function_url()).any().front;
    for done in 1..=5 {
        ask(&front, "/sleep").await;
        polled(&sandbox, done + 1).await;
        // By then it may be frozen: the first call was made, and no other.
        assert_eq!(receiver.requests(PATH), 1);
        assert_eq!(receiver.requests("/v1/traces"), done);
    }
    let program = sandbox.program();
    program.signal(Signal::Terminate).unwrap();
    assert_eq!(program.wait(SOON).await.unwrap().code(), Some(0));
    assert_eq!(receiver.requests(PATH), 2);
    wait(&receiver, INVOCATIONS, &json!({}), 5.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_ended_has_exported_all_numbers() {
    for kind in [Kind::CloudRun, Kind::Local] {
        let (launch, receiver) = observed().await;
        let host = Host::start(kind, launch).await;
        for _ in 0..3 {
            ask(&host.front, "/sleep").await;
        }
        wait(&receiver, INVOCATIONS, &json!({}), 3.0).await;
        let running: Vec<_> = (0..8)
            .map(|_| {
                let front = Arc::clone(&host.front);
                tokio::spawn(async move { ask(&front, "/sleep?ms=1500").await })
            })
            .collect();
        sleep(Duration::from_millis(700)).await;
        host.program.signal(Signal::Terminate).unwrap();
        for request in running {
            request.await.unwrap();
        }
        assert_eq!(host.program.wait(SOON).await.unwrap().code(), Some(0));
        wait(&receiver, INVOCATIONS, &json!({}), 11.0).await;
        let in_flight = last(&receiver, "isobar.invocations.in_flight", &json!({}));
        assert!(in_flight.unwrap().count < 0.5);
    }
}

#[tokio::test]
async fn on_azure_which_kills_without_a_word_numbers_leave_by_themselves() {
    let (launch, receiver) = observed().await;
    let host = Host::start(Kind::AzureInvocation, launch).await;
    for asked in [1.0, 2.0, 3.0] {
        assert_eq!(host.get("/sleep").await.status, 200);
        wait(&receiver, INVOCATIONS, &json!({}), asked).await;
    }
}

#[tokio::test]
async fn what_is_in_flight_is_counted_while_it_is() {
    let (launch, receiver) = observed().await;
    let host = Host::start(Kind::Local, launch.env(INTERVAL, "10")).await;
    let front = Arc::clone(&host.front);
    let running = tokio::spawn(async move { ask(&front, "/sleep?ms=3000").await });
    let begun = Instant::now();
    loop {
        // Each makes something to be exported.
        ask(&host.front, "/sleep").await;
        let point = last(&receiver, "isobar.invocations.in_flight", &json!({}));
        if point.is_some_and(|point| (point.count - 1.0).abs() < 0.5) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "it is not seen");
        sleep(Duration::from_millis(20)).await;
    }
    running.await.unwrap();
}

#[tokio::test]
async fn numbers_count_from_export_to_export_where_that_is_asked_for() {
    let (launch, receiver) = observed().await;
    let launch = launch
        .env(INTERVAL, "1")
        .env("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    let sandbox = Function::new(launch).start().await.unwrap();
    let front = sandbox.front(Door::function_url()).any().front;
    for done in 1..=3 {
        ask(&front, "/sleep").await;
        polled(&sandbox, done + 1).await;
        let point = last(&receiver, INVOCATIONS, &json!({})).unwrap();
        assert_eq!(point.temporality, 1, "{point:?}");
        assert!((point.count - 1.0).abs() < 0.5, "{point:?}");
    }
}

#[tokio::test]
async fn the_standard_variables_turn_one_kind_off_and_not_the_other() {
    for (name, traces, metrics) in [
        ("OTEL_METRICS_EXPORTER", 1, 0),
        ("OTEL_TRACES_EXPORTER", 0, 1),
    ] {
        let (launch, receiver) = observed().await;
        let sandbox = Function::new(
            launch
                .env(name, "none")
                .env("OTEL_TRACES_SAMPLER", "always_on"),
        );
        let sandbox = sandbox.start().await.unwrap();
        let front = sandbox.front(Door::function_url()).any().front;
        ask(&front, "/sleep").await;
        polled(&sandbox, 2).await;
        let came = ["/v1/traces", PATH].map(|path| receiver.requests(path));
        assert_eq!(came, [traces, metrics], "{name}=none");
    }
}

/// The program with a collector, and a variable that is wrong.
async fn wrong(name: &str, value: &str) -> (Launch, Receiver) {
    let (launch, receiver) = observed().await;
    let launch = launch
        .env(name, value)
        .env("OTEL_TRACES_SAMPLER", "always_on");
    (launch, receiver)
}

#[tokio::test]
async fn a_variable_that_is_wrong_is_named_and_spans_go_on() {
    for (name, value) in [
        (INTERVAL, "often"),
        ("OTEL_METRICS_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "both"),
    ] {
        let (launch, receiver) = wrong(name, value).await;
        let host = Host::start(Kind::Local, launch).await;
        host.line(&format!("no metrics are exported: {name} is {value:?}"))
            .await;
        assert_eq!(host.get("/sleep").await.status, 200);
        receiver.wait("GET", 1).await;
        assert_eq!(receiver.requests(PATH), 0);
    }
}

#[tokio::test]
async fn numbers_wait_for_a_collector_that_is_away() {
    let port = free_port().unwrap();
    let launch = traced(&format!("http://127.0.0.1:{port}")).env(INTERVAL, "10");
    let host = Host::start(Kind::CloudRun, launch).await;
    for _ in 0..3 {
        assert_eq!(host.get("/sleep").await.status, 200);
    }
    host.line("metrics wait while this lasts").await;
    let receiver = Receiver::at(port.number(), Manner::Well).await;
    wait(&receiver, INVOCATIONS, &json!({}), 3.0).await;
    host.line("metrics are exported again").await;
}
