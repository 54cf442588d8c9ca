use http::{HeaderName, HeaderValue, Response};

use super::*;
use crate::aws::http::{Door, Unsayable, write, write_prelude};

fn response(status: u16, headers: &[(&'static str, &'static str)]) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    response
}

fn answer(door: Door, response: &Response<()>, body: &[u8]) -> Value {
    let mut out = Vec::new();
    write(
        &mut out,
        door,
        (response.status(), response.headers()),
        body,
    )
    .unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn trap_19_and_20_text_is_what_is_utf8_and_not_encoded() {
    let encoded = |coding| {
        response(
            200,
            &[("content-type", "text/html"), ("content-encoding", coding)],
        )
    };
    let typed = |kind| response(200, &[("content-type", kind)]);
    let twice = response(
        200,
        &[("content-encoding", "identity"), ("content-encoding", "br")],
    );
    let cases: [(_, &[u8], _, _); 8] = [
        (typed("image/svg+xml"), b"<svg/>", "<svg/>", false),
        (
            typed("application/vnd.x+json"),
            "{\"é\":1}".as_bytes(),
            "{\"é\":1}",
            false,
        ),
        (response(200, &[]), b"plain", "plain", false),
        (response(200, &[]), b"\x89PNG\xff", "iVBOR/8=", true),
        (
            typed("text/plain; charset=latin1"),
            b"caf\xe9",
            "Y2Fm6Q==",
            true,
        ),
        (encoded("gzip"), b"plain", "cGxhaW4=", true),
        (encoded("identity"), b"plain", "plain", false),
        (twice, b"x", "eA==", true),
    ];
    for (response, body, text, encoded) in cases {
        for door in [Door::Rest, Door::HttpApi, Door::AlbSingle, Door::Lattice] {
            let got = answer(door, &response, body);
            let got = (&got["body"], &got["isBase64Encoded"]);
            assert_eq!(got, (&json!(text), &json!(encoded)), "{door:?}");
        }
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[test]
fn trap_21_to_24_each_door_gets_its_own_form_and_nothing_more() {
    let two = response(
        404,
        &[
            ("set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
            ("set-cookie", "b=2"),
            ("vary", "accept"),
            ("vary", "origin"),
            ("x-a", "\"1\""),
        ],
    );
    let (a, b) = ("a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2");
    let lists = json!({"set-cookie": [a, b], "vary": ["accept", "origin"], "x-a": ["\"1\""]});
    let joined = json!({"vary": "accept, origin", "x-a": "\"1\""});
    let varied =
        json!({"set-cookie": a, "Set-cookie": b, "vary": "accept, origin", "x-a": "\"1\""});
    let several = json!({"set-cookie": [a, b], "vary": ["accept", "origin"], "x-a": "\"1\""});
    for (door, wanted) in [
        (
            Door::Rest,
            json!({"statusCode": 404, "multiValueHeaders": lists, "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::HttpApi,
            json!({"statusCode": 404, "headers": joined, "cookies": [a, b], "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::FunctionUrl,
            json!({"statusCode": 404, "headers": joined, "cookies": [a, b], "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::AlbMulti,
            json!({"statusCode": 404, "statusDescription": "404 Not Found", "multiValueHeaders": lists, "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::AlbSingle,
            json!({"statusCode": 404, "statusDescription": "404 Not Found", "headers": varied, "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::Lattice,
            json!({"statusCode": 404, "headers": several, "body": "no", "isBase64Encoded": false}),
        ),
        (
            Door::WebSocket,
            json!({"statusCode": 404, "headers": varied, "body": "no", "isBase64Encoded": false}),
        ),
    ] {
        assert_eq!(answer(door, &two, b"no"), wanted, "{door:?}");
    }
}

#[test]
fn trap_27_an_empty_answer_has_an_empty_body() {
    // null is a 502 at a load balancer
    for door in [
        Door::Rest,
        Door::HttpApi,
        Door::AlbSingle,
        Door::AlbMulti,
        Door::Lattice,
    ] {
        assert_eq!(answer(door, &response(204, &[]), b"")["body"], "");
    }
    assert!(
        answer(Door::AlbSingle, &response(299, &[]), b"")
            .get("statusDescription")
            .is_none()
    );
}

#[test]
fn trap_28_a_header_that_json_can_not_say_is_refused_by_name() {
    let mut response = response(200, &[]);
    let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    response.headers_mut().insert("x-latin", value);
    let said = write(
        &mut Vec::new(),
        Door::Rest,
        (response.status(), response.headers()),
        b"",
    );
    let Err(Unsayable(name)) = said else {
        panic!("it was said")
    };
    assert_eq!(name, "x-latin");
}

#[test]
fn trap_29_a_stream_has_the_same_headers_as_a_whole_answer() {
    let two = response(
        200,
        &[("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-a", "1")],
    );
    let prelude = |door, response: &Response<()>| {
        let mut out = Vec::new();
        write_prelude(&mut out, door, (response.status(), response.headers())).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    assert_eq!(
        prelude(Door::FunctionUrl, &two),
        json!({"statusCode": 200, "headers": {"x-a": "1"}, "cookies": ["a=1", "b=2"]})
    );
    assert_eq!(
        prelude(Door::Rest, &two),
        json!({"statusCode": 200, "multiValueHeaders": {"set-cookie": ["a=1", "b=2"], "x-a": ["1"]}})
    );
    // an emulator answers 500 where the member is missing
    let none = prelude(Door::FunctionUrl, &response(200, &[]));
    assert_eq!(
        none,
        json!({"statusCode": 200, "headers": {}, "cookies": []})
    );
}

#[test]
fn more_cookies_than_spellings_of_two_letters_are_all_kept() {
    let cookies: Vec<_> = (0..100)
        .map(|n| ("set-cookie", leak(&format!("c{n}=1"))))
        .collect();
    let got = answer(Door::AlbSingle, &response(200, &cookies), b"");
    assert_eq!(got["headers"].as_object().unwrap().len(), 100);
}
