//! A log that nobody takes: the disk is full, the pipe is closed, or there is no place for it at all.

use std::time::Duration;

use isobar_hosts::Launch;

use super::{SOON, faulty};
use crate::host::{Host, Kind};

/// Starts the program with its output led elsewhere, as a shell writes it.
fn led(redirection: &str) -> Launch {
    let faulty = faulty();
    let script = format!("{redirection}; exec \"$0\"");
    let shell = Launch::new("/bin/sh").arg("-c").arg(script);
    shell.arg(faulty.binary()).env("RUST_LOG", "debug")
}

const FULL: &str = "exec >/dev/full 2>/dev/full";
const CLOSED: &str = "exec >&- 2>&-";

/// A pipe whose only reader goes away.
const UNREAD: &str = "d=$(mktemp -d); mkfifo $d/p; exec 3<>$d/p >$d/p 2>&1 3<&-; rm -r $d";

const KINDS: [Kind; 5] = [
    Kind::Local,
    Kind::CloudRun,
    Kind::LambdaUrl,
    Kind::AzureInvocation,
    Kind::AzureProxied,
];

/// Every way to write is tried; the program's own prints may fail their request, as std has it.
async fn served_without_a_log(redirection: &str) {
    for kind in KINDS {
        let host = Host::start(kind, led(redirection)).await;
        for _ in 0..3 {
            let asked = [host.get("/log").await, host.get("/x").await];
            for answer in asked {
                assert_eq!(answer.status, 200, "{kind:?}");
            }
            assert_eq!(host.get("/panic").await.status, 500, "{kind:?}");
            let printed = host.get("/print").await.status.as_u16();
            assert!([200, 500].contains(&printed), "{kind:?}: {printed}");
        }
        host.still_serves().await;
        let stopped = host.program.stop(SOON).await.unwrap();
        assert!(
            stopped.status.success() && !stopped.killed,
            "{kind:?}: {stopped:?}"
        );
    }
}

#[tokio::test]
async fn a_full_disk_for_the_log_stops_nothing() {
    served_without_a_log(FULL).await;
}

#[tokio::test]
async fn closed_outputs_stop_nothing() {
    served_without_a_log(CLOSED).await;
}

#[tokio::test]
async fn a_pipe_that_nobody_reads_any_more_stops_nothing() {
    served_without_a_log(UNREAD).await;
}

#[tokio::test]
async fn a_start_that_fails_without_a_log_still_says_so_by_its_code() {
    for redirection in [FULL, CLOSED, UNREAD] {
        let program = led(redirection).env("PORT", "eighty").start().unwrap();
        let status = program.wait(Duration::from_secs(10)).await.unwrap();
        assert_eq!(status.code(), Some(1), "{redirection}");
    }
}
