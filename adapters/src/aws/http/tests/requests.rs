use super::*;
use crate::aws::http::Door;

async fn body(incoming: Incoming) -> Vec<u8> {
    let body = incoming.request.into_body();
    axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec()
}

#[test]
fn trap_1_and_2_repeated_headers_come_from_the_multi_value_map_and_are_not_doubled() {
    let incoming = decoded(&v1(json!({
        "headers": {"X-Multi": "c", "X-Only": "1"},
        "multiValueHeaders": {"x-multi": ["a", "b", "c"]},
    })));
    assert_eq!(header(&incoming, "x-multi"), ["a", "b", "c"]);
    assert_eq!(header(&incoming, "x-only"), ["1"]);
}

#[test]
fn trap_3_cookies_are_one_header_whatever_the_door() {
    for event in [
        v1(json!({"multiValueHeaders": {"Cookie": ["a=1", "b=2"]}})),
        v2(json!({"cookies": ["a=1", "b=2"]})),
        v2(json!({"cookies": ["a=1", "b=2"], "headers": {"cookie": "a=1; b=2", "host": "x"}})),
        v2(json!({"headers": {"cookie": "a=1; b=2"}})),
        alb(json!({"headers": {"cookie": "a=1; b=2"}})),
    ] {
        assert_eq!(header(&decoded(&event), "cookie"), ["a=1; b=2"], "{event}");
    }
}

#[test]
fn trap_12_the_version_alone_tells_no_door() {
    let custom_domain = v1(json!({"version": null, "rawPath": "/hello"}));
    assert_eq!(decoded(&custom_domain).door, Door::Rest);
    assert_eq!(decoded(&lattice(json!({}))).door, Door::Lattice);
    assert_eq!(decoded(&v2(json!({}))).door, Door::HttpApi);
    for domain in ["abc.lambda-url.eu-west-1.on.aws", "localhost"] {
        let url = json!({"requestContext": {"domainName": domain}});
        assert_eq!(decoded(&v2(url)).door, Door::FunctionUrl);
    }
}

#[test]
fn trap_13_every_map_may_be_null_or_missing() {
    let nothing = json!({
        "headers": null, "multiValueHeaders": null, "queryStringParameters": null, "cookies": null,
        "multiValueQueryStringParameters": null, "stageVariables": null, "body": null, "isBase64Encoded": null,
    });
    for event in [
        v1(nothing.clone()),
        v2(nothing.clone()),
        alb(nothing.clone()),
        lattice(nothing),
    ] {
        let incoming = decoded(&event);
        assert!(incoming.request.headers().is_empty(), "{event}");
        assert_eq!(incoming.request.uri().query(), None);
    }
    let bare = json!({"httpMethod": "GET", "path": "/", "requestContext": {}});
    assert_eq!(uri(&decoded(&bare)), "/");
}

/// More than are looked through one by one, and as many as would take a minute so.
#[test]
fn trap_2_of_very_many_headers_none_is_doubled() {
    let many = 20_000;
    let named = |case: fn(usize) -> String, value: Value| {
        let pairs = (0..many).map(|n| (case(n), value.clone()));
        Value::Object(pairs.collect())
    };
    let mut event = v1(json!({}));
    event["multiValueHeaders"] = named(|n| format!("X-{n}"), json!(["multi"]));
    event["headers"] = named(|n| format!("x-{n}"), json!("single"));
    event["headers"]["x-more"] = json!("single");
    let request = decoded(&event).request;
    assert_eq!(request.headers().len(), many + 1);
    assert_eq!(request.headers()["x-17"], "multi");
    assert_eq!(request.headers()["x-more"], "single");
}

#[test]
fn trap_14_what_only_resembles_an_http_event_is_named() {
    for (event, name) in [
        (
            v1(json!({"type": "REQUEST", "methodArn": "arn"})),
            "a Lambda authorizer's request",
        ),
        (
            v2(json!({"type": "REQUEST", "routeArn": "arn"})),
            "a Lambda authorizer's request",
        ),
        (
            v1(json!({"requestContext": {"connectionId": "c", "eventType": "MESSAGE"}})),
            "a WebSocket API's MESSAGE",
        ),
        (
            json!({"requestContext": {"connectionId": "c", "eventType": "DISCONNECT"}}),
            "a WebSocket API's DISCONNECT",
        ),
        (
            json!({"requestContext": {"stage": "prod"}, "path": "/"}),
            "an event of no HTTP front door's shape",
        ),
    ] {
        match try_decode(&event) {
            Err(Refused::Foreign(what)) => assert_eq!(what, name),
            other => panic!("{event}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn trap_17_a_body_is_base64_by_its_flag_alone() {
    let cases: [(&str, bool, &[u8]); 5] = [
        ("aGk=", true, b"hi"),
        ("aGk", true, b"hi"),
        ("aGk=", false, b"aGk="),
        ("", true, b""),
        ("{\"n\":\"é\\n\"}", false, "{\"n\":\"é\\n\"}".as_bytes()),
    ];
    for (text, flag, bytes) in cases {
        let event = v2(json!({"body": text, "isBase64Encoded": flag}));
        assert_eq!(body(decoded(&event)).await, bytes, "{text}");
    }
}

#[test]
fn a_request_that_can_not_be_is_the_clients_mistake() {
    for (event, status) in [
        (
            v2(json!({"body": "not base64!", "isBase64Encoded": true})),
            400,
        ),
        (
            v2(json!({"requestContext": {"http": {"method": "G E T"}}})),
            400,
        ),
        (v2(json!({"rawPath": "/x".repeat(40_000)})), 414),
    ] {
        match try_decode(&event) {
            Err(Refused::Request(Door::HttpApi, error)) => assert_eq!(error.status(), status),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_http_can_not_carry_is_made_legal_or_left_out() {
    let incoming = decoded(&v2(json!({
        "headers": {"bad name": "x", "": "y", "x-control": "a\r\nb\u{0}", "x-null": null, "x-number": 1, "x-utf8": "é", "host": "h"},
    })));
    assert_eq!(incoming.request.headers().len(), 4);
    assert_eq!(header(&incoming, "x-control"), ["a  b"]);
    assert_eq!(header(&incoming, "x-number"), ["1"]);
    assert_eq!(incoming.request.headers()["x-utf8"], "é");
}

#[test]
fn a_member_that_stands_twice_counts_once_and_the_last_time() {
    let twice = v2(json!({}))
        .to_string()
        .replacen('{', r#"{"rawPath":"/first","rawPath":7,"#, 1);
    let incoming = decode(&twice, []).unwrap();
    assert_eq!(incoming.request.uri().path(), "/hello");
}

#[test]
fn more_headers_than_a_map_holds_are_left_out() {
    let headers: serde_json::Map<_, _> = (0..40_000)
        .map(|n| (format!("x-{n}"), json!("1")))
        .collect();
    let incoming = decoded(&v2(json!({"headers": headers})));
    assert!(incoming.request.headers().len() > 10_000);
}

#[test]
fn a_websockets_connect_is_a_get_that_can_be_refused() {
    let incoming = decoded(&json!({
        "headers": {"Host": "ws.example", "Sec-WebSocket-Protocol": "chat"},
        "multiValueQueryStringParameters": {"token": ["a b"]},
        "requestContext": {"routeKey": "$connect", "eventType": "CONNECT", "connectionId": "c=", "stage": "dev",
            "domainName": "ws.example", "identity": {"sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    }));
    assert_eq!(
        (incoming.door, incoming.request.method().as_str()),
        (Door::WebSocket, "GET")
    );
    assert_eq!(uri(&incoming), "https://ws.example/?token=a%20b");
    assert_eq!(&*incoming.root_path, "/dev");
}

#[test]
fn lattice_1_0_has_a_raw_path_and_single_values() {
    let incoming = decoded(&json!({
        "raw_path": "/a%20b?x=1", "method": "GET", "headers": {"host": "svc.example", "x-multi": "a, b"},
        "query_string_parameters": {"x": "1"}, "is_base64_encoded": false,
    }));
    assert_eq!(uri(&incoming), "https://svc.example/a%20b?x=1");
}
