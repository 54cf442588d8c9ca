//! When spans are exported, and what a collector that is away costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use isobar_hosts::lambda::{Door, Function, Sandbox};
use isobar_hosts::program::{Signal, free_port};
use isobar_hosts::{Front, Launch, Program, body};
use tokio::time::sleep;

use super::receiver::{Manner, Receiver};
use super::traced;
use crate::host::{Answer, Host, Kind, get};

const SOON: Duration = Duration::from_secs(10);
/// What no answer waits for; what waits for a collector here waits for longer.
const AT_ONCE: Duration = Duration::from_secs(3);
const LOST: &str = "spans were lost";

/// A program that records each invocation, whatever its caller does, and a collector.
async fn observed() -> (Launch, Receiver) {
    let (launch, receiver) = super::observed().await;
    (launch.env("OTEL_TRACES_SAMPLER", "always_on"), receiver)
}

/// The same with a collector that is away.
fn lonely(endpoint: &str) -> Launch {
    traced(endpoint).env("OTEL_TRACES_SAMPLER", "always_on")
}

async fn ask(front: &Arc<dyn Front>, target: &str) -> Answer {
    let request = get(target).body(body::empty()).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

/// Waits until a sandbox has asked for as many events: from then on it may be frozen.
async fn polled(sandbox: &Sandbox, polls: usize) {
    let begun = Instant::now();
    while sandbox.api().polls() < polls {
        assert!(begun.elapsed() < SOON, "it asks for no event");
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn on_lambda_an_invocations_spans_are_exported_before_the_next_poll() {
    let (launch, receiver) = observed().await;
    let sandbox = Function::new(launch).start().await.unwrap();
    let front = sandbox.front(Door::function_url()).any().front;
    for done in 1..=3 {
        assert_eq!(ask(&front, "/sleep").await.status, 200);
        polled(&sandbox, done + 1).await;
        assert_eq!(receiver.spans().len(), done);
    }
}

/// Sends as many requests at once as is said, and SIGTERM while they run: all spans arrive.
async fn terminated(front: &Arc<dyn Front>, program: &Program, receiver: &Receiver, many: usize) {
    let running: Vec<_> = (0..many)
        .map(|_| {
            let front = Arc::clone(front);
            tokio::spawn(async move { ask(&front, "/sleep?ms=1500").await })
        })
        .collect();
    sleep(Duration::from_millis(700)).await;
    program.signal(Signal::Terminate).unwrap();
    for request in running {
        assert_eq!(request.await.unwrap().text(), "slept");
    }
    assert_eq!(program.wait(SOON).await.unwrap().code(), Some(0));
    let spans = receiver.spans();
    assert_eq!(
        spans.iter().filter(|span| span.name() == "GET").count(),
        many
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_ended_under_load_exports_all_spans() {
    for kind in [Kind::CloudRun, Kind::Local] {
        let (launch, receiver) = observed().await;
        let host = Host::start(kind, launch).await;
        terminated(&host.front, &host.program, &receiver, 24).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lambda_that_is_ended_under_load_exports_all_spans() {
    for concurrency in [1, 8] {
        let (launch, receiver) = observed().await;
        let function = Function::new(launch).concurrency(concurrency);
        let sandbox = function.start().await.unwrap();
        let started = sandbox.front(Door::function_url()).any();
        terminated(&started.front, &started.program, &receiver, concurrency).await;
    }
}

#[tokio::test]
async fn what_azure_kills_has_exported_what_was_answered_a_second_before() {
    let (launch, receiver) = observed().await;
    let host = Host::start(Kind::AzureInvocation, launch).await;
    for _ in 0..20 {
        assert_eq!(host.get("/sleep").await.status, 200);
    }
    sleep(Duration::from_secs(1)).await;
    host.program.kill().await.unwrap();
    assert_eq!(receiver.spans().len(), 20);
}

/// Asks ten times, and asserts that no answer waits.
async fn is_answered_at_once(host: &Host) {
    for _ in 0..10 {
        let begun = Instant::now();
        assert_eq!(host.get("/sleep").await.status, 200);
        assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_collector_that_does_not_answer_delays_no_server() {
    let receiver = Receiver::new(Manner::Never).await;
    for kind in [Kind::CloudRun, Kind::AzureInvocation] {
        let host = Host::start(kind, lonely(&receiver.endpoint)).await;
        is_answered_at_once(&host).await;
        sleep(Duration::from_millis(500)).await;
        is_answered_at_once(&host).await;
        // and its end waits no longer than an application's own
        if kind == Kind::CloudRun {
            let begun = Instant::now();
            host.program.signal(Signal::Terminate).unwrap();
            host.program.wait(Duration::from_secs(12)).await.unwrap();
            assert!(begun.elapsed() < Duration::from_secs(11));
        }
    }
}

#[tokio::test]
async fn on_lambda_a_collector_that_does_not_answer_is_waited_for_once_and_after_the_answer() {
    let receiver = Receiver::new(Manner::Never).await;
    let launch = lonely(&receiver.endpoint).env("OTEL_EXPORTER_OTLP_TIMEOUT", "4000");
    let sandbox = Function::new(launch).timeout(Duration::from_secs(30));
    let sandbox = sandbox.start().await.unwrap();
    let front = sandbox.front(Door::function_url()).any().front;
    for done in 1..=3 {
        let begun = Instant::now();
        assert_eq!(ask(&front, "/sleep").await.status, 200);
        assert!(begun.elapsed() < AT_ONCE, "the {done}th answer waits");
        polled(&sandbox, done + 1).await;
        let waited = begun.elapsed();
        assert_eq!(waited > AT_ONCE, done == 1, "{waited:?} after the {done}th");
    }
    assert_eq!(said(&sandbox.program()), 1);
}

#[tokio::test]
async fn on_lambda_a_slow_collector_is_waited_for_no_longer_than_the_deadline() {
    let receiver = Receiver::new(Manner::Never).await;
    let function = Function::new(lonely(&receiver.endpoint)).timeout(Duration::from_secs(2));
    let sandbox = function.start().await.unwrap();
    let front = sandbox.front(Door::function_url()).any().front;
    assert_eq!(ask(&front, "/sleep").await.status, 200);
    polled(&sandbox, 2).await;
    assert_eq!(ask(&front, "/sleep").await.status, 200);
    assert_eq!(sandbox.starts().await, 1, "the service killed it");
}

/// How often it was said that spans are lost.
fn said(program: &Program) -> usize {
    let lines = program.lines();
    lines.iter().filter(|line| line.text.contains(LOST)).count()
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_said_once() {
    let nobody = free_port().unwrap();
    let endpoint = format!("http://127.0.0.1:{nobody}");
    for kind in [Kind::CloudRun, Kind::LambdaUrl] {
        let host = Host::start(kind, lonely(&endpoint)).await;
        is_answered_at_once(&host).await;
        host.line(LOST).await;
        for _ in 0..4 {
            sleep(Duration::from_millis(700)).await;
            assert_eq!(host.get("/sleep").await.status, 200);
        }
        assert_eq!(said(&host.program), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_exported_as_it_is_asked_for_is_said() {
    let launch = traced("http://127.0.0.1:1").env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let host = Host::start(Kind::Local, launch).await;
    assert_eq!(host.get("/sleep").await.status, 200);
    host.line("no spans are exported: OTEL_EXPORTER_OTLP_PROTOCOL")
        .await;
}
