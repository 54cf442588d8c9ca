//! Documents that are too deep, too long, or unpack to too much: each is answered, and the process
//! lives, which it would not after its stack or its memory.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar_hosts::client::raw;
use isobar_hosts::functions::{App, Host as Functions};
use isobar_hosts::lambda::{Function, Invocation};
use serde_json::json;

use super::served::{Served, local, on_google};
use crate::host::{Host, Kind, post};
use crate::programs::program;

/// Deeper than any stack is.
const DEEP: usize = 100_000;
/// More than any map of headers takes.
const MANY: usize = 40_000;

/// JSON that nests, from what opens and what closes a level.
fn nested(open: &str, inner: &str, close: &str) -> String {
    [&*open.repeat(DEEP), inner, &*close.repeat(DEEP)].concat()
}

fn deep() -> String {
    nested("[", "", "]")
}

/// The members of an object of very many.
fn many() -> String {
    let member = |n: usize| format!(",\"x{n}\":\"y\"");
    (0..MANY).map(member).collect()
}

async fn posted(served: &Served, target: &str, headers: &str, body: &[u8]) -> u16 {
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = raw::Connection::open(served.address).await.unwrap();
    connection
        .send([head.as_bytes(), body].concat())
        .await
        .unwrap();
    let answer = connection.answer().await;
    answer
        .unwrap_or_else(|e| {
            panic!(
                "{}: {headers}: {e}: {:?}",
                served.name,
                served.program.stderr()
            )
        })
        .status
}

const STRUCTURED: &str = "content-type: application/cloudevents+json\r\n";

/// A CloudEvent with more members.
fn event(ty: &str, more: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"{ty}"{more}}}"#)
}

#[tokio::test]
async fn no_event_is_too_deep_or_too_wide_for_a_server() {
    let (storage, firestore) = (
        "google.cloud.storage.object.v1.finalized",
        "google.cloud.firestore.document.v1.written",
    );
    let data = |data: &str| format!(",\"data\":{data}");
    let value = nested("{\"mapValue\":{\"fields\":{\"a\":", "{}", "}}}");
    let document = format!(r#"{{"value":{{"fields":{{"a":{value}}}}}}}"#);
    let lists = nested("{\"arrayValue\":{\"values\":[", "", "]}}");
    let lists = format!(r#"{{"value":{{"fields":{{"a":{lists}}}}}}}"#);
    let push = |message: &str| format!(r#"{{"message":{message},"subscription":"s"}}"#);
    let events = vec![
        (STRUCTURED, event("t", &data(&deep()))),
        (STRUCTURED, event("t", &format!(",\"x\":{}", deep()))),
        (STRUCTURED, event("t", &many())),
        (STRUCTURED, event(storage, &data(&deep()))),
        (STRUCTURED, event(firestore, &data(&document))),
        (STRUCTURED, event(firestore, &data(&lists))),
        (STRUCTURED, deep()),
        (
            "content-type: application/cloudevents-batch+json\r\n",
            deep(),
        ),
        ("", deep()),
        ("", push(&deep())),
        (
            "",
            push(&format!(r#"{{"messageId":"1","attributes":{}}}"#, deep())),
        ),
        (
            "",
            push(&format!(
                r#"{{"messageId":"1","attributes":{{"a":"b"{}}}}}"#,
                many()
            )),
        ),
        ("", format!(r#"{{"context":{},"data":{{}}}}"#, deep())),
        (
            "",
            format!(r#"{{"eventId":"1","eventType":"t","data":{}}}"#, deep()),
        ),
    ];
    let quiet = || program("mirror").env("MIRROR_EVENTS", "/dev/null");
    for served in [
        local("local", quiet()).await,
        local("gcp", on_google(quiet())).await,
    ] {
        for (headers, body) in &events {
            let status = posted(&served, "/events", headers, body.as_bytes()).await;
            assert!(
                [204, 400, 500].contains(&status),
                "{}: {status}",
                served.name
            );
        }
        served.still_serves().await;
    }
}

/// What wraps itself, as protobuf: a value that is a list of one value, and so on.
fn protobuf() -> Vec<u8> {
    let mut value = vec![0x10, 5];
    while value.len() < 60_000 {
        for field in [0x0a, 0x4a] {
            let mut length = value.len();
            let mut wrapped = vec![field];
            while length >= 0x80 {
                wrapped.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                length >>= 7;
            }
            wrapped.push(u8::try_from(length).unwrap());
            wrapped.append(&mut value);
            value = wrapped;
        }
    }
    value
}

#[tokio::test]
async fn no_protobuf_is_too_deep() {
    let quiet = program("mirror").env("MIRROR_EVENTS", "/dev/null");
    let served = local("gcp", on_google(quiet)).await;
    let headers = "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\n\
        ce-type: google.cloud.firestore.document.v1.written\r\ncontent-type: application/protobuf\r\n";
    let status = posted(&served, "/events", headers, &protobuf()).await;
    assert!([204, 400].contains(&status), "{status}");
    served.still_serves().await;
}

/// Payloads as an invoker could send them, each with what it is about.
fn payloads() -> Vec<(&'static str, String)> {
    let records = |record: &str| format!(r#"{{"Records":[{record}]}}"#);
    let of = |source: &str, more: &str| records(&format!(r#"{{"eventSource":"{source}"{more}}}"#));
    let image = nested("{\"M\":{\"a\":", "{\"S\":\"x\"}", "}}");
    let image = format!(
        r#","eventID":"1","eventName":"INSERT","dynamodb":{{"SequenceNumber":"1","NewImage":{{"a":{image}}}}}"#
    );
    let header = |headers: &str| {
        format!(
            r#"{{"version":"2.0","rawPath":"/x","headers":{{"a":"b"{headers}}},"requestContext":{{"domainName":"a","stage":"$default","http":{{"method":"GET"}}}}}}"#
        )
    };
    vec![
        ("nothing but depth", deep()),
        ("a call", format!("{{\"a\":{}}}", deep())),
        ("a wide call", format!("{{\"a\":1{}}}", many())),
        (
            "a queue's depth",
            of("aws:sqs", &format!(",\"x\":{}", deep())),
        ),
        (
            "a queue's message",
            of(
                "aws:sqs",
                &format!(r#","messageId":"1","body":{}"#, json!(deep())),
            ),
        ),
        (
            "a queue's attributes",
            of(
                "aws:sqs",
                &format!(
                    r#","messageId":"1","body":"","messageAttributes":{}"#,
                    deep()
                ),
            ),
        ),
        ("a table", of("aws:dynamodb", &image)),
        ("a bucket", of("aws:s3", &format!(r#","s3":{}"#, deep()))),
        (
            "a rule",
            format!(
                r#"{{"detail-type":"t","source":"s","id":"1","detail":{}}}"#,
                deep()
            ),
        ),
        ("a request's headers", header(&many())),
        (
            "a request's header",
            header(&format!(",\"deep\":{}", deep())),
        ),
        (
            "an authorizer",
            header("").replace(
                r#""domainName""#,
                &format!(r#""authorizer":{},"domainName""#, deep()),
            ),
        ),
    ]
}

#[tokio::test]
async fn no_payload_is_too_deep_or_too_wide_for_lambda() {
    let launch = program("mirror").env("MIRROR_EVENTS", "/dev/null");
    let function = Function::new(launch).timeout(Duration::from_secs(30));
    let sandbox = function.start().await.unwrap();
    for (what, payload) in payloads() {
        let answer = sandbox.invoke(Invocation::new(payload)).await.unwrap();
        let is_told =
            answer.error_type.is_empty() || !answer.error_type.starts_with("Runtime.Exit");
        assert!(is_told, "{what}: {answer:?}");
    }
    assert_eq!(sandbox.starts().await, 1, "the process ended");
}

#[tokio::test]
async fn a_bomb_of_logs_is_refused() {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let line = vec![b' '; 1 << 20];
    for _ in 0..512 {
        packer.write_all(&line).unwrap();
    }
    let bomb = BASE64_STANDARD.encode(packer.finish().unwrap());
    assert!(bomb.len() < 1 << 20, "it is no bomb");
    let launch = program("mirror").env("MIRROR_EVENTS", "/dev/null");
    let sandbox = Function::new(launch).start().await.unwrap();
    let payload = json!({"awslogs": {"data": bomb}}).to_string();
    let answer = sandbox.invoke(Invocation::new(payload)).await.unwrap();
    assert!(
        String::from_utf8_lossy(&answer.bytes).contains("64 MiB"),
        "{answer:?}"
    );
    let peak = sandbox.program().memory_kib().unwrap().peak;
    assert!(peak < 256 << 10, "it took {peak} KiB");
    assert_eq!(sandbox.starts().await, 1, "the process ended");
}

#[tokio::test]
async fn no_invocation_is_too_deep_or_too_wide_for_azure() {
    let triggers = [
        ("queue", "queueTrigger"),
        ("grid", "eventGridTrigger"),
        ("records", "kafkaTrigger"),
        ("documents", "cosmosDBTrigger"),
        ("rows", "sqlTrigger"),
        ("hub", "eventHubTrigger"),
        ("clock", "timerTrigger"),
    ];
    let mut app = App::new().unwrap().http("http", "{*path}").unwrap();
    for (name, trigger) in triggers {
        let many = if trigger == "eventHubTrigger" {
            "many"
        } else {
            "one"
        };
        let binding =
            json!([{"type": trigger, "name": "x", "direction": "in", "cardinality": many}]);
        app = app.function(name, &binding).unwrap();
    }
    let launch = program("mirror").env("MIRROR_EVENTS", "/dev/null");
    let started = Functions::new(launch, app).start().await.unwrap();
    let served = Served {
        name: "azure",
        address: started.front.address(),
        program: started.program,
    };
    let string = |text: &str| json!(text).to_string();
    let grid = event("t", &many());
    for data in [
        deep(),
        string(&deep()),
        string(&string(&deep())),
        string(&grid),
        grid,
        format!("{{\"a\":{}}}", deep()),
        string(&nested("\"", "", "\"")),
    ] {
        for (name, _) in triggers.into_iter().chain([("http", "")]) {
            let member = if name == "http" { "req" } else { "x" };
            for body in [
                format!(r#"{{"Data":{{"{member}":{data}}},"Metadata":{{}}}}"#),
                format!(r#"{{"Data":{{"{member}":"\"x\""}},"Metadata":{{"Id":{data}}}}}"#),
                format!(
                    r#"{{"Data":{{"{member}":{{"Url":"http://a/x","Method":"GET","Headers":{data},"Identities":{data}}}}},"Metadata":{{}}}}"#
                ),
            ] {
                let status = posted(&served, &format!("/{name}"), "", body.as_bytes()).await;
                assert!([200, 400, 422, 500].contains(&status), "{name}: {status}");
            }
        }
    }
    assert_eq!(served.program.status(), None, "it ended");
    let line = served.program.stderr().join("\n");
    assert!(!line.contains("panicked"), "{line}");
}

#[tokio::test]
async fn a_deep_body_is_the_applications_400_on_every_host() {
    for kind in [
        Kind::Local,
        Kind::CloudRun,
        Kind::LambdaUrl,
        Kind::AzureProxied,
        Kind::AzureInvocation,
    ] {
        let host = Host::start(kind, program("axum-app")).await;
        let todo = format!(r#"{{"text":"x","done":false,"more":{}}}"#, deep());
        for body in [todo, deep()] {
            let request = post("/todos").header("content-type", "application/json");
            let status = host.send(request, body).await.status.as_u16();
            assert!([201, 400, 422].contains(&status), "{kind:?}: {status}");
        }
        assert_eq!(host.get("/todos").await.status, 200, "{kind:?}");
    }
}
