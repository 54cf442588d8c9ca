//! Google's Functions Framework conformance: the client's own events, with its own checks.
//!
//! The client itself needs a released binary; `tests/programs/conformance.rs` says how it is run.
//! What it sends and checks: `client/validate.go` and `events/validators.go` of
//! <https://github.com/GoogleCloudPlatform/functions-framework-conformance>.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use http::Request;
use isobar_hosts::client::Client;
use isobar_hosts::{Launch, Program, body, free_port};
use serde_json::{Value, json};

use crate::host::Answer;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/gcp/conformance");

/// The program under test, started as the client starts it, in a folder of its own.
struct Started {
    client: Client,
    folder: PathBuf,
    _program: Program,
}

impl Started {
    async fn new(signature: &str, variables: &[(&str, &str)]) -> Self {
        let port = free_port().unwrap();
        let name = format!("isobar-conformance-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let launch = Launch::new(env!("CARGO_BIN_EXE_conformance"))
            .env("FUNCTION_SIGNATURE_TYPE", signature)
            .port("PORT", &port)
            .cwd(&folder);
        let launch = { variables.iter() }.fold(launch, |l, (name, value)| l.env(*name, *value));
        let program = launch.start().unwrap();
        program.wait_listening(port.number()).await.unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port.number()));
        Self {
            client: Client::connect(address).await.unwrap(),
            folder,
            _program: program,
        }
    }

    async fn send(&self, request: http::request::Builder, text: &str) -> Answer {
        let request = request.body(body::full(text.to_owned())).unwrap();
        Answer::read(self.client.send(request).await.unwrap()).await
    }

    /// Posts JSON, and returns what the function wrote.
    async fn written(&self, request: http::request::Builder, text: &str) -> Value {
        let output = self.folder.join("function_output.json");
        drop(std::fs::remove_file(&output));
        let answer = self.send(request, text).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        serde_json::from_slice(&std::fs::read(output).unwrap()).unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn post() -> http::request::Builder {
    Request::post("http://localhost/").header("content-type", "application/json")
}

/// A CloudEvent as the client sends it: in binary mode.
fn binary(event: &Value) -> (http::request::Builder, String) {
    let mut request = Request::post("http://localhost/");
    for (name, value) in event.as_object().unwrap() {
        let name = match name.as_str() {
            "data" => continue,
            "datacontenttype" => "content-type".to_owned(),
            name => format!("ce-{name}"),
        };
        request = request.header(name, value.as_str().unwrap());
    }
    (request, event["data"].to_string())
}

fn read(name: &str, suffix: &str) -> Option<Value> {
    let text = std::fs::read(Path::new(DATA).join(format!("{name}-{suffix}.json"))).ok()?;
    Some(serde_json::from_slice(&text).unwrap())
}

/// The names of all pairs.
fn names() -> Vec<String> {
    let files = std::fs::read_dir(DATA).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = { files }
        .filter_map(|file| file.strip_suffix("-legacy-input.json").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names.len(), 17);
    names
}

/// What is wanted where an event of one form is taken in the other.
fn converted(name: &str, form: &str) -> Value {
    let own = read(name, &format!("{form}-output-converted"));
    own.or_else(|| read(name, &format!("{form}-output")))
        .unwrap()
}

/// `events/validators.go`, `validateCloudEvent`.
fn check_cloud_event(name: &str, got: &Value, wanted: &Value) {
    for attribute in ["id", "source", "subject", "type", "time", "datacontenttype"] {
        assert_eq!(got[attribute], wanted[attribute], "{name}: {attribute}");
    }
    assert!(got["data"].is_object(), "{name}: {got}");
    // A member more is none too many: a CloudEvent may name the subscription, which no background
    // event does.
    for (member, wanted) in wanted["data"].as_object().unwrap() {
        assert_eq!(&got["data"][member], wanted, "{name}: data.{member}");
    }
}

/// `events/validators.go`, `validateLegacyEvent`.
fn check_legacy_event(name: &str, got: &Value, wanted: &Value) {
    for attribute in ["eventId", "eventType", "timestamp", "resource"] {
        let (got, wanted) = (&got["context"][attribute], &wanted["context"][attribute]);
        assert_eq!(got, wanted, "{name}: {attribute}");
    }
    assert_eq!(got["data"], wanted["data"], "{name}: data");
}

#[tokio::test]
async fn cloudevents_are_taken_as_they_are_and_background_events_converted() {
    let started = Started::new("cloudevent", &[]).await;
    for name in names() {
        let (request, text) = binary(&read(&name, "cloudevent-input").unwrap());
        let got = started.written(request, &text).await;
        check_cloud_event(&name, &got, &read(&name, "cloudevent-output").unwrap());
        let legacy = read(&name, "legacy-input").unwrap().to_string();
        let got = started.written(post(), &legacy).await;
        check_cloud_event(&name, &got, &converted(&name, "cloudevent"));
    }
}

#[tokio::test]
async fn background_events_are_taken_as_they_are_and_cloudevents_converted() {
    let started = Started::new("event", &[]).await;
    for name in names() {
        let legacy = read(&name, "legacy-input").unwrap().to_string();
        let got = started.written(post(), &legacy).await;
        check_legacy_event(&name, &got, &read(&name, "legacy-output").unwrap());
        let (request, text) = binary(&read(&name, "cloudevent-input").unwrap());
        let got = started.written(request, &text).await;
        check_legacy_event(&name, &got, &converted(&name, "legacy"));
    }
}

#[tokio::test]
async fn http_is_written_as_it_came() {
    let started = Started::new("http", &[]).await;
    let got = started.written(post(), r#"{"res":"PASS"}"#).await;
    assert_eq!(got, json!({"res": "PASS"}));
}

#[tokio::test]
async fn a_typed_function_answers_with_its_payload() {
    // The client says `http` for its typed check.
    for signature in ["typed", "http"] {
        let started = Started::new(signature, &[]).await;
        let answer = started.send(post(), r#"{"message":"Hello world!"}"#).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.json(),
            json!({"payload": {"message": "Hello world!"}})
        );
    }
    let started = Started::new("typed", &[]).await;
    assert_eq!(started.send(post(), "no json").await.status, 400);
}

#[tokio::test]
async fn ten_requests_at_once_take_no_longer_than_two() {
    for (signature, target) in [("http", "any"), ("event", "slow")] {
        let started = Started::new(signature, &[("FUNCTION_TARGET", target)]).await;
        let text = read("storage", "legacy-input").unwrap().to_string();
        let begun = Instant::now();
        assert!(started.send(post(), &text).await.status.is_success());
        let one = begun.elapsed();
        assert!(one >= Duration::from_secs(1), "{one:?}");
        let begun = Instant::now();
        let all = (0..10).map(|_| started.send(post(), &text));
        let all = futures_util::future::join_all(all).await;
        let ten = begun.elapsed();
        assert!(all.iter().all(|answer| answer.status.is_success()));
        assert!(ten <= one * 2, "{ten:?} against {one:?}");
    }
}
