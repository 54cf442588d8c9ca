//! What is secret stays so, whatever goes wrong with it.

use std::time::Duration;

use crate::programs::program;

/// URLs that do not lead to a database, each with a password.
const WRONG: [&str; 7] = [
    "postgres://me:hunter2@127.0.0.1:1/todo",
    "postgres://me:hunter2@no-such-host.invalid/todo",
    "postgres://me:hunter2@127.0.0.1:port/todo",
    "postgres://me:hun/ter2@127.0.0.1/todo",
    "mysql://me:hunter2@127.0.0.1/todo",
    "me:hunter2@127.0.0.1/todo",
    "postgres://me@127.0.0.1:1/todo?password=hunter2&sslmode=disable",
];

/// Starts `todo` with a wrong URL, and returns what it says.
async fn told(url: &str, level: &str) -> String {
    let launch = program("todo")
        .env("DATABASE_URL", url)
        .env("RUST_LOG", level)
        .env("RUST_BACKTRACE", "0");
    let started = launch.start().unwrap();
    let status = started.wait(Duration::from_secs(30)).await.unwrap();
    let lines = started.stderr().join("\n");
    assert_eq!(status.code(), Some(1), "{url}: {lines}");
    lines
}

#[tokio::test]
async fn a_start_that_fails_names_the_variable_and_no_password() {
    let starts = WRONG.map(|url| async move {
        // whatever the crates below have to say
        for lines in [told(url, "info").await, told(url, "trace").await] {
            assert!(lines.contains("DATABASE_URL"), "{url}: {lines}");
            assert!(!lines.contains("hunter2"), "{url}: {lines}");
            assert!(!lines.contains("ter2"), "{url}: {lines}");
        }
    });
    futures_util::future::join_all(starts).await;
}
