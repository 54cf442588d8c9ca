//! What Google Cloud and others' senders, or ones that are broken, could deliver: mutated events of
//! every source.
//!
//! Nothing panics, nothing hangs, what is refused says what it was taken for, and enough of what is
//! delivered still reaches an event for the translations behind the first check to be met.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it did"
)]

use std::cell::Cell;

use bytes::Bytes;
use isobar::gcp::translate::{App, Decoded, Mode, encode, encode_events};
use isobar::{Dispatcher, Event, Outcome, Reply};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A source, its headers, and its body.
type Delivery = (&'static str, Vec<(&'static str, &'static str)>, Vec<u8>);

/// What errors begin with: what was delivered was taken for one of these.
const TRIGGERS: [&str; 11] = [
    "CloudEvent:",
    "Pub/Sub message:",
    "Pub/Sub message without a wrapper:",
    "Cloud Storage object:",
    "Cloud Scheduler job:",
    "Cloud Tasks task:",
    "Firestore document:",
    "Datastore entity:",
    "background event:",
    "typed function:",
    "event: request: is nothing that is known",
];

const PUSH: &[u8] = br#"{"message":{"attributes":{"k":"v"},"data":"aGVsbG8=","messageId":"17","message_id":"17","orderingKey":"o1",
    "publishTime":"2021-02-26T19:13:55.749Z"},"deliveryAttempt":5,"subscription":"projects\/p\/subscriptions\/orders"}"#;

fn eventarc(ty: &'static str, media_type: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("ce-specversion", "1.0"),
        ("ce-id", "1413058901901494"),
        ("ce-type", ty),
        ("ce-source", "//x.googleapis.com/projects/p/topics/orders"),
        ("ce-subject", "documents/users/ad%C3%A1"),
        ("ce-time", "2020-09-29T11:32:00.000Z"),
        ("content-type", media_type),
    ]
}

/// A field of bytes, as protobuf has it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap();
    assert!(length < 128);
    [&[number << 3 | 2, length][..], bytes].concat()
}

/// A document `users/ada` of a map and a list, as protobuf.
fn document() -> Vec<u8> {
    let entry = |name: &[u8], value: &[u8]| [field(1, name), field(2, value)].concat();
    let list = field(9, &[field(1, &[0x10, 5]), field(1, &[8, 1])].concat());
    let map = field(
        6,
        &field(1, &entry(b"in", &[0x19, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F])),
    );
    let name = field(1, b"projects/p/databases/d/documents/users/ada");
    let fields = [field(2, &entry(b"m", &map)), field(2, &entry(b"l", &list))].concat();
    field(1, &[name, fields].concat())
}

fn deliveries() -> Vec<Delivery> {
    let plain = |pairs: &[(&'static str, &'static str)]| pairs.to_vec();
    let json = || plain(&[("content-type", "application/json")]);
    vec![
        ("push", json(), PUSH.to_vec()),
        ("unwrapped", plain(&[("x-goog-pubsub-message-id", "17"), ("x-goog-pubsub-subscription-name", "projects/p/subscriptions/s"), ("k", "v")]), b"hi".to_vec()),
        ("notification", json(), br#"{"message":{"messageId":"1","attributes":{"eventType":"OBJECT_FINALIZE","bucketId":"b","objectId":"o","objectGeneration":"7"}},"subscription":"projects/p/subscriptions/s"}"#.to_vec()),
        ("Eventarc, Pub/Sub", eventarc("google.cloud.pubsub.topic.v1.messagePublished", "application/json"), PUSH.to_vec()),
        ("Eventarc, Storage", eventarc("google.cloud.storage.object.v1.finalized", "application/json"), br#"{"bucket":"b","name":"a/b.txt","size":"3","generation":"7","etag":"x"}"#.to_vec()),
        ("Eventarc, Firestore", eventarc("google.cloud.firestore.document.v1.written", "application/protobuf"), document()),
        ("Eventarc, Firestore, JSON", eventarc("google.cloud.firestore.document.v1.written", "application/json"), br#"{"value":{"name":"projects/p/databases/d/documents/users/ada","fields":{"a":{"integerValue":"1"},"l":{"arrayValue":{"values":[{"doubleValue":1.5}]}}}}}"#.to_vec()),
        ("Scheduler", plain(&[("x-cloudscheduler", "true"), ("x-cloudscheduler-jobname", "nightly"), ("x-cloudscheduler-scheduletime", "2026-10-09T00:00:00Z")]), Vec::new()),
        ("Tasks", plain(&[("x-cloudtasks-queuename", "q"), ("x-cloudtasks-taskname", "t"), ("x-cloudtasks-tasketa", "1587651833.241"), ("x-cloudtasks-taskretrycount", "0")]), b"hi".to_vec()),
        ("structured", plain(&[("content-type", "application/cloudevents+json; charset=utf-8")]), br#"{"specversion":"1.0","id":"e1","source":"https://shop.example/orders/17","type":"com.example.order.created","data":{"note":"two seats, in the first row if there are any"},"x":1}"#.to_vec()),
        ("batch", plain(&[("content-type", "application/cloudevents-batch+json")]), br#"[{"specversion":"1.0","id":"6b6b2f0e-0000-0000","source":"https://shop.example/orders/17","type":"com.example.order.created","data":"two seats, in the first row if there are any"},{"specversion":"1.0","id":"e2","source":"/s","type":"t"}]"#.to_vec()),
        ("background", json(), include_bytes!("../../tests/data/gcp/conformance/firebase-db1-legacy-input.json").to_vec()),
    ]
}

/// A change of one place: what is there is repeated, dropped, or replaced.
fn change(text: &mut Vec<u8>, at: prop::sample::Index, kind: u8, with: &[u8]) {
    if text.is_empty() {
        return;
    }
    let at = at.index(text.len());
    match kind % 4 {
        0 => text[at] = with.first().copied().unwrap_or(b'"'),
        1 => drop(text.splice(at..at, with.iter().copied())),
        2 => drop(text.remove(at)),
        _ => text.truncate(at),
    }
}

type Changes = Vec<(prop::sample::Index, prop::sample::Index, u8, Vec<u8>)>;

fn changes() -> impl Strategy<Value = Changes> {
    let piece = prop_oneof![
        4 => "[a-z0-9/?&=%+.:, ]{1,3}".prop_map(String::into_bytes),
        1 => prop::sample::select(vec!["\"", "\\u00e9", "%2F", "%C0%A0", "null", "{}", "[", "\u{e9}", "\0"]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    let index = any::<prop::sample::Index>;
    prop::collection::vec((index(), index(), 0u8..3, piece), 0..4)
}

/// Changes headers and body; `None` where no server would let it through.
fn mutated(delivery: &Delivery, changes: Changes) -> Option<http::Request<Bytes>> {
    let mut body = delivery.2.clone();
    let mut headers: Vec<_> = { delivery.1.iter() }
        .map(|(name, value)| (*name, value.as_bytes().to_vec()))
        .collect();
    for (place, at, kind, with) in changes {
        let place = place.index(headers.len() + 2);
        match headers.get_mut(place) {
            Some((_, value)) => change(value, at, kind, &with),
            None => change(&mut body, at, kind, &with),
        }
    }
    let mut request = http::Request::post("/");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(body.into()).ok()
}

fn app() -> App {
    let handler = isobar::App::new().on_event("*", async || {});
    App::new(Dispatcher::new(handler), &[]).unwrap()
}

fn text(answer: isobar::Response) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let bytes = runtime.block_on(axum::body::to_bytes(answer.into_body(), usize::MAX));
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

/// Looks at all of an event.
fn look(event: &Event) {
    assert!(
        !event.id().is_empty() && !event.ty().is_empty(),
        "{event:?}"
    );
    assert!(!event.dedup_key().is_empty());
    if let Some(change) = isobar::Change::<serde_json::Value>::of(event) {
        // Documents are JSON, whatever was delivered.
        drop(change.unwrap());
    }
}

/// Reads what was delivered; returns true if it reached an event.
fn play(app: &App, delivered: http::Request<Bytes>) -> bool {
    match app.decode(delivered) {
        Decoded::Events(batch) => {
            batch.events.iter().for_each(look);
            let outcomes = vec![Outcome::Done(Reply::default()); batch.events.len()];
            assert_eq!(encode_events(&outcomes).status(), 204);
            !batch.events.is_empty()
        }
        Decoded::Answered(answer) => {
            assert!(answer.status().is_client_error(), "{answer:?}");
            let problem: serde_json::Value = serde_json::from_str(&text(*answer)).unwrap();
            let detail = problem["detail"].as_str().unwrap();
            assert!(TRIGGERS.iter().any(|t| detail.starts_with(t)), "{detail}");
            false
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn mutated_events_of_every_source_neither_panic_nor_pass_for_what_they_are_not() {
    const CASES: u32 = 1500;
    let app = app();
    for delivery in deliveries() {
        let name = delivery.0;
        assert!(
            play(&app, mutated(&delivery, Vec::new()).unwrap()),
            "{name}"
        );
        let reached = Cell::new(0_u32);
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&changes(), |changes| {
            let delivered = mutated(&delivery, changes);
            let there = delivered.is_some_and(|delivered| play(&app, delivered));
            reached.set(reached.get() + u32::from(there));
            Ok(())
        });
        if let Err(error) = result {
            panic!("{name}: {error}");
        }
        let share = reached.get() * 100 / CASES;
        println!("{name}: {share} % of {CASES} reached an event");
        assert!(share >= 30, "{name}: only {share} % reached an event");
    }
}

#[test]
fn any_bytes_are_answered() {
    let app = app();
    let bytes = (prop::collection::vec(any::<u8>(), 0..200), 0..4usize);
    let result = TestRunner::new(Config {
        cases: 2000,
        failure_persistence: None,
        ..Config::default()
    })
    .run(&bytes, |(body, source)| {
        let (_, headers, _) = &deliveries()[source + 3];
        let mut request = http::Request::post("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        play(&app, request.body(body.into()).unwrap());
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn an_event_comes_back_from_each_mode_as_it_went() {
    let app = app();
    let event = Event::builder("n", "e 1", "/s%", "t\u{e9}")
        .subject(Some("a \"b\"".into()))
        .extension("x", "1")
        .data("text/plain", "hi \u{e9}")
        .build();
    for mode in [Mode::Binary, Mode::Structured, Mode::Batch] {
        let Decoded::Events(batch) = app.decode(encode(std::slice::from_ref(&event), mode)) else {
            panic!("{mode:?}");
        };
        let got = &batch.events[0];
        assert_eq!(
            (got.id(), got.source(), got.ty()),
            ("e 1", "/s%", "t\u{e9}"),
            "{mode:?}"
        );
        assert_eq!(got.subject(), event.subject());
        assert_eq!(
            (got.data(), got.data_content_type()),
            (event.data(), Some("text/plain"))
        );
        assert_eq!(got.extension("x"), Some("1"));
    }
}

#[tokio::test]
async fn a_request_is_delivered_and_answered_in_process() {
    let handler = isobar::App::new()
        .http(|_: isobar::Request| async { "hello" })
        .on_message("orders", async || Err::<(), _>(isobar::Error::from("no")))
        .on_invoke(async |n: isobar::Invoke<u32>| isobar::Json(n.input() + 1));
    let iam = [
        ("K_SERVICE", "s"),
        ("ISOBAR_EVENTS_AUTH", "iam"),
        ("ISOBAR_EVENTS_PATH", "/in"),
    ];
    let served = App::new(Dispatcher::new(handler), &iam).unwrap();
    let post = |path: &str| {
        http::Request::post(path)
            .body(Bytes::from_static(PUSH))
            .unwrap()
    };
    let http = served.deliver(post("/")).await;
    assert_eq!(
        (http.status().as_u16(), &http.body()[..]),
        (200, &b"hello"[..])
    );
    assert_eq!(served.deliver(post("/in")).await.status(), 500);
    let unknown = http::Request::post("/in").body(Bytes::new()).unwrap();
    assert_eq!(served.deliver(unknown).await.status(), 400);
}
