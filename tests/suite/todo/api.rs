//! A client's way through the API, answer by answer.

use crate::host::{Host, Kind};

use super::{Database, todo};

/// Requests, and the answer to each: `>` method, target and headers; the body; `<` status and the
/// headers that matter; the body.
const WAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/todo/way.http");

const KINDS: [Kind; 7] = [
    Kind::Local,
    Kind::CloudRun,
    Kind::LambdaUrl,
    Kind::LambdaRest,
    Kind::AzureInvocation,
    Kind::AzureForwarded,
    Kind::AzureProxied,
];

/// The headers that matter, in the order in which they are written down.
const HEADERS: [&str; 6] = [
    "content-type",
    "etag",
    "location",
    "link",
    "allow",
    "idempotent-replayed",
];

/// Sends what is written down, and returns it with the answers that came.
async fn walk(host: &Host, way: &str) -> String {
    let mut walked = Vec::new();
    for exchange in way.trim_end().split("\n\n") {
        let mut asked = exchange.lines().take_while(|line| !line.starts_with('<'));
        let (head, body) = (asked.next().unwrap(), asked.next().unwrap_or_default());
        let answer = host.send(request(head), body.to_owned()).await;
        let mut told = format!("< {}", answer.status.as_u16());
        // without a body some front doors add a type all the same
        let skipped = usize::from(answer.bytes().is_empty());
        for name in &HEADERS[skipped..] {
            for value in answer.all(name) {
                // Azure's host adds a charset to a type
                let value = value.trim_end_matches("; charset=utf-8");
                told.extend([format!("; {name}: {value}")]);
            }
        }
        let lines = [head, body, &told, &answer.text()];
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        walked.push(lines.join("\n"));
    }
    walked.join("\n\n") + "\n"
}

/// Reads `> METHOD TARGET; NAME: VALUE; ..`.
fn request(head: &str) -> http::request::Builder {
    let mut parts = head.trim_start_matches("> ").split("; ");
    let (method, target) = parts.next().unwrap().split_once(' ').unwrap();
    let request = http::Request::builder()
        .method(method)
        .uri(format!("http://a.example{target}"));
    parts.fold(request, |request, header| {
        let (name, value) = header.split_once(": ").unwrap();
        request.header(name, value)
    })
}

async fn is_the_same(kind: Kind, database: &Database) {
    let host = Host::start(kind, todo(database)).await;
    let way = std::fs::read_to_string(WAY).unwrap();
    let walked = walk(&host, &way).await;
    if kind == Kind::Local && std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(WAY, &walked).unwrap();
        return;
    }
    for (walked, wanted) in walked.split("\n\n").zip(way.split("\n\n")) {
        assert_eq!(walked.trim_end(), wanted.trim_end(), "{kind:?}");
    }
}

#[tokio::test]
async fn every_host_answers_the_same_over_sqlite() {
    for kind in KINDS {
        is_the_same(kind, &Database::sqlite()).await;
    }
}

#[tokio::test]
#[ignore = "over the PostgreSQL that TODO_DATABASE_URL names: .ci/state"]
async fn every_host_answers_the_same_over_postgresql() {
    for kind in KINDS {
        is_the_same(kind, &Database::postgres().await).await;
    }
}
