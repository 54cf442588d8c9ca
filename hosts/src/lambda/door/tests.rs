//! The doors before a real program, which describes its events and answers as it is told.

use std::time::{Duration, Instant};

use http::Request;
use serde_json::{Value, json};

use super::{Door, LambdaFront, websocket};
use crate::lambda::{Function, Invocation, Kind, Sandbox};
use crate::peer::{self, described};
use crate::{Body, Front, Started, Tap, body};

async fn sandbox() -> Sandbox {
    let launch = peer::launch("AWS_LAMBDA_RUNTIME_API");
    Function::new(launch).start().await.unwrap()
}

async fn door(door: Door) -> Started<LambdaFront> {
    sandbox().await.front(door)
}

/// The request of the live captures.
fn request() -> Request<Body> {
    let target =
        "https://h.example/space%20value?repeat=one&repeat=two&plus=a+b&encoded=a%2Bb&empty=";
    let request = Request::post(target)
        .header("x-multi", "a")
        .header("x-multi", "b");
    let request = request
        .header("cookie", "a=1; b=2")
        .header("content-type", "text/plain");
    request.body(body::full("hi")).unwrap()
}

async fn event(shape: Door) -> Value {
    let started = door(shape).await;
    described(started.front.send(request()).await.unwrap()).await
}

/// What comes of this answer of the function.
async fn answered(
    started: &Started<LambdaFront>,
    path: &str,
    answer: &Value,
) -> (u16, http::HeaderMap, String) {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.body(body::full(answer.to_string())).unwrap();
    let response = started.front.send(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body::collect(body).await.unwrap();
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8_lossy(&bytes).into_owned(),
    )
}

#[tokio::test]
async fn a_rest_api_decodes_the_query_and_keeps_the_path() {
    let event = event(Door::rest_api("prod")).await;
    assert_eq!(event["path"], "/space%20value");
    assert_eq!(event["requestContext"]["path"], "/prod/space%20value");
    let query =
        json!({"repeat": ["one", "two"], "plus": ["a b"], "encoded": ["a+b"], "empty": [""]});
    assert_eq!(event["multiValueQueryStringParameters"], query);
    assert_eq!(event["queryStringParameters"]["repeat"], "two");
    assert_eq!(event["multiValueHeaders"]["X-Multi"], json!(["a", "b"]));
    assert_eq!(event["headers"]["X-Multi"], "b");
    assert!(event["headers"].get("Content-Length").is_none());
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("aGk="), &json!(true))
    );
    assert_eq!(
        event["requestContext"]["identity"]["sourceIp"],
        "203.0.113.7"
    );
}

#[tokio::test]
async fn an_http_api_decodes_the_path_and_joins_headers() {
    let event = event(Door::http_api("test")).await;
    assert_eq!(event["rawPath"], "/test/space value");
    let query = "repeat=one&repeat=two&plus=a+b&encoded=a%2Bb&empty=";
    assert_eq!(event["rawQueryString"], query);
    assert_eq!(event["queryStringParameters"]["repeat"], "one,two");
    assert_eq!(event["headers"]["x-multi"], "a,b");
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert!(event["headers"].get("cookie").is_none());
    assert_eq!(event["headers"]["content-length"], "2");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("hi"), &json!(false))
    );
}

#[tokio::test]
async fn a_function_url_keeps_the_path_and_the_cookie_header() {
    let event = event(Door::function_url()).await;
    assert_eq!(event["rawPath"], "/space%20value");
    assert_eq!(event["requestContext"]["http"]["path"], "/space value");
    assert_eq!(event["headers"]["cookie"], "a=1; b=2");
    assert_eq!(event["requestContext"]["accountId"], "anonymous");
    let domain = event["requestContext"]["domainName"].as_str().unwrap();
    assert!(domain.ends_with(".lambda-url.eu-west-1.on.aws"));
}

#[tokio::test]
async fn a_load_balancer_decodes_nothing() {
    let single = event(Door::load_balancer()).await;
    assert_eq!(single["path"], "/space%20value");
    assert_eq!(single["queryStringParameters"]["encoded"], "a%2Bb");
    assert_eq!(single["headers"]["x-multi"], "b");
    assert!(single.get("multiValueHeaders").is_none());
    let multi = event(Door::load_balancer_multi()).await;
    assert_eq!(multi["multiValueHeaders"]["x-multi"], json!(["a", "b"]));
    assert!(multi.get("headers").is_none());
    let started = door(Door::load_balancer()).await;
    let check = started.front.health_check("/up").unwrap();
    let check: Value = serde_json::from_slice(&check).unwrap();
    assert_eq!(
        check["headers"],
        json!({"user-agent": "ELB-HealthChecker/2.0"})
    );
}

#[tokio::test]
async fn lattice_has_lists_or_snakes() {
    let two = event(Door::lattice()).await;
    assert_eq!(two["headers"]["x-multi"], json!(["a", "b"]));
    assert!(two["requestContext"]["serviceNetworkArn"].is_string());
    let one = event(Door::lattice_v1()).await;
    assert_eq!(one["raw_path"], "/space%20value");
    assert_eq!(one["is_base64_encoded"], false);
}

#[tokio::test]
async fn bodies_are_base64_unless_textual_and_plain() {
    let started = door(Door::http_api("$default")).await;
    for (kind, encoded) in [
        ("application/json", false),
        ("text/html; charset=utf-8", false),
        ("application/x-www-form-urlencoded", true),
        ("image/png", true),
        ("", true),
    ] {
        let request = Request::post("/x").header("content-type", kind);
        let request = request.body(body::full("a=1")).unwrap();
        let event = described(started.front.send(request).await.unwrap()).await;
        assert_eq!(event["isBase64Encoded"], encoded, "{kind}");
    }
}

#[tokio::test]
async fn a_rest_api_refuses_what_it_does_not_know() {
    let started = door(Door::rest_api("prod")).await;
    let many = json!({"statusCode": 201, "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]},
        "headers": {"x-a": "1", "server": "mine"}, "body": "AP8=", "isBase64Encoded": true});
    let (status, headers, _) = answered(&started, "/respond", &many).await;
    assert_eq!(status, 201);
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(headers["x-amzn-remapped-server"], "mine");
    for malformed in [
        json!({"statusCode": 200, "cookies": []}),
        json!({"statusCode": 200, "body": {"a": 1}}),
        json!({"statusCode": 0}),
        json!({"body": "no status"}),
        json!("text"),
        json!({"statusCode": 200, "body": "***", "isBase64Encoded": true}),
    ] {
        let (status, _, body) = answered(&started, "/respond", &malformed).await;
        assert_eq!(
            (status, body.as_str()),
            (502, r#"{"message":"Internal server error"}"#),
            "{malformed}"
        );
    }
    assert_eq!(answered(&started, "/fail", &json!(1)).await.0, 502);
}

#[tokio::test]
async fn an_http_api_takes_cookies_and_infers_the_rest() {
    let started = door(Door::http_api("$default")).await;
    let answer = json!({"statusCode": 200, "headers": {"vary": "accept, origin"}, "cookies": ["a=1", "b=2"], "body": "x"});
    let (_, headers, body) = answered(&started, "/respond", &answer).await;
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(
        (headers["vary"].to_str().unwrap(), body.as_str()),
        ("accept, origin", "x")
    );
    let (status, headers, body) = answered(&started, "/respond", &json!({"a": 1})).await;
    assert_eq!((status, body.as_str()), (200, r#"{"a":1}"#));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(answered(&started, "/fail", &json!(1)).await.0, 500);
}

#[tokio::test]
async fn a_load_balancer_wants_strings_in_the_requests_own_map() {
    let single = door(Door::load_balancer()).await;
    let twice = json!({"statusCode": 200, "statusDescription": "200 OK", "body": "",
        "headers": {"Set-Cookie": "a=1", "set-cookie": "b=2"}});
    let (status, headers, _) = answered(&single, "/respond", &twice).await;
    assert_eq!(status, 200);
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    for malformed in [
        json!({"statusCode": 200, "headers": {"x-a": 1}, "body": ""}),
        json!({"statusCode": "200", "headers": {}, "body": ""}),
        json!({"statusCode": 200, "headers": {}, "body": null}),
        json!({"statusCode": 200, "multiValueHeaders": {"x-a": ["1"]}, "body": ""}),
    ] {
        let (status, _, _) = answered(&single, "/respond", &malformed).await;
        assert_eq!(status, 502, "{malformed}");
    }
}

#[tokio::test]
async fn a_stream_is_live_and_breaks_off_where_it_fails() {
    let started = door(Door::function_url_stream()).await;
    let prelude = r#"{"statusCode":207,"headers":{"x-a":"1"},"cookies":["a=1","b=2"]}"#;
    let script = json!([format!("{prelude}\0\0\0"), "\0\0\0\0\0one", "400", "two"]);
    let request = Request::post("/stream").header("content-type", "text/plain");
    let asked = Instant::now();
    let response = started
        .front
        .send(request.body(body::full(script.to_string())).unwrap());
    let response = response.await.unwrap();
    assert_eq!(response.status(), 207);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    let mut got = response.into_body();
    assert_eq!(body::next(&mut got).await.unwrap().unwrap(), "one");
    assert!(asked.elapsed() < Duration::from_millis(400));
    assert_eq!(body::next(&mut got).await.unwrap().unwrap(), "two");

    let script = json!([format!("{prelude}\0\0\0\0\0\0\0\0one"), "!Function.Broke"]);
    let request = Request::post("/stream").header("content-type", "text/plain");
    let response = started
        .front
        .send(request.body(body::full(script.to_string())).unwrap());
    assert!(
        body::collect(response.await.unwrap().into_body())
            .await
            .is_err()
    );
    let envelope = json!({"statusCode": 201, "body": "x"});
    let (status, _, body) = answered(&started, "/respond", &envelope).await;
    assert_eq!(
        (status, body),
        (200, envelope.to_string()),
        "an envelope is passed on as it is"
    );
}

#[tokio::test]
async fn what_streams_is_malformed_where_answers_are_buffered() {
    let prelude = "{\"statusCode\":200}\0\0\0\0\0\0\0\0one";
    let rest = door(Door::rest_api("prod")).await;
    assert_eq!(answered(&rest, "/stream", &json!([prelude])).await.0, 502);
    let stream = door(Door::rest_api_stream("prod")).await;
    let (status, _, body) = answered(&stream, "/stream", &json!([prelude])).await;
    assert_eq!((status, body.as_str()), (200, "one"));
}

#[tokio::test]
async fn sizes_are_limited() {
    let sandbox = sandbox().await;
    let send = async |door: Door, length: usize| {
        let request = Request::post("/x").header("content-type", "text/plain");
        let request = request.body(body::full("x".repeat(length))).unwrap();
        sandbox
            .front(door)
            .front
            .send(request)
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(send(Door::load_balancer(), 1024 * 1024 + 1).await, 413);
    assert_eq!(send(Door::function_url(), 6 * 1024 * 1024).await, 413);
    assert_eq!(send(Door::function_url(), 2 * 1024 * 1024).await, 200);
}

#[tokio::test]
async fn websocket_events_are_answered_as_invocations() {
    let sandbox = sandbox().await;
    for event in [
        websocket::connect("c1", &[("Host", "ws")]),
        websocket::message("c1", "hi"),
        websocket::disconnect("c1"),
    ] {
        let answer = sandbox.invoke(Invocation::new(event)).await.unwrap();
        assert_eq!(answer.kind, Kind::Response);
        assert_eq!(answer.json()["requestContext"]["connectionId"], "c1");
    }
}

#[tokio::test]
async fn a_tap_keeps_both_native_sides() {
    for shape in [
        Door::function_url(),
        Door::function_url_stream(),
        Door::rest_api("prod"),
    ] {
        let tap = Tap::default();
        let request = Request::get("/x?y=1").extension(tap.clone());
        let started = door(shape).await;
        let response = started
            .front
            .send(request.body(body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        let native = tap.native();
        let event: Value = serde_json::from_slice(&native.request).unwrap();
        assert!(event["requestContext"].is_object(), "{event}");
        assert!(!native.answer.is_empty());
    }
}
