//! The life of an invocation and of a process, as each host ends them: deadlines, work that outlives
//! the answer, clients that go away, SIGTERM under load, probes.

use std::sync::Arc;
use std::time::Duration;

use isobar_hosts::cloud_run::Service;
use isobar_hosts::functions::{App, Host as Functions};
use isobar_hosts::lambda::{Door, Function};
use isobar_hosts::program::Signal;
use isobar_hosts::{Front, Launch, Program, body};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::host::{Answer, Host, Kind, get};
use crate::programs::program;

const SOON: Duration = Duration::from_secs(10);
/// A handler that does not return.
const NEVER: &str = "/sleep?ms=60000";

/// Returns the line that says what was cut off.
pub(crate) fn cut_off(lines: &[String]) -> String {
    let line = lines
        .iter()
        .find(|line| line.contains("wait_until was cut off"));
    line.unwrap_or_else(|| panic!("{lines:?}")).clone()
}

async fn ask(front: &Arc<dyn Front>, target: &str) -> Answer {
    let request = get(target).body(body::empty()).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

/// A program behind a host that ends an invocation after two seconds.
async fn two_seconds(kind: Kind, launch: Launch) -> (Arc<dyn Front>, Arc<Program>) {
    let limit = Duration::from_secs(2);
    let launch = launch.env("ISOBAR_EVENTS_AUTH", "iam");
    let started = match kind {
        Kind::LambdaUrl => {
            let sandbox = Function::new(launch).timeout(limit).start().await.unwrap();
            sandbox.front(Door::function_url()).any()
        }
        Kind::CloudRun => Service::new(launch)
            .timeout(limit)
            .start()
            .await
            .unwrap()
            .any(),
        _ => {
            let app = App::new().unwrap().route_prefix("").unwrap();
            let app = app.http("http", "{*path}").unwrap();
            let app = app.host_json(&json!({"functionTimeout": "00:00:02"}));
            Functions::new(launch, app.unwrap())
                .start()
                .await
                .unwrap()
                .any()
        }
    };
    (started.front, started.program)
}

const LIMITED: [Kind; 3] = [Kind::LambdaUrl, Kind::CloudRun, Kind::AzureInvocation];

#[tokio::test]
async fn a_handler_that_never_returns_is_a_504_before_the_hosts_own_end() {
    for kind in LIMITED {
        let (front, program) = two_seconds(kind, program("mirror")).await;
        let answer = ask(&front, NEVER).await;
        assert_eq!(answer.status, 504, "{kind:?}");
        // ours, and not the host's
        assert!(
            answer.text().contains("the function took too long"),
            "{kind:?}"
        );
        program.wait_line("cancelled", SOON).await.unwrap();
        assert_eq!(program.status(), None, "{kind:?} killed it");
        assert_eq!(ask(&front, "/x").await.status, 200, "{kind:?}");
    }
}

#[tokio::test]
async fn the_margin_is_a_setting_on_every_host_that_has_an_end() {
    for kind in LIMITED {
        let launch = program("mirror").env("ISOBAR_MARGIN", "1.5");
        let (front, _program) = two_seconds(kind, launch).await;
        let left = ask(&front, "/x").await.json()["context"]["time_left_ms"].as_u64();
        assert!(left.is_some_and(|left| left <= 500), "{kind:?}: {left:?}");
        assert_eq!(ask(&front, NEVER).await.status, 504, "{kind:?}");
    }
}

#[tokio::test]
async fn work_that_outlives_the_answer_for_too_long_is_cut_off_and_said() {
    for kind in [
        Kind::Local,
        Kind::CloudRun,
        Kind::LambdaUrl,
        Kind::AzureProxied,
    ] {
        let host = Host::mirror_with(kind, [("ISOBAR_WAIT_LIMIT", "0.2")]).await;
        assert_eq!(host.get("/wait?ms=60000&pieces=2").await.text(), "waiting");
        host.line("wait_until was cut off").await;
        // the same in each host's form
        let line = cut_off(&host.program.stderr());
        let line = line.replace('"', "").replace(':', "=");
        for told in ["WARN", "unfinished=2", "after_ms="] {
            assert!(line.contains(told), "{kind:?}: no {told} in {line}");
        }
        host.still_serves().await;
    }
}

#[tokio::test]
async fn work_without_a_limit_of_its_own_ends_with_the_deadline() {
    // on Lambda after the answer
    let (front, program) = two_seconds(Kind::LambdaUrl, program("mirror")).await;
    assert_eq!(ask(&front, "/wait?ms=60000").await.text(), "waiting");
    program
        .wait_line("wait_until was cut off", SOON)
        .await
        .unwrap();
    assert_eq!(ask(&front, "/x").await.status, 200);
    assert_eq!(program.status(), None, "the service killed it");
    // and where the answer waits for it, before
    let variables = [("ISOBAR_WAIT", "answer"), ("ISOBAR_DEADLINE", "0.4")];
    let host = Host::mirror_with(Kind::AzureProxied, variables).await;
    assert_eq!(host.get("/wait?ms=60000").await.text(), "waiting");
    cut_off(&host.program.stderr());
}

/// Sends a request, and goes away while it runs.
async fn go_away(host: &Host, target: &str) {
    let gone = timeout(Duration::from_millis(400), host.get(target)).await;
    assert!(gone.is_err(), "it was answered");
}

const SERVED: [Kind; 4] = [
    Kind::Local,
    Kind::CloudRun,
    Kind::CloudRunHttp2,
    Kind::AzureProxied,
];

#[tokio::test]
async fn a_client_that_goes_away_cancels_the_invocation() {
    for kind in SERVED {
        let host = Host::mirror(kind).await;
        go_away(&host, NEVER).await;
        host.line("cancelled").await;
    }
}

#[tokio::test]
async fn work_given_to_wait_until_survives_a_client_that_goes_away() {
    for kind in SERVED {
        let host = Host::mirror(kind).await;
        go_away(&host, "/wait?ms=1000&sleep=60000").await;
        host.line("waited for").await;
    }
}

/// Sends as many requests at once as is said, and SIGTERM while they run.
async fn terminated(front: &Arc<dyn Front>, program: &Program, many: usize) {
    let running: Vec<_> = (0..many)
        .map(|_| {
            let front = Arc::clone(front);
            tokio::spawn(async move { ask(&front, "/sleep?ms=1500").await })
        })
        .collect();
    sleep(Duration::from_millis(700)).await;
    program.signal(Signal::Terminate).unwrap();
    for request in running {
        assert_eq!(request.await.unwrap().text(), "slept", "one was lost");
    }
    assert_eq!(program.wait(SOON).await.unwrap().code(), Some(0));
    let lines = program.stderr();
    assert!(
        !lines.iter().any(|line| line.contains("cancelled")),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_cloud_run_ends_it_under_load() {
    for kind in [Kind::CloudRun, Kind::CloudRunHttp2, Kind::Knative] {
        let host = Host::mirror(kind).await;
        terminated(&host.front, &host.program, 32).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_lambda_ends_it_under_load() {
    for concurrency in [1, 8] {
        let function = Function::new(program("mirror")).concurrency(concurrency);
        let sandbox = function.start().await.unwrap();
        let started = sandbox.front(Door::function_url()).any();
        terminated(&started.front, &started.program, concurrency).await;
    }
}

#[tokio::test]
async fn a_probe_is_answered_without_the_application_and_marked() {
    for kind in [
        Kind::Local,
        Kind::CloudRun,
        Kind::CloudRunHttp2,
        Kind::LambdaUrl,
        Kind::AzureInvocation,
        Kind::AzureProxied,
    ] {
        let host = Host::mirror_with(kind, [("ISOBAR_HEALTH_PATH", "/probe")]).await;
        let told = host.get("/probe").await.json();
        assert!(
            told["uptime_s"].is_u64() && told["isobar"].is_string(),
            "{told}"
        );
        host.line("the first probe").await;
        let context = host.get("/x").await.json()["context"].clone();
        let cold = &context["cold_start"];
        assert_eq!(cold, true, "{kind:?}: the probe was its first request");
        let version = context["version"].as_str().filter(|v| !v.is_empty());
        assert_eq!(told["version"].as_str(), version, "{kind:?}");
        // nobody is told where nothing is said
        let host = Host::mirror(kind).await;
        assert_eq!(host.get("/probe").await.json()["path"], "/probe");
    }
}
