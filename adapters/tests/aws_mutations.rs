//! What a host, or one that is broken, could deliver: mutated fixtures of every front door.
//!
//! Nothing panics, enough of what is delivered still reaches a request for the translations behind
//! the first check to be met, and every answer is JSON again.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it did"
)]

mod mutations;

use std::cell::Cell;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use isobar::aws::Door;
use isobar::aws::translate::{Arrived, Incoming, Refused, decode, encode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use mutations::{change, changes, fixtures};

/// The request that a payload brings; `None` if it brings events.
fn arrived(payload: Vec<u8>) -> Result<Option<Arrived>, Refused> {
    Ok(match decode(payload.into(), &HeaderMap::new())? {
        Incoming::Request(arrived) => Some(*arrived),
        _ => None,
    })
}

fn delivered(event: &Value) -> Result<Option<Arrived>, Refused> {
    arrived(serde_json::to_vec(event).unwrap())
}

#[test]
fn every_http_fixture_reaches_a_request() {
    for (name, event) in fixtures("http") {
        let arrived = delivered(&event).unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
        let arrived = arrived.unwrap_or_else(|| panic!("{name} brings events"));
        assert!(arrived.request.uri().path().starts_with('/'), "{name}");
    }
}

#[test]
fn what_is_not_taken_is_a_failed_invocation() {
    for (name, event) in fixtures("other") {
        match delivered(&event) {
            Err(Refused::Failed("Runtime.InvalidEvent", _)) => {}
            other => panic!("{name}: {other:?}"),
        }
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
    let incoming = match arrived(payload) {
        Ok(Some(arrived)) => arrived,
        Err(Refused::Failed(kind, body)) => {
            assert!(kind.starts_with("Runtime."));
            assert!(serde_json::from_slice::<Value>(&body).is_ok());
            return false;
        }
        Ok(None) | Err(_) => return false,
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
