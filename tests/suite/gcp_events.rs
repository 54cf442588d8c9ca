//! Events of Google Cloud, Knative and the developer's own machine, over real sockets: what is
//! acknowledged, what comes again, and who may send them.

use std::path::PathBuf;

use isobar_hosts::cloud_run::{CloudRun, Message, Sender, Service, Signature};
use isobar_hosts::local::Local;
use isobar_hosts::{Front, Started, body};
use serde_json::{Value, json};

use crate::host::Answer;
use crate::programs::program;

const SUBSCRIPTION: &str = "projects/p/subscriptions/orders";

/// A file that `mirror` writes its events to.
struct Events(PathBuf);

impl Events {
    fn new(name: &str) -> Self {
        let name = format!("isobar-events-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&path));
        Self(path)
    }

    fn read(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn kinds(&self) -> Vec<String> {
        let all = self.read();
        all.iter()
            .map(|e| e["kind"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// `mirror` as a service whose callers IAM checks.
async fn mirror(events: &Events) -> Started<CloudRun> {
    let launch = program("mirror")
        .env("MIRROR_EVENTS", &events.0)
        .env("ISOBAR_EVENTS_AUTH", "iam");
    Service::new(launch).iam().start().await.unwrap()
}

pub(crate) fn push(data: &str) -> Sender {
    Sender::push(SUBSCRIPTION, Message::new("17", data)).path("/events")
}

pub(crate) async fn send(
    front: &dyn Front,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    text: &str,
) -> Answer {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("http://a.example{target}"));
    let request = { headers.iter() }.fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let request = request.body(body::full(text.to_owned())).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

#[tokio::test]
async fn what_every_sender_sends_is_acknowledged() {
    let events = Events::new("all");
    let started = mirror(&events).await;
    let storage = [
        ("id", "1"),
        ("type", "google.cloud.storage.object.v1.finalized"),
        ("datacontenttype", "application/json"),
        ("source", "//storage.googleapis.com/projects/_/buckets/b"),
    ];
    let firestore = [
        ("id", "1"),
        ("type", "google.cloud.firestore.document.v1.deleted"),
        ("datacontenttype", "application/protobuf"),
        (
            "source",
            "//firestore.googleapis.com/projects/p/databases/(default)",
        ),
        ("document", "users/ada"),
    ];
    let own = [
        ("id", "1"),
        ("type", "com.example.created"),
        ("source", "/shop"),
        ("datacontenttype", "text/plain"),
    ];
    for sender in [
        push("hi").token("a.b.c"),
        Sender::unwrapped(SUBSCRIPTION, Message::new("18", "hi").attribute("k", "v")),
        Sender::eventarc(&storage, r#"{"bucket":"b","name":"n"}"#),
        Sender::eventarc(&firestore, ""),
        Sender::eventarc(&own, "hi"),
        Sender::job("nightly", "2026-10-09T00:00:00Z"),
        Sender::task("q", "t", "hi"),
    ] {
        let sent = started
            .front
            .deliver(&sender.path("/events"))
            .await
            .unwrap();
        assert_eq!(
            (sent.acknowledged, sent.answers.len()),
            (true, 1),
            "{sent:?}"
        );
        assert_eq!(sent.answers[0], 204);
    }
    assert_eq!(
        events.kinds(),
        [
            "message", "message", "object", "change", "other", "schedule", "message"
        ]
    );
}

#[tokio::test]
async fn a_failure_comes_again_and_a_permanent_one_does_not() {
    let events = Events::new("failure");
    let started = mirror(&events).await;
    let failed = started
        .front
        .deliver(&push("mirror-fail").tries(3))
        .await
        .unwrap();
    assert_eq!(
        (failed.acknowledged, failed.answers),
        (false, vec![http::StatusCode::INTERNAL_SERVER_ERROR; 3])
    );
    let written = events.read();
    let counts: Vec<_> = { written.iter() }
        .map(|e| e["message"]["delivery_count"].clone())
        .collect();
    assert_eq!(counts, [1, 2, 3]);
    let dropped = started
        .front
        .deliver(&push("mirror-permanent"))
        .await
        .unwrap();
    assert_eq!((dropped.acknowledged, dropped.answers.len()), (true, 1));
    started
        .program
        .wait_line("dropped message", std::time::Duration::from_secs(5))
        .await
        .unwrap();
    let panicked = started
        .front
        .deliver(&push("mirror-panic").tries(2))
        .await
        .unwrap();
    assert_eq!(panicked.answers, [500, 500]);
    assert!(
        started
            .front
            .deliver(&push("hi"))
            .await
            .unwrap()
            .acknowledged,
        "it lives"
    );
}

#[tokio::test]
async fn what_has_no_handler_or_does_not_decode_fails_with_a_line_that_says_so() {
    let launch = program("orders").env("ISOBAR_EVENTS_AUTH", "iam");
    let started = Service::new(launch).start().await.unwrap();
    let line = async |text: &str| {
        let patience = std::time::Duration::from_secs(5);
        started.program.wait_line(text, patience).await.unwrap()
    };
    let other = Sender::push("projects/p/subscriptions/other", Message::new("1", "{}"));
    let sent = started
        .front
        .deliver(&other.path("/events").tries(1))
        .await
        .unwrap();
    assert_eq!(sent.answers, [500]);
    line(r#"no handler for message \"other\" 1; there are: message \"orders\", object \"uploads\", schedule \"nightly\""#).await;
    let sent = started
        .front
        .deliver(&push("no json").tries(2))
        .await
        .unwrap();
    assert_eq!(sent.answers, [500, 500]);
    line("does not decode").await;
    let sold_out = started
        .front
        .deliver(&push(r#"{"id":"a","seats":2}"#).tries(2))
        .await
        .unwrap();
    assert!(!sold_out.acknowledged);
    let json = [("content-type", "application/json")];
    assert_eq!(
        send(&*started.front, "PUT", "/seats", &json, "10")
            .await
            .status,
        200
    );
    for _ in 0..2 {
        assert!(
            started
                .front
                .deliver(&push(r#"{"id":"a","seats":2}"#))
                .await
                .unwrap()
                .acknowledged
        );
    }
    let sale = send(&*started.front, "GET", "/orders", &[], "")
        .await
        .json();
    assert_eq!(
        (&sale["seats_left"], &sale["repeats"]),
        (&8.into(), &1.into())
    );
}

#[tokio::test]
async fn what_nothing_can_name_is_a_400_and_http_is_left_alone() {
    let events = Events::new("unknown");
    let started = mirror(&events).await;
    let front = &*started.front;
    let forged = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("ce-type", "t"),
    ];
    for (target, headers, text, status) in [
        ("/events", &[][..], "{}", 400),
        (
            "/events",
            &[("content-type", "application/json")],
            "[]",
            400,
        ),
        (
            "/events",
            &[("content-type", "application/cloudevents+avro")],
            "",
            415,
        ),
        ("/events", &forged[..3], "", 400),
        ("/", &forged, "{}", 200),
        ("/eventsx", &forged, "{}", 200),
        ("/events/other", &forged, "{}", 200),
    ] {
        let answer = send(front, "POST", target, headers, text).await;
        assert_eq!(
            answer.status,
            status,
            "{target} {headers:?}: {}",
            answer.text()
        );
    }
    assert!(events.read().is_empty());
    assert_eq!(
        send(front, "GET", "/events", &[], "").await.json()["method"],
        "GET"
    );
    let handshake = [
        ("webhook-request-origin", "eventgrid.azure.net"),
        ("webhook-request-rate", "120"),
    ];
    let refused = send(front, "OPTIONS", "/events", &handshake, "").await;
    assert_eq!(
        (
            refused.status.as_u16(),
            refused.all("webhook-allowed-origin").len()
        ),
        (405, 0)
    );
}

#[tokio::test]
async fn a_broker_retries_what_failed_and_loses_what_nothing_names() {
    let events = Events::new("broker");
    let launch = program("mirror")
        .env("MIRROR_EVENTS", &events.0)
        .env("ISOBAR_EVENTS_AUTH", "none")
        .env("ISOBAR_EVENTS_ORIGINS", "eventgrid.azure.net");
    let started = Service::new(launch).knative().start().await.unwrap();
    let own = [
        ("id", "1"),
        ("type", "dev.knative.sources.ping"),
        ("source", "/ping"),
        ("datacontenttype", "application/json"),
    ];
    let deliver = async |data: &str| {
        let sender = Sender::broker(&own, data).path("/events").tries(3);
        started.front.deliver(&sender).await.unwrap()
    };
    assert_eq!(deliver("{}").await.answers, [204]);
    assert_eq!(deliver("mirror-fail").await.answers, [500, 500, 500]);
    let nameless = Sender::broker(&own[1..], "{}").path("/events");
    let lost = started.front.deliver(&nameless).await.unwrap();
    assert_eq!(
        (lost.answers, lost.acknowledged),
        (vec![http::StatusCode::BAD_REQUEST], false)
    );
    let handshake = [("webhook-request-origin", "eventgrid.azure.net")];
    let consent = send(&*started.front, "OPTIONS", "/events", &handshake, "").await;
    assert_eq!(
        consent.all("webhook-allowed-origin"),
        ["eventgrid.azure.net"]
    );
    assert_eq!(
        (consent.all("webhook-allowed-rate"), consent.all("allow")),
        (vec!["*"], vec!["POST"])
    );
}

#[tokio::test]
async fn structured_and_batched_events_are_taken_and_one_failure_fails_the_batch() {
    let events = Events::new("batch");
    let started = mirror(&events).await;
    let event = |id: &str, data: &str| json!({"specversion": "1.0", "id": id, "source": "/s", "type": "t", "data": data});
    let batched = [("content-type", "application/cloudevents-batch+json")];
    for (headers, text, status) in [
        (
            [("content-type", "application/cloudevents+json")],
            event("1", "x").to_string(),
            204,
        ),
        (batched, "[]".to_owned(), 204),
        (
            batched,
            json!([event("2", "x"), event("3", "mirror-permanent")]).to_string(),
            204,
        ),
        (
            batched,
            json!([event("4", "x"), event("5", "mirror-fail")]).to_string(),
            500,
        ),
        (batched, json!([event("6", "x"), {}]).to_string(), 400),
    ] {
        let answer = send(&*started.front, "POST", "/events", &headers, &text).await;
        assert_eq!(answer.status, status, "{text}");
        assert!(
            answer
                .headers
                .keys()
                .all(|name| !name.as_str().starts_with("ce-"))
        );
    }
    let written = events.read();
    let mut ids: Vec<_> = { written.iter() }
        .map(|e| e["event"]["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_function_of_events_takes_them_on_every_path_and_nothing_else() {
    let events = Events::new("function");
    let launch = program("mirror").env("MIRROR_EVENTS", &events.0);
    let started = Service::new(launch)
        .function("f", Signature::CloudEvent)
        .start()
        .await
        .unwrap();
    for path in ["/", "/any/path"] {
        assert!(
            started
                .front
                .deliver(&push("hi").path(path))
                .await
                .unwrap()
                .acknowledged
        );
    }
    assert_eq!(events.kinds(), ["message", "message"]);
    let get = send(&*started.front, "GET", "/", &[], "").await;
    assert_eq!((get.status.as_u16(), get.all("allow")), (405, vec!["POST"]));
}

#[tokio::test]
async fn the_developers_machine_takes_any_kind_by_its_path() {
    let started = Local::start(program("orders")).await.unwrap();
    let front = &*started.front;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let json = [("content-type", "application/json")];
    assert_eq!(send(front, "PUT", "/seats", &json, "3").await.status, 200);
    for (target, text, status) in [
        ("/events/message/orders", r#"{"id":"a","seats":2}"#, 204),
        ("/events/message/orders", r#"{"id":"b","seats":2}"#, 500),
        (
            "/events/object/uploads",
            r#"{"key":"plan.pdf","size":3}"#,
            204,
        ),
        ("/events/schedule/nightly", "", 204),
        ("/events/message/else", "{}", 500),
        ("/events", "{}", 400),
    ] {
        let answer = send(front, "POST", target, &form, text).await;
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
    }
    let sale = send(front, "GET", "/orders", &[], "").await.json();
    assert_eq!(
        (&sale["seats_left"], &sale["uploads"]),
        (&11.into(), &json!(["plan.pdf"]))
    );
}
