//! `SnapStart`: what is told before the snapshot and after the restore, and what fails there.

use std::time::Duration;

use isobar_hosts::lambda::{Door, Function, Invocation, Kind, Sandbox};
use isobar_hosts::{Launch, body};

use crate::host::{Answer, get};

async fn frozen(fails: &str) -> Sandbox {
    let launch = Launch::new(env!("CARGO_BIN_EXE_snapstart")).arg(fails);
    Function::new(launch).snapstart().start().await.unwrap()
}

#[tokio::test]
async fn resources_are_told_in_reverse_before_the_snapshot_and_in_order_after_the_restore() {
    let sandbox = frozen("nowhere").await;
    let front = sandbox.front(Door::function_url()).any().front;
    let request = get("/").body(body::empty()).unwrap();
    let answer =
        tokio::spawn(async move { Answer::read(front.send(request).await.unwrap()).await });
    // frozen, it asks for no event, however long that takes
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(sandbox.api().polls(), 0);
    assert!(!answer.is_finished());
    assert!(sandbox.api().restore());
    let told = answer.await.unwrap();
    assert_eq!(told.text(), "before two, before one, after one, after two");
    assert!(!sandbox.api().restore(), "it is restored already");
    let again = sandbox.invoke(Invocation::new("{")).await.unwrap();
    assert_eq!(again.kind, Kind::Error);
    assert_eq!(sandbox.starts().await, 1);
}

#[tokio::test]
async fn a_failure_before_the_snapshot_is_one_of_the_start() {
    let sandbox = frozen("before one").await;
    let (error_type, body) = sandbox.api().start_error().unwrap();
    assert_eq!(error_type, "Runtime.InitError");
    let body = String::from_utf8(body).unwrap();
    for wanted in ["before the snapshot", "the database refuses us"] {
        assert!(body.contains(wanted), "{body}");
    }
}

#[tokio::test]
async fn a_failure_after_the_restore_is_told_as_such() {
    let sandbox = frozen("after one").await;
    assert!(sandbox.api().start_error().is_none());
    assert!(sandbox.api().restore());
    let status = sandbox
        .program()
        .wait(Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(status.code(), Some(1));
    let (error_type, body) = sandbox.api().start_error().unwrap();
    assert_eq!(error_type, "Runtime.AfterRestoreError");
    let body = String::from_utf8(body).unwrap();
    for wanted in ["after the restore", "the database refuses us"] {
        assert!(body.contains(wanted), "{body}");
    }
}
