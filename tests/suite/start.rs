//! How programs start, and how they say why they do not.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use isobar_hosts::cloud_run::Service;
use isobar_hosts::lambda::Function;
use isobar_hosts::local::Local;
use isobar_hosts::program::Signal;
use isobar_hosts::{Launch, free_port};

use crate::host::{Answer, Host, Kind, post};
use crate::programs::program;

const SOON: Duration = Duration::from_secs(5);

fn starts(how: &str) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_starts")).arg(how)
}

/// Runs a program to its end; returns its exit code, stdout and stderr.
async fn run(launch: Launch) -> (Option<i32>, String, String) {
    let program = launch.start().unwrap();
    let status = program.wait(Duration::from_secs(10)).await.unwrap();
    (
        status.code(),
        program.stdout().join("\n"),
        program.stderr().join("\n"),
    )
}

/// A start that fails says so in one line, and nothing else is on its lines but the choice of host.
async fn refused(launch: Launch, wanted: &[&str]) {
    let (code, _, stderr) = run(launch).await;
    assert_eq!(code, Some(1), "{stderr}");
    for text in wanted {
        assert!(stderr.contains(text), "{text:?} is not in {stderr}");
    }
    assert_eq!(
        stderr
            .lines()
            .filter(|line| line.contains("isobar: "))
            .count(),
        1,
        "{stderr}"
    );
}

#[tokio::test]
async fn a_busy_port_is_named_with_the_remedy() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let launch = program("hello").env("PORT", &port);
    refused(
        launch,
        &[
            &format!("cannot listen on 127.0.0.1:{port}"),
            "PORT=8081",
            "in use",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_wrong_setting_is_named_with_what_is_wanted() {
    for (name, value, wanted) in [
        ("PORT", "eighty", "a port number is wanted"),
        ("ISOBAR_BODY_LIMIT", "1MB", "a number of bytes is wanted"),
        ("ISOBAR_DEADLINE", "soon", "a number of seconds is wanted"),
        ("ISOBAR_MARGIN", "200ms", "a number of seconds is wanted"),
        ("ISOBAR_WAIT_LIMIT", "long", "a number of seconds is wanted"),
        ("ISOBAR_HEALTH_PATH", "health", "such as /health"),
        ("ISOBAR_GRACE", "-1", "a number of seconds is wanted"),
        ("ISOBAR_WAIT", "maybe", "answer or shutdown"),
        ("ISOBAR_ADDRESS", "everywhere", "an address is wanted"),
        ("ISOBAR_HOST", "heroku", "aws, azure, gcp or local"),
    ] {
        refused(program("hello").env(name, value), &[name, value, wanted]).await;
    }
}

#[tokio::test]
async fn a_margin_that_leaves_nothing_is_refused_where_the_host_tells_its_time() {
    let launch = program("hello")
        .env("K_SERVICE", "x")
        .env("CLOUD_RUN_TIMEOUT_SECONDS", "5")
        .env("ISOBAR_MARGIN", "5");
    refused(launch, &["ISOBAR_MARGIN", "less than the 5 s"]).await;
}

#[tokio::test]
async fn a_contradiction_of_hosts_is_refused() {
    let launch = program("hello")
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
        .env("K_SERVICE", "x");
    refused(
        launch,
        &[
            "AWS_LAMBDA_RUNTIME_API and K_SERVICE are both set",
            "ISOBAR_HOST",
        ],
    )
    .await;
}

/// The service hears it as it hears of any other start that fails.
#[tokio::test]
async fn what_is_wrong_with_the_choice_of_host_is_told_to_lambda() {
    for (variable, wanted) in [
        (("K_SERVICE", "x"), "K_SERVICE are both set"),
        (("ISOBAR_HOST", "heroku"), "aws, azure, gcp or local"),
    ] {
        let launch = program("hello").env(variable.0, variable.1);
        let sandbox = Function::new(launch).start().await.unwrap();
        let (error_type, body) = sandbox.api().start_error().unwrap();
        assert_eq!(error_type, "Runtime.InitError");
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains(wanted), "{body}");
        let program = sandbox.program();
        assert_eq!(program.wait(SOON).await.unwrap().code(), Some(1));
    }
}

/// What is no Runtime API may have its address.
#[tokio::test]
async fn who_does_not_listen_to_a_failed_start_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let launch = program("hello").env("AWS_LAMBDA_RUNTIME_API", address);
    let begun = Instant::now();
    refused(launch.env("K_SERVICE", "x"), &["are both set", "in time"]).await;
    assert!(begun.elapsed() < SOON);
}

#[tokio::test]
async fn what_gets_no_requests_on_cloud_run_is_refused() {
    let launch = program("hello").env("CLOUD_RUN_JOB", "j");
    refused(launch, &["a Cloud Run job gets no requests"]).await;
    let launch = program("hello").env("CLOUD_RUN_WORKER_POOL", "p");
    refused(launch, &["a Cloud Run worker pool gets no requests"]).await;
}

#[tokio::test]
async fn a_signature_type_that_the_program_is_not_made_for_is_refused() {
    for (signature, wanted) in [
        ("cloudevent", "the program takes no events"),
        ("else", "http, cloudevent, event or typed"),
    ] {
        let launch = program("hello").env("FUNCTION_SIGNATURE_TYPE", signature);
        refused(launch, &["FUNCTION_SIGNATURE_TYPE", signature, wanted]).await;
    }
}

#[tokio::test]
async fn a_service_of_http_and_events_has_to_say_who_may_send_them() {
    let launch = || program("mirror").env("K_SERVICE", "x");
    refused(launch(), &["ISOBAR_EVENTS_AUTH=iam", "oidc", "public"]).await;
    let oidc = launch().env("ISOBAR_EVENTS_AUTH", "oidc");
    refused(oidc, &["ISOBAR_EVENTS_AUTH", "the feature `oidc`"]).await;
    let path = launch().env("ISOBAR_EVENTS_PATH", "events");
    refused(path, &["ISOBAR_EVENTS_PATH", "such as /events"]).await;
}

#[tokio::test]
async fn an_init_that_fails_says_why() {
    refused(
        starts("init-fails"),
        &["the start failed", "connection refused"],
    )
    .await;
}

#[tokio::test]
async fn start_inside_a_runtime_says_what_to_do_instead() {
    refused(
        starts("inside-a-runtime"),
        &["inside one", "isobar::aws::run(handler)"],
    )
    .await;
}

#[tokio::test]
async fn a_signal_during_a_slow_start_ends_it() {
    let program = starts("init-is-slow")
        .port("PORT", &free_port().unwrap())
        .start()
        .unwrap();
    program
        .wait_line("isobar runs on local", Duration::from_secs(5))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    program.signal(Signal::Terminate).unwrap();
    let begun = Instant::now();
    assert!(
        program
            .wait(Duration::from_secs(5))
            .await
            .unwrap()
            .success()
    );
    assert!(begun.elapsed() < Duration::from_millis(700));
}

#[tokio::test]
async fn a_slow_init_is_over_before_the_first_request() {
    let started = Local::start(starts("init-is-slow")).await.unwrap();
    assert!(started.program.started().elapsed() > Duration::from_secs(1));
    let line = started
        .program
        .wait_line("listening on", SOON)
        .await
        .unwrap();
    assert!(phase(&line.text, "init_ms") >= 1000.0, "{}", line.text);
    for short in ["runtime_ms", "listen_ms"] {
        assert!(phase(&line.text, short) < 1000.0, "{}", line.text);
    }
}

/// Reads how long a phase of the start took.
fn phase(line: &str, name: &str) -> f64 {
    let (_, after) = line.split_once(name).unwrap_or_else(|| panic!("{line}"));
    let after = after.trim_start_matches(['=', '"', ':', ' ']);
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.');
    after[..end.unwrap_or(after.len())].parse().unwrap()
}

#[tokio::test]
async fn a_start_tells_how_long_its_phases_took_once() {
    let sandbox = Function::new(starts("init-is-slow")).start().await.unwrap();
    let program = sandbox.program();
    let line = program.wait_line("ready for events", SOON).await.unwrap();
    assert!(phase(&line.text, "init_ms") >= 1000.0, "{}", line.text);
    assert!(phase(&line.text, "register_ms") < 1000.0, "{}", line.text);
    let lines = program.lines();
    let told = lines.iter().filter(|line| line.text.contains("init_ms"));
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn a_runtime_of_ones_own_takes_options() {
    let host = Host::start(Kind::CloudRun, starts("own-runtime")).await;
    let answer: Answer = host.send(post("/x"), "eleven byte").await;
    assert_eq!(answer.status, 413);
    // the environment is the operator's word, and wins
    let host = Host::start(
        Kind::CloudRun,
        starts("own-runtime").env("ISOBAR_BODY_LIMIT", "11"),
    )
    .await;
    assert_eq!(host.send(post("/x"), "eleven byte").await.status, 200);
}

#[tokio::test]
async fn describe_prints_what_a_program_takes() {
    let (code, stdout, _) = run(program("hello").env("ISOBAR_DESCRIBE", "1")).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        stdout,
        r#"{"http":true,"events":[],"ignores_unknown":false}"#
    );
}

#[tokio::test]
async fn the_choice_of_host_is_one_line_with_its_reason() {
    let host = Host::start(Kind::CloudRun, program("hello")).await;
    host.line("isobar runs on gcp, since K_SERVICE is set")
        .await;
}

#[tokio::test]
async fn an_application_says_goodbye_where_the_host_says_that_it_ends() {
    let service = Service::new(starts("says-goodbye")).start().await.unwrap();
    let stopped = service.program.stop(Duration::from_secs(10)).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
    assert_eq!(service.program.stdout(), ["goodbye, Ada"]);

    let sandbox = Function::new(starts("says-goodbye")).start().await.unwrap();
    let stopped = sandbox.stop().await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
    assert_eq!(sandbox.program().stdout(), ["goodbye, Ada"]);
}

#[tokio::test]
async fn a_goodbye_without_end_is_cut_off() {
    let sandbox = Function::new(starts("never-ends")).start().await.unwrap();
    let stopped = sandbox.stop().await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");

    let launch = starts("never-ends").env("ISOBAR_GRACE", "0.6");
    let started = Local::start(launch).await.unwrap();
    let stopped = started.program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(stopped.status.success() && !stopped.killed, "{stopped:?}");
    let stderr = started.program.stderr().join("\n");
    assert!(stderr.contains("did not end in time"), "{stderr}");
}
