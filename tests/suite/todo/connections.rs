//! Connections that die while nobody looks: no request knows of it.

use std::process::Command;
use std::time::Duration;

use isobar_hosts::program::Signal;
use sqlx::AnyConnection;

use crate::host::{Host, Kind};

use super::{Database, todo};

/// The kinds in which a host freezes a process, or takes its processor away.
const KINDS: [Kind; 3] = [Kind::LambdaUrl, Kind::AzureProxied, Kind::CloudRun];

/// The processes of the server that serve this database to others.
async fn backends(connection: &mut AnyConnection) -> Vec<i32> {
    let backends = "SELECT pid FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let backends = sqlx::query_scalar(backends).fetch_all(connection).await;
    backends.unwrap()
}

async fn answers(host: &Host) {
    let answer = host.get("/todos").await;
    assert_eq!((answer.status.as_u16(), &*answer.text()), (200, "[]"));
}

/// Sends a process a signal.
fn kill(signal: &str, process: i32) {
    let sent = Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(sent.unwrap().success(), "{signal} {process}");
}

#[tokio::test]
#[ignore = "over the PostgreSQL that TODO_DATABASE_URL names: .ci/state"]
async fn a_connection_that_was_closed_during_a_freeze_is_replaced() {
    for kind in KINDS {
        let database = Database::postgres().await;
        let mut connection = database.connect().await;
        let host = Host::start(kind, todo(&database)).await;
        answers(&host).await;
        host.program.signal(Signal::Stop).unwrap();
        for backend in backends(&mut connection).await {
            let terminate = sqlx::query("SELECT pg_terminate_backend($1)").bind(backend);
            terminate.execute(&mut connection).await.unwrap();
        }
        gone(&mut connection).await;
        host.program.signal(Signal::Continue).unwrap();
        answers(&host).await;
    }
}

/// Waits until the server serves nobody else.
async fn gone(connection: &mut AnyConnection) {
    for _ in 0..500 {
        if backends(connection).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server's processes are still there");
}

/// As where a network forgets a connection: nothing comes back, not even a refusal.
#[tokio::test]
#[ignore = "over the PostgreSQL that TODO_DATABASE_URL names: .ci/state"]
async fn a_connection_that_is_silent_is_replaced() {
    let database = Database::postgres().await;
    let mut connection = database.connect().await;
    let host = Host::start(Kind::LambdaUrl, todo(&database)).await;
    answers(&host).await;
    let silent = backends(&mut connection).await;
    assert!(!silent.is_empty());
    for backend in &silent {
        kill("-STOP", *backend);
    }
    answers(&host).await;
    for backend in silent {
        kill("-CONT", backend);
    }
}
