//! What a host, or one that is broken, could deliver: mutated fixtures of every way in.
//!
//! Nothing panics, nothing hangs, and enough of what is delivered still reaches a request for the
//! translations behind the first check to be met.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it did"
)]

use std::cell::Cell;

use bytes::Bytes;
use isobar::azure::translate::{App, Decoded, encode};
use isobar::{Body, IntoResponse, RequestExt};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const HTTP: &str = r#"{"bindings": [{"type": "httpTrigger", "direction": "in", "name": "req"},
    {"type": "http", "direction": "out", "name": "res"}]}"#;

const INVOCATION: &str = r#"{"Data":{"req":{"Url":"https://app.azurewebsites.net/api/a%2Fb?a=1&a=2&code=k3y","Method":"POST",
    "Query":{"a":"1,2"},"Headers":{"Accept":["*/*"],"Host":["app.azurewebsites.net"],"Content-Type":["application/octet-stream"],
    "X-Forwarded-For":["203.0.113.7:52371"],"X-WAWS-Unencoded-URL":["/api/a%2Fb?a=1&a=2&code=k3y"],"x-functions-key":["k3y"]},"Params":{"path":"a/b"},
    "Identities":[{"AuthenticationType":"aad","IsAuthenticated":true,"Claims":[{"Type":"sub","Value":"u-1"}]}],"Body":"AP8="}},
    "Metadata":{"code":"\"k3y\"","sys":{"MethodName":"http"}}}"#;

const FORWARDED: [(&str, &str); 7] = [
    ("host", "app.azurewebsites.net"),
    ("user-agent", "curl/8.4.0 Azure-Functions-Host/4.1042.100.1"),
    ("x-forwarded-for", "192.0.2.1, [2001:db8::7]:52371"),
    ("x-forwarded-proto", "https"),
    ("x-waws-unencoded-url", "/api/a%2Fb?a=1&a=2"),
    ("x-azure-functions-invocationid", "6b6b2f0e"),
    ("x-azure-functions-hostversion", "4.1042.100.1"),
];

fn app(mode: &str) -> App {
    App::new(
        &format!(r#"{{"customHandler": {{{mode}}}}}"#),
        &[("http", HTTP)],
    )
    .unwrap()
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

/// Changes, of which the first half are none at all or touch what stands inside of values.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, Vec<u8>)>> {
    let piece = prop_oneof![
        4 => "[a-z0-9/?&=%+.:, ]{1,3}".prop_map(String::into_bytes),
        1 => prop::sample::select(vec!["\"", "\\u00e9", "%2F", "null", "{}", "[", "\u{e9}", "\n", "\0"]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, piece), 0..4)
}

/// Reads and answers what was delivered; returns true if it reached a request.
fn play(app: &App, delivered: http::Request<Bytes>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (response, answered, reached) = match app.decode(delivered) {
        Decoded::Http(request, answered) => {
            assert!(!request.uri().path().is_empty());
            let root = request.context().root_path();
            assert!(root.is_empty() || root.starts_with('/'), "{root}");
            let body = request.into_body();
            let response = http::Response::builder().body(body).unwrap();
            (response, answered, true)
        }
        Decoded::Refused(error, answered) => (error.into_response(), answered, false),
        _ => return false,
    };
    let answer = runtime.block_on(encode(&answered, response));
    let is_json = matches!(answered, isobar::azure::translate::Answered::Output(_));
    if is_json {
        assert_eq!(answer.status(), 200);
        let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(json["Outputs"]["res"]["statusCode"].is_string(), "{json}");
    }
    reached
}

/// Plays mutated deliveries, and returns the share that reached a request.
fn share<T: std::fmt::Debug>(
    way: &str,
    strategy: impl Strategy<Value = T>,
    run: impl Fn(T) -> bool,
) {
    const CASES: u32 = 3000;
    let reached = Cell::new(0_u32);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&strategy, |value| {
        reached.set(reached.get() + u32::from(run(value)));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{way}: {error}");
    }
    let share = reached.get() * 100 / CASES;
    println!("{way}: {share} % of {CASES} reached a request");
    assert!(share >= 30, "{way}: only {share} % reached a request");
}

#[test]
fn mutated_invocations_neither_panic_nor_hang() {
    let app = app("");
    share("invocation", changes(), |changes| {
        let mut payload = INVOCATION.as_bytes().to_vec();
        for (at, kind, with) in changes {
            change(&mut payload, at, kind, &with);
        }
        play(
            &app,
            http::Request::post("/http").body(payload.into()).unwrap(),
        )
    });
}

/// Changes the target and the headers; what no server would let through is not delivered.
fn plain(
    id: Option<&'static str>,
    changes: Vec<(prop::sample::Index, u8, Vec<u8>)>,
) -> Option<http::Request<Bytes>> {
    let mut target = b"/api/a/b?a=1%2C2".to_vec();
    let mut headers: Vec<(String, Vec<u8>)> = { FORWARDED.iter() }
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    headers.extend(id.map(|id| (id.to_owned(), b"6b6b2f0e".to_vec())));
    for (at, kind, with) in changes {
        match at.index(headers.len() + 2) {
            0 | 1 => change(&mut target, at, kind, &with),
            place => change(&mut headers[place - 2].1, at, kind, &with),
        }
    }
    let mut request = http::Request::post(target.as_slice());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Bytes::from_static(b"\0\xff")).ok()
}

#[test]
fn mutated_forwarded_requests_neither_panic_nor_hang() {
    let app = app(r#""enableForwardingHttpRequest": true"#);
    share("forwarded", changes(), |changes| {
        plain(None, changes).is_some_and(|request| play(&app, request))
    });
}

#[test]
fn mutated_proxied_requests_neither_panic_nor_hang() {
    let app = app(r#""enableProxyingHttpRequest": true"#);
    share("proxied", changes(), |changes| {
        plain(Some("x-ms-invocation-id"), changes).is_some_and(|request| play(&app, request))
    });
}

#[test]
fn any_bytes_are_answered() {
    let app = app("");
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let config = Config::with_cases(1000);
    let result = TestRunner::new(config).run(&bytes, |payload| {
        play(
            &app,
            http::Request::post("/http").body(payload.into()).unwrap(),
        );
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn any_response_is_an_object_for_the_host() {
    let app = app("");
    let response = (
        100u16..999,
        prop::collection::vec(any::<u8>(), 0..60),
        "\\PC{0,20}",
    );
    let result =
        TestRunner::new(Config::with_cases(1000)).run(&response, |(status, body, text)| {
            let post = http::Request::post("/http").body(Bytes::from(INVOCATION));
            let Decoded::Http(_, answered) = app.decode(post.unwrap()) else {
                panic!("the fixture is none");
            };
            for body in [body, text.into_bytes()] {
                let response = http::Response::builder()
                    .status(status)
                    .body(Body::from(body.clone()))
                    .unwrap();
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                let answer = runtime.block_on(encode(&answered, response));
                let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
                let got = json["Outputs"]["res"]["body"].as_str().unwrap_or_default();
                match String::from_utf8(body) {
                    Ok(text) => assert_eq!(got, text),
                    Err(_) => assert_eq!(json["Outputs"]["res"]["statusCode"], "500"),
                }
            }
            Ok(())
        });
    assert!(result.is_ok(), "{result:?}");
}
