//! A sandbox with a real program in it.

use std::time::Duration;

use serde_json::json;

use super::{Door, Fleet, Function, Invocation, Kind, Sandbox};
use crate::Launch;
use crate::peer::{self, SOON};

pub(super) fn function() -> Function {
    Function::new(peer::launch("AWS_LAMBDA_RUNTIME_API"))
}

async fn sandbox() -> Sandbox {
    function().start().await.unwrap()
}

#[tokio::test]
async fn invocations_share_a_program_until_it_ends() {
    let sandbox = sandbox().await;
    let pid = sandbox.program().pid();
    for event in [r#"{"a":1}"#, r#"{"b":2}"#] {
        let answer = sandbox.invoke(Invocation::new(event)).await.unwrap();
        assert_eq!((answer.kind, answer.bytes), (Kind::Response, event.into()));
    }
    assert_eq!(sandbox.program().pid(), pid);
    let answer = sandbox
        .invoke(Invocation::new(r#"{"exit":3}"#))
        .await
        .unwrap();
    let Kind::Exited(status) = answer.kind else {
        panic!("{answer:?}")
    };
    assert_eq!(status.code(), Some(3));
    assert_eq!(answer.json()["errorType"], "Runtime.ExitError");
    let answer = sandbox.invoke(Invocation::new("[1]")).await.unwrap();
    assert_eq!(answer.json(), json!([1]));
    assert_eq!(sandbox.starts().await, 2);
}

#[tokio::test]
async fn too_long_is_killed_and_started_again() {
    let sandbox = function()
        .timeout(Duration::from_millis(300))
        .start()
        .await
        .unwrap();
    let pid = sandbox.program().pid();
    let answer = sandbox
        .invoke(Invocation::new(r#"{"sleep":60000}"#))
        .await
        .unwrap();
    assert_eq!(answer.kind, Kind::TimedOut);
    let answer = sandbox.invoke(Invocation::new("{}")).await.unwrap();
    assert_eq!(answer.kind, Kind::Response);
    assert_ne!(sandbox.program().pid(), pid);
}

#[tokio::test]
async fn invocations_at_once_take_turns() {
    let sandbox = sandbox().await;
    let invoke = |event: &'static str| sandbox.invoke(Invocation::new(event));
    let (a, b, c) = tokio::try_join!(invoke("[1]"), invoke("{\"exit\":1}"), invoke("[3]")).unwrap();
    assert_eq!((a.json(), c.json()), (json!([1]), json!([3])));
    assert!(matches!(b.kind, Kind::Exited(_)));
}

#[tokio::test]
async fn an_init_error_is_the_invocations_answer() {
    let launch = peer::launch("AWS_LAMBDA_RUNTIME_API").env("PEER_INIT_ERROR", "no pool");
    let sandbox = Function::new(launch).start().await.unwrap();
    let answer = sandbox.invoke(Invocation::new("1")).await.unwrap();
    assert_eq!(answer.kind, Kind::InitError);
    assert_eq!(answer.error_type, "Runtime.InitFailed");
    assert_eq!(answer.json()["errorMessage"], "no pool");
}

#[tokio::test]
async fn a_prefix_makes_the_variable_a_url() {
    let sandbox = function().prefix("/.rt/hello").start().await.unwrap();
    assert!(sandbox.api().variable().starts_with("http://127.0.0.1:"));
    let answer = sandbox.invoke(Invocation::new("{}")).await.unwrap();
    assert_eq!(answer.kind, Kind::Response);
    let stopped = tokio::time::timeout(SOON, sandbox.stop()).await.unwrap();
    assert!(stopped.unwrap().killed, "no extension, no SIGTERM");
}

#[tokio::test]
async fn a_program_with_an_extension_is_sent_sigterm() {
    let launch = peer::launch("AWS_LAMBDA_RUNTIME_API").env("PEER_EXTENSION", "1");
    let sandbox = Function::new(launch).start().await.unwrap();
    assert_eq!(sandbox.api().extensions(), 1);
    let answer = sandbox.invoke(Invocation::new("{}")).await.unwrap();
    assert_eq!(answer.kind, Kind::Response);
    let stopped = tokio::time::timeout(SOON, sandbox.stop()).await.unwrap();
    assert!(!stopped.unwrap().killed);
}

#[tokio::test]
async fn an_init_that_never_ends_is_killed() {
    let silent = Launch::new("/bin/sh").arg("-c").arg("exec sleep 60");
    let sandbox = Function::new(silent).init_limit(Duration::from_millis(100));
    let sandbox = sandbox.start().await.unwrap();
    let answer = sandbox.invoke(Invocation::new("1")).await.unwrap();
    assert_eq!(answer.kind, Kind::InitError);
    assert_eq!(answer.error_type, "Runtime.ExitError");
}

#[tokio::test]
async fn a_fleet_has_a_sandbox_for_each_that_runs_at_once() {
    let fleet = Fleet::start(function(), Door::function_url(), 2)
        .await
        .unwrap();
    assert!(fleet.first_end().is_none());
    let sleep = || fleet.invoke(Invocation::new(r#"{"sleep":200}"#));
    assert_eq!(sleep().await.unwrap().kind, Kind::Response);
    assert_eq!(fleet.sandboxes(), 1);
    let (a, b, c) = tokio::join!(sleep(), sleep(), sleep());
    for answer in [a, b, c] {
        assert_eq!(answer.unwrap().kind, Kind::Response);
    }
    assert_eq!(fleet.sandboxes(), 2);
    fleet.stop().await;
}

#[tokio::test]
async fn a_fleet_tells_a_start_that_fails() {
    let launch = Launch::new("/bin/sh")
        .arg("-c")
        .arg("echo no luck >&2; exit 3");
    let fleet = Fleet::start(Function::new(launch), Door::function_url(), 2)
        .await
        .unwrap();
    let end = fleet.first_end().unwrap();
    assert!(end.contains("no luck"), "{end}");
}
