//! What sources of events, or what pretends to be one, could deliver: mutated fixtures of each.
//!
//! Nothing panics, enough of what is delivered still reaches an event, what does not is refused with
//! the trigger's name, and every answer is JSON.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it did"
)]

mod mutations;

use std::cell::Cell;
use std::sync::Arc;

use http::HeaderMap;
use isobar::aws::translate::{Events, Incoming, Refused, decode};
use isobar::{Error, Event, Kind, Outcome};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use mutations::{change, changes, fixtures};

fn delivered(payload: Vec<u8>) -> Result<Option<Events>, Refused> {
    Ok(match decode(payload.into(), &HeaderMap::new())? {
        Incoming::Events(events) => Some(*events),
        _ => None,
    })
}

fn events(name: &str, payload: &Value) -> Vec<Event> {
    match delivered(serde_json::to_vec(payload).unwrap()) {
        Ok(Some(events)) => events.batch.events,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_fixture_of_a_source_reaches_an_event_of_its_own() {
    for (name, payload) in fixtures("events") {
        let all = events(&name, &payload);
        assert!(!all.is_empty(), "{name}");
        let is_own = |event: &Event| event.ty() != "com.amazonaws.lambda.invoke";
        assert!(all.iter().all(is_own), "{name}");
    }
}

#[test]
fn what_is_of_no_source_is_a_call() {
    for (name, payload) in fixtures("invoke") {
        let all = events(&name, &payload);
        assert_eq!(all.len(), 1, "{name}");
        assert_eq!(all[0].kind(), Kind::Invoke, "{name}");
    }
}

/// Puts a fixture into a queue's message.
fn in_a_queue(payload: &Value) -> Value {
    json!({"Records": [{
        "messageId": "m1", "body": payload.to_string(), "eventSource": "aws:sqs",
        "attributes": {"MessageGroupId": "A", "SentTimestamp": "1545082649183"},
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:orders.fifo",
    }]})
}

/// Returns true if the payload reached an event; its answers are JSON, or failures that are.
fn reaches(payload: Vec<u8>) -> bool {
    const NAMES: [&str; 14] = [
        "SQS",
        "SNS",
        "S3",
        "EventBridge",
        "DynamoDB",
        "Kinesis",
        "Kafka",
        "Amazon MQ",
        "Logs",
        "SES",
        "a batch",
        "no JSON",
        "no HTTP front door",
        "authorizer",
    ];
    let events = match delivered(payload) {
        Ok(Some(events)) => events,
        Ok(None) | Err(Refused::Answered(..)) => return false,
        Err(Refused::Failed(kind, body)) => {
            assert!(kind.starts_with("Runtime."), "{kind}");
            let body: Value = serde_json::from_slice(&body).unwrap();
            let message = body["errorMessage"].as_str().unwrap();
            assert!(NAMES.iter().any(|name| message.contains(name)), "{message}");
            return false;
        }
        Err(other) => panic!("{other:?}"),
    };
    let error = Arc::new(Error::from("failed"));
    for outcome in [
        Outcome::Done(isobar::Reply::default()),
        Outcome::Retry(error),
        Outcome::NotTried,
    ] {
        let outcomes = vec![outcome; events.batch.events.len()];
        let answer = match events.tell.encode(&outcomes) {
            Ok(answer) | Err(Refused::Failed(_, answer)) => answer,
            Err(other) => panic!("{other:?}"),
        };
        assert!(serde_json::from_slice::<Value>(&answer).is_ok());
    }
    for event in &events.batch.events {
        assert!(!event.ty().is_empty());
        assert!(!event.dedup_key().is_empty());
        assert!(serde_json::from_slice::<Value>(event.native()).is_ok());
    }
    !events.batch.events.is_empty()
}

fn mutated(name: &str, fixture: &Value, wrap: fn(&Value) -> Value) {
    const CASES: u32 = 300;
    let good = Cell::new(0_u32);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&changes(), |changes| {
        let mut payload = fixture.clone();
        for (at, kind, with) in changes {
            change(&mut payload, at, kind, with);
        }
        let payload = serde_json::to_vec(&wrap(&payload)).unwrap();
        good.set(good.get() + u32::from(reaches(payload)));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{name}: {error}"));
    let share = good.get() * 100 / CASES;
    println!("{name}: {share} % reached an event");
    assert!(share >= 30, "{name}: only {share} % reached an event");
}

#[test]
fn mutated_events_do_not_panic() {
    for (name, fixture) in fixtures("events") {
        mutated(&name, &fixture, Value::clone);
    }
}

#[test]
fn mutated_events_in_a_queue_do_not_panic() {
    for (name, fixture) in fixtures("events") {
        mutated(&name, &fixture, in_a_queue);
    }
}

#[test]
fn mutated_bytes_do_not_panic() {
    let all = fixtures("events");
    let strategy = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        prop::collection::vec(any::<u8>(), 0..6),
    );
    let config = Config {
        cases: 5000,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&strategy, |(which, at, with)| {
        let mut payload = serde_json::to_vec(&which.get(&all).1).unwrap();
        let at = at.index(payload.len());
        let end = (at + with.len()).min(payload.len());
        payload.splice(at..end, with);
        if let Ok(text) = String::from_utf8(payload) {
            reaches(text.into_bytes());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
