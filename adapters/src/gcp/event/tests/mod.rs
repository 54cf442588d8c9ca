//! What each source sends, and what becomes of it.

mod background;
mod objects;

use bytes::Bytes;
use isobar_core::{Change, Kind, Message, Object, Operation, Raw, Schedule};

use super::*;
use crate::cloudevents::Delivery;
use crate::config::Environment;

/// Reads a POST of these headers.
fn read(
    headers: &[(&str, &str)],
    rest: &str,
    body: &str,
) -> Result<Vec<isobar_core::Event>, String> {
    read_with(&[], headers, rest, body)
}

fn read_with(
    variables: &[(&str, &str)],
    headers: &[(&str, &str)],
    rest: &str,
    body: &str,
) -> Result<Vec<isobar_core::Event>, String> {
    let environment = Environment::of_list(variables);
    let rules = Rules::new(&environment, "svc").unwrap();
    let mut request = http::Request::post("/");
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let delivery = decode(
        &rules,
        &head,
        rest,
        &Bytes::copy_from_slice(body.as_bytes()),
    );
    match delivery.map_err(|e| e.to_string())? {
        Delivery::Events(batch) | Delivery::Call(batch) => Ok(batch.events),
    }
}

fn one(headers: &[(&str, &str)], body: &str) -> isobar_core::Event {
    read(headers, "", body).unwrap().remove(0)
}

fn message(event: &isobar_core::Event) -> Message<Raw> {
    Message::of(event).unwrap().unwrap()
}

fn pairs(message: &Message<Raw>) -> Vec<(String, String)> {
    let all = message.attributes();
    all.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

const PUSH: &str = r#"{"message":{"attributes":{"k":"v","n":7},"data":"aGVsbG8=","messageId":"17","message_id":"17",
    "orderingKey":"o1","publishTime":"2021-02-26T19:13:55.749Z","publish_time":"2021-02-26T19:13:55.749Z"},
    "deliveryAttempt":5,"subscription":"projects\/p\/subscriptions\/orders"}"#;

#[test]
fn a_push_has_its_message_in_an_envelope() {
    let event = one(&[("content-type", "application/json")], PUSH);
    let message = message(&event);
    assert_eq!(
        event.source(),
        "//pubsub.googleapis.com/projects/p/subscriptions/orders"
    );
    assert_eq!(event.ty(), "google.cloud.pubsub.topic.v1.messagePublished");
    assert_eq!(
        (message.id(), event.name(), message.source_name()),
        ("17", "orders", "orders")
    );
    assert_eq!(message.body().0, "hello");
    assert_eq!(
        pairs(&message),
        [("k".into(), "v".into()), ("n".into(), "7".into())]
    );
    assert_eq!(
        (message.ordering_key(), message.delivery_count()),
        (Some("o1"), Some(5))
    );
    assert_eq!(message.sent(), Some("2021-02-26T19:13:55.749Z"));
    assert_eq!(event.native(), PUSH);
    assert_eq!(
        &*event.dedup_key(),
        "//pubsub.googleapis.com/projects/p/subscriptions/orders#17"
    );
}

#[test]
fn a_name_is_mapped_and_the_view_keeps_the_hosts_own() {
    let names = [("ISOBAR_NAMES", "sales=orders,photos=uploads-7f3k")];
    let event = read_with(&names, &[], "", PUSH).unwrap().remove(0);
    assert_eq!(
        (event.name(), message(&event).source_name()),
        ("sales", "orders")
    );
}

#[test]
fn a_message_of_attributes_alone_is_one() {
    let body = r#"{"subscription":"projects/p/subscriptions/s","message":{"message_id":"2","attributes":{"a":""}}}"#;
    let event = one(&[], body);
    let message = message(&event);
    assert_eq!((message.id(), message.body().0.len()), ("2", 0));
    assert_eq!(message.attribute("a"), Some(""));
}

#[test]
fn the_endpoints_path_names_what_the_body_does_not() {
    let body = r#"{"message":{"data":"aGk=","messageId":"1"}}"#;
    assert!(read(&[], "", body).is_err());
    let event = read(&[], "projects/p/topics/orders", body)
        .unwrap()
        .remove(0);
    assert_eq!(event.name(), "orders");
    let raw = read(
        &[("content-type", "text/plain")],
        "projects/p/subscriptions/a%20b",
        "any bytes",
    );
    let raw = raw.unwrap().remove(0);
    assert_eq!((raw.name(), raw.kind()), ("a b", Kind::Message));
    assert_eq!(message(&raw).body().0, "any bytes");
    assert!(read(&[], "projects/p/topics/", "x").is_err());
    assert!(read(&[], "projects/p/snapshots/a", "x").is_err());
}

const EVENTARC: [(&str, &str); 6] = [
    ("ce-specversion", "1.0"),
    ("ce-id", "e1"),
    ("ce-time", "2020-09-29T11:32:00Z"),
    ("content-type", "application/json"),
    ("ce-extra", "x"),
    ("ce-dataschema", "https://a.example/s"),
];

fn eventarc(
    ty: &str,
    source: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Result<isobar_core::Event, String> {
    let mut headers = EVENTARC.to_vec();
    headers.extend([("ce-type", ty), ("ce-source", source)]);
    headers.extend_from_slice(more);
    Ok(read(&headers, "", body)?.remove(0))
}

#[test]
fn a_topics_message_by_eventarc_bears_the_topics_name() {
    let source = "//pubsub.googleapis.com/projects/p/topics/orders-topic";
    let event = eventarc(
        "google.cloud.pubsub.topic.v1.messagePublished",
        source,
        &[],
        PUSH,
    )
    .unwrap();
    assert_eq!(
        (event.id(), event.name(), event.kind()),
        ("e1", "orders-topic", Kind::Message)
    );
    assert_eq!(message(&event).body().0, "hello");
    assert_eq!(
        (event.data_content_type(), event.extension("extra")),
        (None, Some("x"))
    );
    for (body, wanted) in [
        ("", "Pub/Sub message: data"),
        ("{}", "has no message"),
        (
            r#"{"message":{"data":{"a":1}}}"#,
            "message.data: is not base64",
        ),
        (r#"{"message":{"data":"?"}}"#, "message.data: is not base64"),
    ] {
        let error = eventarc(
            "google.cloud.pubsub.topic.v1.messagePublished",
            source,
            &[],
            body,
        );
        let error = error.unwrap_err();
        assert!(error.contains(wanted), "{body}: {error}");
    }
}

#[test]
fn an_unwrapped_message_is_the_body_and_its_headers() {
    let headers = [
        ("host", "svc.a.run.app"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-goog-pubsub-message-id", "17"),
        ("x-goog-pubsub-publish-time", "2021-02-26T19:13:55.749Z"),
        (
            "x-goog-pubsub-subscription-name",
            "projects/p/subscriptions/orders",
        ),
        ("x-goog-pubsub-ordering-key", "o1"),
        ("user-agent", "x"),
        ("k", "v"),
        // An attribute may have any name: this one makes no schedule of it.
        ("x-cloudscheduler", "true"),
    ];
    let event = one(
        &headers,
        r#"{"message":{"messageId":"9"},"subscription":"s"}"#,
    );
    let message = message(&event);
    assert_eq!((message.id(), message.source_name()), ("17", "orders"));
    assert_eq!(
        message.body().0,
        r#"{"message":{"messageId":"9"},"subscription":"s"}"#
    );
    assert_eq!(message.ordering_key(), Some("o1"));
    let wanted = [
        ("k".into(), "v".into()),
        ("x-cloudscheduler".into(), "true".into()),
    ];
    assert_eq!(pairs(&message), wanted);
    let error = read(&headers[3..5], "", "x").unwrap_err();
    assert!(
        error.contains("x-goog-pubsub-message-id: is missing"),
        "{error}"
    );
}

#[test]
fn attributes_of_cloudevents_make_an_unwrapped_message_one() {
    let headers = [
        ("x-goog-pubsub-message-id", "17"),
        (
            "x-goog-pubsub-subscription-name",
            "projects/p/subscriptions/orders",
        ),
        ("ce-specversion", "1.0"),
        ("ce-id", "e1"),
        ("ce-type", "order.created"),
        ("ce-source", "/shop"),
    ];
    let event = one(&headers, "{}");
    assert_eq!(
        (event.kind(), event.id(), event.name()),
        (Kind::Other, "e1", "shop")
    );
}

#[test]
fn a_job_that_calls_is_a_schedule_by_any_sign() {
    let headers = [
        ("x-cloudscheduler", "true"),
        ("x-cloudscheduler-jobname", "nightly"),
        ("x-cloudscheduler-scheduletime", "2026-10-09T00:00:00Z"),
    ];
    let event = one(&headers, "");
    let schedule = Schedule::of(&event).unwrap();
    assert_eq!(
        (schedule.name(), schedule.due()),
        ("nightly", Some("2026-10-09T00:00:00Z"))
    );
    assert_eq!(
        (event.id(), event.data()),
        ("nightly/2026-10-09T00:00:00Z", None)
    );
    assert_eq!(one(&headers[1..2], "x").kind(), Kind::Schedule);
    let error = read(&headers[..1], "", "").unwrap_err();
    assert!(
        error.contains("x-cloudscheduler-jobname: is missing"),
        "{error}"
    );
    let source = "//cloudscheduler.googleapis.com/projects/p/locations/l/jobs/nightly";
    let event = eventarc("google.cloud.scheduler.job.v1.executed", source, &[], "{}").unwrap();
    assert_eq!(Schedule::of(&event).unwrap().name(), "nightly");
}

#[test]
fn a_task_is_a_message_of_its_queue() {
    for prefix in ["x-cloudtasks", "x-appengine"] {
        let headers = [
            (format!("{prefix}-queuename"), "orders"),
            (format!("{prefix}-taskname"), "t-1"),
            (format!("{prefix}-taskretrycount"), "2"),
            (format!("{prefix}-taskexecutioncount"), "0"),
            (format!("{prefix}-tasketa"), "1587651833.241"),
            ("content-type".to_owned(), "text/plain"),
        ];
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        let event = one(&headers, "hi");
        let message = message(&event);
        assert_eq!(
            (message.id(), message.source_name(), event.name()),
            ("t-1", "orders", "orders")
        );
        assert_eq!(
            (message.delivery_count(), message.body().0.as_ref()),
            (Some(3), &b"hi"[..])
        );
        assert_eq!(event.time(), Some("2020-04-23T14:23:53.241Z"));
        assert_eq!(event.data_content_type(), Some("text/plain"));
        let error = read(&headers[1..], "", "").unwrap_err();
        assert!(error.contains("x-cloudtasks-queuename"), "{error}");
    }
}

#[test]
fn a_documents_change_has_both_sides() {
    let body = r#"{"value":{"name":"projects/p/databases/(default)/documents/users/ada","fields":{"age":{"integerValue":"36"}},
        "updateTime":"2020-04-23T12:00:27Z"},"oldValue":{"fields":{"age":{"integerValue":"35"}}}}"#;
    let source = "//firestore.googleapis.com/projects/p/databases/(default)";
    let more = [("ce-authtype", "app_user"), ("ce-document", "users/ada")];
    for (what, operation) in [
        ("written", Operation::Update),
        ("created", Operation::Insert),
        ("updated.withAuthContext", Operation::Update),
        ("deleted", Operation::Delete),
    ] {
        let ty = format!("google.cloud.firestore.document.v1.{what}");
        let event = eventarc(&ty, source, &more, body).unwrap();
        let change = Change::<Raw>::of(&event).unwrap().unwrap();
        assert_eq!(
            (change.source_name(), change.operation()),
            ("users", operation),
            "{what}"
        );
        assert_eq!(change.before().unwrap().0, r#"{"age":35}"#);
        assert_eq!(change.after().unwrap().0, r#"{"age":36}"#);
        assert_eq!(change.keys().unwrap(), r#"{"document":"users/ada"}"#);
        assert_eq!(event.extension("authtype"), Some("app_user"));
    }
    let error = eventarc(
        "google.cloud.firestore.document.v1.written",
        source,
        &[],
        r#"{"value":7,"oldValue":{"fields":[]}}"#,
    );
    assert!(error.unwrap_err().starts_with("Firestore document: data"));
    let error = eventarc(
        "google.cloud.datastore.entity.v1.written",
        source,
        &[],
        "[]",
    )
    .unwrap_err();
    assert!(error.starts_with("Datastore entity: data"), "{error}");
}

#[test]
fn what_is_deleted_is_known_by_the_headers_where_the_data_is_empty() {
    let headers = [("ce-subject", "documents/users/ada/trips/1")];
    let source = "//firestore.googleapis.com/projects/p/databases/(default)";
    let ty = "google.cloud.firestore.document.v1.deleted";
    let event = eventarc(ty, source, &headers, "{}").unwrap();
    let change = Change::<Raw>::of(&event).unwrap().unwrap();
    assert_eq!(change.source_name(), "trips");
    assert!(change.before().is_none() && change.after().is_none());
}

#[test]
fn any_other_cloudevent_stays_what_it_is() {
    let source = "//cloudaudit.googleapis.com/projects/p/logs/activity";
    let more = [
        ("ce-servicename", "pubsub.googleapis.com"),
        ("ce-subject", "Euro%20%E2%82%AC"),
    ];
    let event = eventarc(
        "google.cloud.audit.log.v1.written",
        source,
        &more,
        r#"{"protoPayload":{}}"#,
    )
    .unwrap();
    assert_eq!((event.kind(), event.name()), (Kind::Other, "activity"));
    assert_eq!(event.subject(), Some("Euro €"));
    assert_eq!(
        event.extension("servicename"),
        Some("pubsub.googleapis.com")
    );
    assert_eq!(event.data().unwrap(), r#"{"protoPayload":{}}"#);
}

#[test]
fn a_batch_is_read_as_one_and_an_empty_one_is_legal() {
    let headers = [(
        "content-type",
        "application/cloudevents-batch+json; charset=utf-8",
    )];
    let body = format!(
        r#"[{{"specversion":"1.0","id":"1","source":"/s","type":"t"}},
        {{"specversion":"1.0","id":"2","source":"//pubsub.googleapis.com/projects/p/topics/t","type":"google.cloud.pubsub.topic.v1.messagePublished","data":{PUSH}}}]"#
    );
    let events = read(&headers, "", &body).unwrap();
    let kinds: Vec<_> = events.iter().map(isobar_core::Event::kind).collect();
    assert_eq!(kinds, [Kind::Other, Kind::Message]);
    assert!(read(&headers, "", "[]").unwrap().is_empty());
    let body = r#"[{"specversion":"1.0","id":"1","source":"/s","type":"google.cloud.storage.object.v1.finalized","data":[]}]"#;
    assert!(read(&headers, "", body).unwrap_err().contains("[0].data"));
}

#[test]
fn what_nothing_names_is_refused() {
    // traps 14 and 37
    for (headers, body, wanted) in [
        (&[][..], "", "nothing that is known"),
        (&[], r#"{"anything":1}"#, "nothing that is known"),
        (
            &[],
            r#"{"message":"hi","subscription":"s"}"#,
            "nothing that is known",
        ),
        (
            &[],
            r#"{"message":{"data":"aGk="},"subscription":"s"}"#,
            "message.messageId: is missing",
        ),
        (
            &[("content-type", "application/json")],
            "[]",
            "nothing that is known",
        ),
        (
            &[],
            r#"{"message":{"data":"aGk=","messageId":"1"},"subscription":""}"#,
            "nothing that is known",
        ),
        (
            &[],
            r#"{"message":{"data":"aGk=","messageId":"1"},"subscription":5}"#,
            "nothing that is known",
        ),
        (
            &[("ce-id", "1")],
            r#"{"context":{"eventId":"1","timestamp":"2020-09-29T11:32:00Z","eventType":"google.pubsub.topic.publish",
                "resource":"projects/p/topics/t"},"data":{"data":"eA=="}}"#,
            "CloudEvent: ce-specversion: is missing",
        ),
        (
            &[("ce-specversion", "1.0"), ("ce-id", "1")],
            "{}",
            "CloudEvent: ce-source: is missing",
        ),
        (
            &[("content-type", "application/cloudevents+avro")],
            "",
            "+avro",
        ),
    ] {
        let error = read(headers, "", body).unwrap_err();
        assert!(error.contains(wanted), "{body}: {error}");
    }
    assert!(read(&[], "", "\u{0}").is_err());
}

#[test]
fn a_typed_function_takes_any_json() {
    let typed = [("FUNCTION_SIGNATURE_TYPE", "typed")];
    for body in ["7", r#"{"message":{"messageId":"1"},"subscription":"s"}"#] {
        let event = read_with(&typed, &[], "", body).unwrap().remove(0);
        assert_eq!((event.kind(), event.name()), (Kind::Invoke, "svc"));
        assert_eq!(event.data().unwrap(), body);
    }
    let error = read_with(&typed, &[], "", "no json").unwrap_err();
    assert_eq!(error, "typed function: body: is not JSON");
}
