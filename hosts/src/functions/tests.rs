//! The host before a real program.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{App, FunctionsHost, Host, Principal, Verdict};
use crate::peer::{self, SOON, arrived, described, respond};
use crate::{Body, Error, Front, Started, body};

fn host(app: App) -> Host {
    Host::new(peer::launch("FUNCTIONS_CUSTOMHANDLER_PORT"), app)
}

fn http_app() -> App {
    App::new().unwrap().http("http", "{*path}").unwrap()
}

async fn proxying() -> Started<FunctionsHost> {
    host(http_app().proxying().unwrap()).start().await.unwrap()
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(body::empty()).unwrap()
}

fn post(target: &str, kind: &str, content: impl Into<Bytes>) -> Request<Body> {
    let request = Request::post(target).header("content-type", kind);
    request.body(body::full(content)).unwrap()
}

async fn status(started: &Started<FunctionsHost>, request: Request<Body>) -> u16 {
    started.front.send(request).await.unwrap().status().as_u16()
}

async fn text(response: Response<Body>) -> String {
    let bytes = body::collect(response.into_body()).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An HTTP request whose invocation is answered with exactly this.
fn answered_with(answer: &str) -> Request<Body> {
    post(
        "/api/x",
        "application/json",
        json!({"answer": answer}).to_string(),
    )
}

#[tokio::test]
async fn invocation_json_has_the_request_as_the_host_writes_it() {
    let started = host(http_app()).app_service().start().await.unwrap();
    let request = post("https://app.example/api/a%2Fb?x=1&x=2", "text/plain", "hi");
    let document = described(started.front.send(request).await.unwrap()).await;
    let req = &document["Data"]["req"];
    assert_eq!(req["Url"], "https://app.example/api/a/b?x=1&x=2");
    assert_eq!(req["Query"], json!({"x": "1,2"}));
    assert_eq!(
        req["Headers"]["X-Waws-Unencoded-Url"],
        json!(["/api/a%2Fb?x=1&x=2"])
    );
    assert_eq!(
        req["Headers"]["X-Forwarded-For"],
        json!(["203.0.113.7:52371"])
    );
    assert_eq!(
        (&req["Params"]["path"], &req["Body"]),
        (&json!("a/b"), &json!("hi"))
    );
    assert_eq!(document["Metadata"]["sys"]["MethodName"], "http");
}

/// Only the Core Tools know the document's length before they send it.
#[tokio::test]
async fn invocations_are_posted_in_chunks_but_by_the_core_tools() {
    for (in_the_cloud, host) in [
        (false, host(http_app())),
        (true, host(http_app()).app_service()),
    ] {
        let started = host.start().await.unwrap();
        // longer than one chunk
        let long = "x".repeat(5000);
        let request = post("/api/x", "text/plain", long.clone());
        let document = described(started.front.send(request).await.unwrap()).await;
        assert_eq!(document["Data"]["req"]["Body"], *long);
        let chunked = arrived(&document, "transfer-encoding") == ["chunked"];
        let sized = arrived(&document, "content-length").len() == 1;
        assert_eq!((chunked, sized), (in_the_cloud, !in_the_cloud));
    }
}

#[tokio::test]
async fn invocation_json_loses_what_is_chunked_and_mangles_what_is_binary() {
    let started = host(http_app()).start().await.unwrap();
    let got = async |request| described(started.front.send(request).await.unwrap()).await;
    let octets = got(post("/api/x", "application/octet-stream", &b"\0\xff"[..])).await;
    assert_eq!(octets["Data"]["req"]["Body"], "AP8=");
    let image = got(post("/api/x", "image/png", &b"\xff"[..])).await;
    assert_eq!(image["Data"]["req"]["Body"], "\u{fffd}");
    let chunked = body::chunks(["a", "b"].map(Bytes::from));
    let chunked = got(Request::post("/api/x").body(chunked).unwrap()).await;
    assert!(chunked["Data"]["req"].get("Body").is_none());
}

#[tokio::test]
async fn answers_in_json_are_read_as_the_host_reads_them() {
    let started = host(http_app()).start().await.unwrap();
    let send = async |answer: Value| {
        started
            .front
            .send(answered_with(&answer.to_string()))
            .await
            .unwrap()
    };
    let res = |res: Value| json!({"Outputs": {"res": res}});

    let made = send(res(
        json!({"statusCode": "201", "headers": {"x-a": "1"}, "body": "made"}),
    ))
    .await;
    assert_eq!(
        (made.status().as_u16(), &made.headers()["x-a"]),
        (201, &"1".parse().unwrap())
    );
    assert_eq!(made.headers()["content-type"], "text/plain; charset=utf-8");
    let dated = send(res(json!({"body": "2024-01-02T03:04:05Z"}))).await;
    assert_eq!(text(dated).await, "01/02/2024 03:04:05");
    let typed = send(res(
        json!({"headers": {"content-type": "image/svg+xml"}, "body": "x"}),
    ))
    .await;
    assert_eq!(
        typed.headers()["content-type"],
        "image/svg+xml; charset=utf-8"
    );
    let object = send(res(json!({"body": {"a": 1}}))).await;
    assert_eq!(
        object.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(text(object).await, "{\n  \"a\": 1\n}");
    assert_eq!(text(send(json!({"Outputs": {}})).await).await, "{}");
    assert_eq!(send(json!({"Logs": []})).await.status(), 200);
    for failed in [
        json!([1]),
        json!("text"),
        res(json!("text")),
        res(json!({"headers": {"a": null}})),
    ] {
        assert_eq!(send(failed.clone()).await.status(), 500, "{failed}");
    }
}

#[tokio::test]
async fn other_statuses_fail_and_redirects_are_followed() {
    let started = host(http_app()).start().await.unwrap();
    let failed = json!({"answer": "{}", "status": "404"}).to_string();
    let failed = started
        .front
        .send(post("/api/x", "application/json", failed))
        .await
        .unwrap();
    assert_eq!(failed.status(), 500);
    assert_eq!(text(failed).await, "");
    let away = json!({"answer": "", "status": "302", "location": "/elsewhere"}).to_string();
    let followed = started
        .front
        .send(post("/api/x", "application/json", away))
        .await
        .unwrap();
    // the peer describes the GET: an object without outputs is an empty 200
    assert_eq!(followed.status(), 200);
    assert_eq!(text(followed).await, "");
}

#[tokio::test]
async fn an_answer_without_a_body_never_ends_but_by_the_timeout() {
    let host = host(http_app()).function_timeout(Duration::from_millis(100));
    let started = host.start().await.unwrap();
    for (nothing, starts) in [("", 2), ("null", 3)] {
        let asked = Instant::now();
        assert_eq!(status(&started, answered_with(nothing)).await, 500);
        assert!(asked.elapsed() >= Duration::from_millis(2100));
        assert_eq!(
            status(&started, get("/api/x")).await,
            200,
            "it is started again"
        );
        assert_eq!(started.front.starts(), starts);
    }
}

#[tokio::test]
async fn a_returned_string_is_decoded_from_base64_if_it_can_be() {
    let bindings = json!([
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"},
        {"type": "http", "direction": "out", "name": "$return"},
    ]);
    let app = App::new().unwrap().function("x", &bindings).unwrap();
    let started = host(app).start().await.unwrap();
    let send = async |value: Value| {
        let answer = json!({"ReturnValue": value}).to_string();
        started.front.send(answered_with(&answer)).await.unwrap()
    };
    assert_eq!(text(send(json!({"body": "test"})).await).await, "test");
    assert_eq!(send(json!("test")).await.status(), 500);
}

#[tokio::test]
async fn proxying_streams_and_takes_off_traces() {
    let started = proxying().await;
    let request = Request::get("http://app.example/api/a%2Fb%20c?x=1&x=2&y");
    let request = request.header(
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    );
    let request = request
        .header("x-ms-invocation-id", "forged")
        .header("content-encoding", "gzip");
    let got = described(
        started
            .front
            .send(request.body(body::empty()).unwrap())
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(got["target"], "/api/a%2Fb%20c?x=1&x=2&y");
    assert!(arrived(&got, "traceparent").is_empty());
    assert_eq!(arrived(&got, "content-encoding"), ["gzip"]);
    let ids = (
        arrived(&got, "x-ms-invocation-id"),
        arrived(&got, "x-azure-functions-invocationid"),
    );
    assert_eq!((ids.0.len(), &ids.0), (1, &ids.1));
    assert_ne!(ids.0, ["forged"]);

    let (mut feed, sent) = body::stream();
    let response = started
        .front
        .send(Request::post("/api/live").body(sent).unwrap())
        .await
        .unwrap();
    let mut live = response.into_body();
    feed.send("one").await.unwrap();
    let next = timeout(SOON, body::next(&mut live)).await.unwrap();
    assert_eq!(next.unwrap().unwrap(), "one");
}

#[tokio::test]
async fn proxying_passes_any_answer() {
    let started = proxying().await;
    let mut request = respond(404, &[("set-cookie", "a"), ("set-cookie", "b")], b"\xff");
    *request.uri_mut() = "/api/respond".parse().unwrap();
    let response = started.front.send(request).await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers().get_all("set-cookie").iter().count()
        ),
        (404, 2)
    );
    assert_eq!(
        body::collect(response.into_body()).await.unwrap(),
        &b"\xff"[..]
    );
}

#[tokio::test]
async fn proxying_tries_again_and_the_third_crash_stops_the_host() {
    let started = proxying().await;
    // each try meets a new program and ends it
    assert_eq!(status(&started, get("/api/exit?3")).await, 503);
    assert_eq!(started.front.starts(), 3);
    let stopped = started.front.send(get("/api/x")).await.unwrap();
    assert_eq!(text(stopped).await, "Function host is not running.");
}

#[tokio::test]
async fn a_host_that_is_stopped_starts_nothing_again() {
    let started = proxying().await;
    assert_eq!(status(&started, get("/api/x")).await, 200);
    started.front.stop().await;
    sleep(Duration::from_millis(50)).await;
    assert_eq!(started.front.starts(), 1);
    assert!(started.front.program().status().is_some());
}

#[tokio::test]
async fn exits_of_0_are_final_and_of_200_are_free() {
    let started = host(http_app().forwarding().unwrap())
        .start()
        .await
        .unwrap();
    for _ in 0..4 {
        assert_eq!(status(&started, get("/api/exit?200")).await, 500);
        assert_eq!(status(&started, get("/api/x")).await, 200);
    }
    assert_eq!(status(&started, get("/api/exit?0")).await, 500);
    sleep(Duration::from_millis(50)).await;
    assert_eq!(status(&started, get("/api/x")).await, 500);
    assert_eq!(started.front.starts(), 5);
}

#[tokio::test]
async fn forwarding_writes_the_request_again() {
    let started = host(http_app().forwarding().unwrap())
        .start()
        .await
        .unwrap();
    let request = Request::post("http://app.example/api/a%3Fb?x=1&x=2&y=%20");
    let request = request
        .header("content-encoding", "gzip")
        .header("user-agent", "me");
    let request = request.header("x-azure-functions-invocationid", "forged");
    let request = request.body(body::full("hi")).unwrap();
    let got = described(started.front.send(request).await.unwrap()).await;
    assert_eq!(got["target"], "/api/a?x=1%2C2&y=%20");
    assert_eq!(got["body"], "hi");
    assert!(arrived(&got, "content-encoding").is_empty());
    let ids = arrived(&got, "x-azure-functions-invocationid");
    assert_eq!((ids.len(), ids[0]), (2, "forged"), "the last is the host's");
    let chunked = body::chunks(["a"].map(Bytes::from));
    assert_eq!(
        status(&started, Request::post("/api/x").body(chunked).unwrap()).await,
        500
    );
}

#[tokio::test]
async fn functions_with_more_bindings_get_invocation_json() {
    let bindings = json!([
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "q"},
        {"type": "http", "direction": "out", "name": "res"},
        {"type": "queue", "direction": "out", "name": "out", "queueName": "q"},
    ]);
    let app = http_app()
        .proxying()
        .unwrap()
        .function("ahead", &bindings)
        .unwrap();
    let started = host(app).start().await.unwrap();
    let document = described(started.front.send(get("/api/q")).await.unwrap()).await;
    assert!(document["Data"]["req"].is_object());
    let plain = described(started.front.send(get("/api/other")).await.unwrap()).await;
    assert_eq!(plain["target"], "/api/other");
}

#[tokio::test]
async fn the_host_answers_for_itself() {
    let bindings = json!([
        {"type": "httpTrigger", "direction": "in", "name": "req", "route": "keyed", "methods": ["get"]},
        {"type": "http", "direction": "out", "name": "res"},
    ]);
    let app = App::new().unwrap().function("f", &bindings).unwrap();
    let started = host(app.proxying().unwrap()).start().await.unwrap();
    assert_eq!(status(&started, get("/api/keyed")).await, 401);
    assert_eq!(
        status(&started, get("/api/keyed?code=function-key")).await,
        200
    );
    assert_eq!(
        status(&started, post("/api/keyed?code=function-key", "a/b", "x")).await,
        404
    );
    assert_eq!(status(&started, get("/api/none")).await, 404);
    assert_eq!(status(&started, get("/admin/host/status")).await, 401);
    assert_eq!(status(&started, get("/")).await, 200);
}

#[tokio::test]
async fn it_pings_all_life_long() {
    let started = host(http_app())
        .ping_every(Duration::from_millis(20))
        .start()
        .await
        .unwrap();
    let before = started.front.pings();
    sleep(Duration::from_millis(200)).await;
    assert!(started.front.pings() > before);
    let answer = started.front.ping().await.unwrap();
    let got: Value = serde_json::from_slice(&answer.body()).unwrap();
    assert_eq!(got["target"], "/");
    assert!(arrived(&got, "user-agent").is_empty());
}

#[tokio::test]
async fn a_principal_is_the_hosts_word() {
    let principal = Principal {
        id: "7".to_owned(),
        name: "jo@example.org".to_owned(),
        provider: "aad".to_owned(),
        claims: vec![("roles".to_owned(), "admin".to_owned())],
    };
    let app = http_app().proxying().unwrap();
    let started = host(app).easy_auth(principal).start().await.unwrap();
    let request = Request::get("/api/x").header("x-ms-client-principal-id", "forged");
    let request = request.body(body::empty()).unwrap();
    let got = described(started.front.send(request).await.unwrap()).await;
    assert_eq!(arrived(&got, "x-ms-client-principal-id"), ["7"]);
    assert_eq!(arrived(&got, "x-ms-client-principal-idp"), ["aad"]);
}

#[tokio::test]
async fn events_succeed_fail_and_write_outputs() {
    let bindings = json!([
        {"type": "queueTrigger", "direction": "in", "name": "order", "queueName": "q"},
        {"type": "queue", "direction": "out", "name": "out", "queueName": "o"},
        {"type": "cosmosDB", "direction": "out", "name": "doc"},
    ]);
    let app = App::new().unwrap().function("orders", &bindings).unwrap();
    let started = host(app).start().await.unwrap();
    let data = json!({"order": "\"hi\""});
    let send = |answer: String, status: &str| {
        started.front.invoke(
            "orders",
            data.clone(),
            json!({"answer": answer, "status": status}),
        )
    };
    let outputs = json!({"out": "aGVsbG8=", "doc": [{"id": 1}], "unknown": "x"});
    let done = send(
        json!({"Outputs": outputs, "Logs": ["l"]}).to_string(),
        "200",
    )
    .await
    .unwrap();
    assert!(done.succeeded(), "{done:?}");
    assert_eq!(done.outputs["out"].written, ["hello"]);
    assert_eq!(done.outputs["doc"].written, [r#"{"id":1}"#]);
    assert_eq!((done.outputs.len(), done.logs), (2, vec!["l".to_owned()]));
    let many = send(
        json!({"Outputs": {"out": ["aGk=", "b"]}}).to_string(),
        "200",
    )
    .await
    .unwrap();
    assert_eq!(
        many.outputs["out"].written,
        ["aGk=", "b"],
        "a list's elements are not decoded"
    );
    let failed = send("{}".to_owned(), "500").await.unwrap();
    assert!(matches!(failed.verdict, Verdict::Failed(_)));
    assert!(matches!(
        started.front.invoke("no", json!({}), json!({})).await,
        Err(Error::Malformed { .. })
    ));
}
