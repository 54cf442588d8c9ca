//! AWS Lambda: payloads, headers of the Runtime API, its replies, and answers.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use isobar::aws::Door;
use isobar::aws::translate::{self, Arrived, Events, Incoming, Refused};
use isobar::{Bytes, Error, Outcome, Reply};
use serde_json::Value;

mod agree;

const DOORS: [Door; 7] = [
    Door::Rest,
    Door::HttpApi,
    Door::FunctionUrl,
    Door::AlbSingle,
    Door::AlbMulti,
    Door::Lattice,
    Door::WebSocket,
];

/// A payload as an invoker could send it: a request or events, which `aws_lambda_events` reads in the
/// same way where it does.
pub fn payload(data: &[u8]) {
    let payload = Bytes::copy_from_slice(data);
    match translate::decode(payload, &HeaderMap::new()) {
        Ok(Incoming::Request(arrived)) => arrived_whole(&arrived),
        Ok(Incoming::Events(events)) => {
            agree::look(data, &events.batch.events);
            told(&events);
        }
        Ok(_) => {}
        Err(refused) => is_said(&refused),
    }
}

fn is_said(refused: &Refused) {
    match refused {
        Refused::Failed(kind, body) => {
            // The service keeps no others.
            let is_kept = ["Runtime.", "Function."]
                .iter()
                .any(|prefix| kind.starts_with(prefix));
            assert!(is_kept, "{kind}");
            let body: Value = serde_json::from_slice(body).unwrap();
            assert!(body["errorMessage"].is_string(), "{body}");
        }
        Refused::Answered(_, error) => assert!(error.status().is_client_error(), "{error:?}"),
        _ => {}
    }
}

fn arrived_whole(arrived: &Arrived) {
    let (root, uri) = (arrived.context.root_path(), arrived.request.uri());
    assert!(
        root.is_empty() || root.starts_with('/') && !root.ends_with('/'),
        "{root}"
    );
    assert!(uri.path().starts_with('/'), "{uri}");
    // What is put together is what it was put together of.
    let again: http::Uri = uri.to_string().parse().unwrap();
    assert_eq!(again.path(), uri.path());
    assert_eq!(again.query(), uri.query());
    let mut response = http::Response::new(());
    *response.headers_mut() = arrived.request.headers().clone();
    for door in DOORS {
        let answer = translate::encode(door, &response, uri.path().as_bytes()).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["statusCode"], 200);
    }
}

/// Every answer is JSON, whatever has become of the events.
fn told(events: &Events) {
    let error = Arc::new(Error::from("failed"));
    for outcome in [
        Outcome::Done(Reply::default()),
        Outcome::Retry(error),
        Outcome::NotTried,
    ] {
        let outcomes = vec![outcome; events.batch.events.len()];
        match events.tell.encode(&outcomes) {
            Ok(answer) => drop(serde_json::from_slice::<Value>(&answer).unwrap()),
            Err(refused) => is_said(&refused),
        }
    }
    for event in &events.batch.events {
        super::look(event);
        super::is_json(event.native());
    }
}

/// The headers that the Runtime API delivers beside an event: any caller writes into some of them.
pub fn headers(data: &[u8]) {
    const EVENT: &[u8] = br#"{"version":"2.0","rawPath":"/x","headers":{"x-forwarded-for":"192.0.2.1"},
        "requestContext":{"domainName":"a.lambda-url.eu-west-1.on.aws","stage":"$default","http":{"method":"GET"}}}"#;
    let (headers, _) = super::headers(data);
    let decoded = translate::decode(Bytes::from_static(EVENT), &headers);
    let Ok(Incoming::Request(arrived)) = decoded else {
        panic!("headers made of a request no request: {decoded:?}");
    };
    let context = &arrived.context;
    assert!(
        context
            .request_id()
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
    );
    if let Some(trace) = context.trace() {
        assert_eq!(trace.traceparent().len(), 55);
    }
}

/// What the Runtime API has sent so far: more of it changes nothing of what was read.
pub fn reply(data: &[u8]) {
    let whole = translate::reply(data);
    for part in [data.len() / 2, data.len().saturating_sub(1)] {
        if let Ok(Some(read)) = translate::reply(&data[..part]) {
            let is_same = whole.as_ref().is_ok_and(|whole| *whole == Some(read));
            // A body's chunk may be wrong where its head was right.
            assert!(is_same || whole.is_err(), "{read:?}, then {whole:?}");
        }
    }
    if let Ok(Some((_, length))) = whole {
        assert!(length <= data.len());
    }
}

/// A handler's answer: by each front door its body and its headers arrive, or it is refused.
pub fn answer(answer: super::Answer) {
    let (parts, _) = answer.response().into_parts();
    let body = answer.body();
    let response = http::Response::from_parts(parts, ());
    let values = || response.headers().values().map(http::HeaderValue::as_bytes);
    let is_sayable = values().all(|value| std::str::from_utf8(value).is_ok());
    for door in DOORS {
        let written = translate::encode(door, &response, &body);
        assert_eq!(written.is_some(), is_sayable, "{door:?}");
        let Some(written) = written else { continue };
        let written: Value = serde_json::from_slice(&written).unwrap();
        let text = written["body"].as_str().unwrap();
        let got = if written["isBase64Encoded"] == true {
            BASE64_STANDARD.decode(text).unwrap()
        } else {
            text.as_bytes().to_vec()
        };
        assert_eq!(got, body, "{door:?}");
        cookies(door, &written, &response);
    }
}

/// No cookie is lost or joined, where a front door takes several.
fn cookies(door: Door, written: &Value, response: &http::Response<()>) {
    let sent: Vec<_> = { response.headers().get_all("set-cookie").iter() }
        .map(|value| std::str::from_utf8(value.as_bytes()).unwrap())
        .collect();
    let list = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    let got = match door {
        Door::HttpApi | Door::FunctionUrl => list(&written["cookies"]),
        Door::Rest | Door::AlbMulti => list(&written["multiValueHeaders"]["set-cookie"]),
        _ => return,
    };
    assert_eq!(got, sent, "{door:?}");
}
