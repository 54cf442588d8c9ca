//! Line ends in what hosts deliver: in no field do they begin another header, line of the log, or
//! event.

use isobar_hosts::client::raw;
use isobar_hosts::functions::{App, Host as Functions};
use isobar_hosts::lambda::{Function, Invocation, Kind};
use serde_json::{Value, json};

use super::served::{Served, local, on_google};
use crate::programs::program;

/// What ends a line, begins a header, and ends the head.
const INJECTED: &str = "a\r\nx-forged: 1\r\n\r\n{\"forged\":1}";

/// The places of all texts in a document, as JSON pointers.
fn texts(value: &Value, at: &str, all: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::String(_) => all.push(at.to_owned()),
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            texts(value, &format!("{at}/{}", escaped(name)), all);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(place, value)| {
            texts(value, &format!("{at}/{place}"), all);
        }),
        _ => {}
    }
}

/// The document with each of its texts replaced in turn, and with a name injected into each object.
fn injected(document: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    texts(document, "", &mut places);
    let replaced = places.iter().map(|place| {
        let mut document = document.clone();
        *document.pointer_mut(place).unwrap() = json!(INJECTED);
        document
    });
    let named = places.iter().filter_map(|place| {
        let mut document = document.clone();
        let parent = document.pointer_mut(place.rsplit_once('/')?.0)?;
        parent
            .as_object_mut()?
            .insert(INJECTED.to_owned(), json!("1"));
        Some(document)
    });
    replaced.chain(named).collect()
}

fn fixtures() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/aws/http");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
            )
        })
        .collect()
}

/// Fails if a handler saw more than was one field's.
fn seen(what: &str, seen: &Value) {
    assert_eq!(seen["headers"]["x-forged"], json!(null), "{what}: {seen}");
    let headers = seen["headers"].as_object().unwrap();
    let values = headers
        .values()
        .flat_map(|values| values.as_array().unwrap());
    for text in values.chain([&seen["path"], &seen["query"], &seen["authority"]]) {
        let text = text.as_str().unwrap_or_default();
        assert!(!text.contains(['\r', '\n']), "{what}: {text:?}");
    }
}

/// Fails if what a program logged has a line that it did not begin.
fn logged(lines: &[String]) {
    let forged = lines.iter().find(|line| {
        let line = line.trim_start();
        line.starts_with("x-forged") || line.starts_with("{\"forged\"")
    });
    assert_eq!(forged, None);
}

#[tokio::test]
async fn no_field_of_a_lambda_event_begins_another() {
    let launch = program("mirror").env("RUST_LOG", "debug");
    let sandbox = Function::new(launch).start().await.unwrap();
    let mut described_ones = 0;
    for (name, fixture) in fixtures() {
        for event in injected(&fixture) {
            let answer = sandbox
                .invoke(Invocation::new(event.to_string()))
                .await
                .unwrap();
            if answer.kind != Kind::Response || answer.json()["statusCode"] != 200 {
                continue;
            }
            let answer = answer.json();
            let body = answer["body"].as_str().unwrap_or_default();
            // what is no description was answered with base64
            if let Ok(described) = serde_json::from_str(body) {
                seen(&name, &described);
                described_ones += 1;
            }
        }
    }
    assert!(
        described_ones > 500,
        "only {described_ones} reached a handler"
    );
    assert_eq!(sandbox.starts().await, 1, "the process ended");
    logged(&sandbox.program().stderr());
}

async fn posted(served: &Served, target: &str, headers: &str, body: &Value) -> raw::Answer {
    let body = body.to_string();
    let head = format!("POST {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}");
    let bytes = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let mut answers = served.answers(bytes.as_bytes()).await;
    assert_eq!(answers.len(), 1, "{}: {body}", served.name);
    answers.remove(0)
}

fn invocation() -> Value {
    let headers = json!({"host": ["a.example"], "x-a": ["1"], "x-forwarded-for": ["192.0.2.1, 203.0.113.7:1"],
        "traceparent": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], "content-type": ["text/plain"]});
    let identities = json!([{"AuthenticationType": "aad", "IsAuthenticated": true, "Name": "ada",
        "Claims": [{"Type": "sub", "Value": "ada"}]}]);
    json!({"Data": {"req": {"Url": "https://a.example/api/x?a=1", "Method": "POST", "Query": {"a": "1"},
        "Headers": headers, "Params": {"path": "x"}, "Identities": identities, "Body": "text"}},
        "Metadata": {"Headers": {"x-a": "1"}, "sys": {"MethodName": "http", "UtcNow": "2026-01-02T03:04:05Z"}}})
}

#[tokio::test]
async fn no_field_of_an_azure_invocation_begins_another() {
    let app = App::new().unwrap().http("http", "{*path}").unwrap();
    let launch = program("mirror").env("RUST_LOG", "debug");
    let started = Functions::new(launch, app).start().await.unwrap();
    let served = Served {
        name: "azure",
        address: started.front.address(),
        program: started.program,
    };
    let headers = "content-type: application/json\r\nx-azure-functions-invocationid: 1\r\n";
    let mut described_ones = 0;
    for document in injected(&invocation()) {
        let answer = posted(&served, "/http", headers, &document).await;
        if answer.status != 200 {
            continue;
        }
        let answer: Value = serde_json::from_slice(&answer.body()).unwrap();
        let output = &answer["Outputs"]["res"];
        if output["statusCode"] == "200" {
            let described = serde_json::from_str(output["body"].as_str().unwrap()).unwrap();
            seen("azure", &described);
            described_ones += 1;
        }
    }
    assert!(
        described_ones > 20,
        "only {described_ones} reached a handler"
    );
    assert_eq!(served.program.status(), None, "it ended");
    logged(&served.program.stdout());
    logged(&served.program.stderr());
}

#[tokio::test]
async fn no_field_of_an_event_begins_a_line() {
    let launch = program("mirror")
        .env("RUST_LOG", "debug")
        .env("MIRROR_EVENTS", "/dev/null");
    let push = json!({"message": {"data": "aGk=", "messageId": "1", "publishTime": "2026-01-02T03:04:05Z",
        "orderingKey": "k", "attributes": {"a": "b"}}, "subscription": "projects/p/subscriptions/orders"});
    let cloud = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "subject": "s",
        "time": "2026-01-02T03:04:05Z", "datacontenttype": "text/plain", "x": "y", "data": "mirror-fail"});
    let served = local("gcp", on_google(launch)).await;
    for (headers, document) in [
        ("", push),
        ("content-type: application/cloudevents+json\r\n", cloud),
    ] {
        for document in injected(&document) {
            let answer = posted(&served, "/events", headers, &document).await;
            assert!(
                [204, 400, 500].contains(&answer.status),
                "{}",
                answer.status
            );
        }
    }
    served.still_serves().await;
    logged(&served.program.stderr());
}
