use serde_json::json;

use crate::host::{Host, Kind, base64, head, responding};

pub(crate) async fn status_and_headers_reach_the_client(kind: Kind) {
    let host = Host::mirror(kind).await;
    for status in [200, 201, 202, 418, 503] {
        let answer = host
            .respond(
                status,
                &[("x-a", "1"), ("content-type", "text/plain")],
                b"ok",
            )
            .await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.all("x-a"), ["1"]);
    }
}

pub(crate) async fn repeated_headers_reach_the_client(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host
        .respond(200, &[("x-m", "1"), ("x-m", "2")], b"ok")
        .await;
    let values = answer.all("x-m").join(", ").replace(",  ", ", ");
    assert_eq!(values, "1, 2");
    if host.can.repeated_response_headers.yes() {
        assert_eq!(answer.all("x-m").len(), 2);
    }
}

pub(crate) async fn several_cookies_reach_the_client(kind: Kind) {
    let host = Host::mirror(kind).await;
    let cookies = [
        "a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "b=2; HttpOnly",
    ];
    let answer = host
        .respond(200, &cookies.map(|cookie| ("set-cookie", cookie)), b"ok")
        .await;
    if host.can.several_cookies.yes() {
        assert_eq!(answer.all("set-cookie"), cookies);
    } else {
        let mut got = answer.all("set-cookie");
        got.sort_unstable();
        if got == cookies {
            // A load balancer takes two names that differ in case.
            return;
        }
        // Refused, with the remedy; never one of two, never joined.
        assert_eq!(answer.status, 500);
        assert!(answer.text().contains("set-cookie"), "{}", answer.text());
        assert!(answer.all("set-cookie").is_empty());
    }
}

pub(crate) async fn a_redirect_reaches_the_client(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host
        .respond(302, &[("location", "https://a.example/y?z=1")], b"")
        .await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.all("location"), ["https://a.example/y?z=1"]);
}

pub(crate) async fn errors_reach_the_client(kind: Kind) {
    let host = Host::mirror(kind).await;
    for status in [400, 404, 500, 502] {
        let answer = host
            .respond(status, &[("content-type", "text/plain")], b"why")
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (status, "why")
        );
    }
}

pub(crate) async fn a_204_and_a_304_have_no_body(kind: Kind) {
    let host = Host::mirror(kind).await;
    for status in [204, 304] {
        let answer = host.respond(status, &[("etag", "\"1\"")], b"").await;
        assert_eq!(answer.status, status);
        assert!(answer.bytes().is_empty());
        let wrong = host.respond(status, &[], b"not allowed").await;
        assert_eq!(wrong.status, status);
        assert!(wrong.bytes().is_empty());
    }
    host.still_serves().await;
}

pub(crate) async fn a_head_answer_has_no_body(kind: Kind) {
    let host = Host::mirror(kind).await;
    let request = http::Request::head("http://a.example/x");
    let answer = host.send(request, "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.bytes().is_empty());
    host.still_serves().await;
}

pub(crate) async fn a_body_that_is_not_there_has_no_type_and_no_length(kind: Kind) {
    let host = Host::mirror(kind).await;
    // A 204 has no length, whatever the application says.
    let wrong = [("content-length", "11")];
    for (status, headers) in [(204, &wrong[..]), (304, &[])] {
        let (_, said) = host.said(responding(status, headers, b"not allowed")).await;
        assert_says_nothing_of_a_body(&said);
    }
    let (_, said) = host.said(head("/bytes?n=5")).await;
    assert_says_nothing_of_a_body(&said);
    // What the application says of the body that a GET would have is its own affair.
    let own = [("content-type", "text/css"), ("etag", "\"1\"")];
    let (answer, _) = host.said(responding(304, &own, b"")).await;
    assert_eq!(answer.all("etag"), ["\"1\""]);
    assert!(answer.all("content-type").join("").starts_with("text/css"));
}

/// What the program told its host: some of them make up a type for whatever comes without one.
fn assert_says_nothing_of_a_body(said: &str) {
    let said = said.to_ascii_lowercase();
    for text in ["content-type", "content-length", "not allowed", "xxxxx"] {
        assert!(!said.contains(text), "{said}");
    }
}

pub(crate) async fn headers_of_the_connection_do_not_leave(kind: Kind) {
    let host = Host::mirror(kind).await;
    let headers = [
        ("connection", "close, x-hop"),
        ("connection", "X-Other"),
        ("x-hop", "1"),
        ("x-other", "1"),
        ("te", "trailers"),
        ("proxy-authenticate", "Basic"),
        ("transfer-encoding", "chunked"),
        ("x-kept", "1"),
    ];
    let answer = host.respond(200, &headers, b"ok").await;
    assert_eq!(answer.text(), "ok");
    // The application's own `Connection` names headers of the connection too.
    for name in ["connection", "x-hop", "x-other", "te", "proxy-authenticate"] {
        assert!(answer.all(name).is_empty(), "{name}: {answer:?}");
    }
    assert_eq!(answer.all("x-kept"), ["1"]);
}

pub(crate) async fn a_stale_length_does_not_leave(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host.respond(200, &[("content-length", "99")], b"ok").await;
    assert_eq!(answer.text(), "ok");
    let seen = host.seen(crate::host::post("/x"), "ok").await;
    assert_eq!(seen["body"], json!(base64(b"ok")));
}
