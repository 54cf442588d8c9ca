//! What a host, or one that is broken, could deliver: mutated fixtures of every front door.
//!
//! Nothing panics, enough of what is delivered still reaches a request for the translations behind
//! the first check to be met, and every answer is JSON again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it did"
)]

use std::cell::Cell;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use isobar::aws::Door;
use isobar::aws::translate::{Refused, decode, encode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

fn fixtures(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/aws")
        .join(folder);
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                serde_json::from_slice(&fs::read(path).unwrap()).unwrap(),
            )
        })
        .collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert!(!all.is_empty());
    all
}

fn delivered(event: &Value) -> Result<isobar::aws::translate::Incoming, Refused> {
    decode(serde_json::to_vec(event).unwrap().into(), &HeaderMap::new())
}

#[test]
fn every_http_fixture_reaches_a_request() {
    for (name, event) in fixtures("http") {
        let incoming = delivered(&event).unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
        assert!(incoming.request.uri().path().starts_with('/'), "{name}");
    }
}

#[test]
fn what_is_no_http_event_is_a_failed_invocation() {
    // trap 14: taken for a request, a batch of messages would be answered, and so deleted
    for (name, event) in fixtures("other") {
        match delivered(&event) {
            Err(Refused::Failed("Runtime.InvalidEvent", _)) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// All places in a document, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            places(value, &format!("{at}/{}", escaped(key)), all);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| {
            places(value, &format!("{at}/{index}"), all);
        }),
        _ => {}
    }
}

/// What a place may become.
fn strange() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "",
        "/",
        "//evil/x",
        "%",
        "%zz",
        "a b",
        "?",
        "#",
        "\u{0}",
        "a\r\nb: c",
        "\u{e9}\u{1F600}",
        "\"\\",
        "-1",
        "true",
        "2.0",
        "1.0",
        "CONNECT",
        "REQUEST",
        "http://evil/",
        "user@evil",
        "[::1]:80",
        "999.1.1.1",
        "=&=&",
        "\u{7f}",
        "=====",
    ]);
    prop_oneof![
        3 => texts.prop_map(|text| json!(text)),
        2 => "\\PC{0,40}".prop_map(|text| json!(text)),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => Just(json!([])),
        1 => Just(json!({})),
        1 => Just(json!(["a", null, 1, ["b"]])),
        1 => Just(json!({"a": {"b": []}, "": null, "bad name": "x", "x": ["1", 2]})),
    ]
}

/// Changes of fields: where, whether it is dropped, renamed or replaced, and by what.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, Value)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_u8..6, strange()), 1..4)
}

fn change(event: &mut Value, at: prop::sample::Index, kind: u8, with: Value) {
    let mut all = Vec::new();
    places(event, "", &mut all);
    let place = at.get(&all);
    let parent = place.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    match (kind, parent.and_then(|parent| event.pointer_mut(&parent))) {
        (0, Some(Value::Object(map))) => {
            let key = place
                .rsplit('/')
                .next()
                .unwrap()
                .replace("~1", "/")
                .replace("~0", "~");
            map.remove(&key);
        }
        (1, Some(Value::Object(map))) => {
            let key = with.as_str().unwrap_or("x-more").to_owned();
            map.insert(key, json!("more"));
        }
        _ => *event.pointer_mut(place).unwrap() = with,
    }
}

const DOORS: [Door; 7] = [
    Door::Rest,
    Door::HttpApi,
    Door::FunctionUrl,
    Door::AlbSingle,
    Door::AlbMulti,
    Door::Lattice,
    Door::WebSocket,
];

/// Returns true if the event reached a request; its headers go back by every front door.
fn reaches(payload: Vec<u8>) -> bool {
    let incoming = match decode(payload.into(), &HeaderMap::new()) {
        Ok(incoming) => incoming,
        Err(Refused::Failed(kind, body)) => {
            assert!(kind.starts_with("Runtime."));
            assert!(serde_json::from_slice::<Value>(&body).is_ok());
            return false;
        }
        Err(_) => return false,
    };
    let (root, path) = (incoming.context.root_path(), incoming.request.uri().path());
    assert!(
        root.is_empty() || root.starts_with('/') && !root.ends_with('/'),
        "{root}"
    );
    assert!(path.starts_with('/'), "{path}");
    let mut response = http::Response::new(());
    *response.headers_mut() = incoming.request.headers().clone();
    for door in DOORS {
        let answer = encode(door, &response, path.as_bytes()).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["statusCode"], 200);
    }
    true
}

#[test]
fn mutated_events_do_not_panic() {
    const CASES: u32 = 300;
    let (mut all, mut reached) = (0, 0);
    for (name, event) in fixtures("http") {
        let good = Cell::new(0_u32);
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&changes(), |changes| {
            let mut event = event.clone();
            for (at, kind, with) in changes {
                change(&mut event, at, kind, with);
            }
            good.set(good.get() + u32::from(reaches(serde_json::to_vec(&event).unwrap())));
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
        let share = good.get() * 100 / CASES;
        println!("{name}: {share} % reached a request");
        assert!(share >= 30, "{name}: only {share} % reached a request");
        (all, reached) = (all + CASES, reached + good.get());
    }
    println!("all: {} % of {all} reached a request", reached * 100 / all);
}

#[test]
fn mutated_bytes_do_not_panic() {
    let all = fixtures("http");
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
        payload.splice(at..(at + with.len() / 2).min(at), with);
        reaches(payload);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn any_response_is_sayable_or_refused() {
    let values = prop::collection::vec(
        ("[a-zA-Z-]{1,12}", prop::collection::vec(any::<u8>(), 0..20)),
        0..8,
    );
    let strategy = (
        values,
        prop::collection::vec(any::<u8>(), 0..200),
        100_u16..1000,
    );
    TestRunner::default()
        .run(&strategy, |(headers, body, status)| {
            let mut response = http::Response::new(());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                let (Ok(name), Ok(value)) = (
                    HeaderName::from_bytes(name.as_bytes()),
                    HeaderValue::from_bytes(&value),
                ) else {
                    continue;
                };
                response.headers_mut().append(name, value);
            }
            let sayable = response
                .headers()
                .values()
                .all(|value| std::str::from_utf8(value.as_bytes()).is_ok());
            for door in DOORS {
                let answer = encode(door, &response, &body);
                assert_eq!(answer.is_some(), sayable);
                let Some(answer) = answer else { continue };
                let answer: Value = serde_json::from_slice(&Bytes::from(answer)).unwrap();
                let text = answer["body"].as_str().unwrap();
                let got = if answer["isBase64Encoded"] == true {
                    base64_simd::STANDARD.decode_to_vec(text).unwrap()
                } else {
                    text.as_bytes().to_vec()
                };
                assert_eq!(got, body);
            }
            Ok(())
        })
        .unwrap();
}
