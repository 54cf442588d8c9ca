use http::Request;
use serde_json::json;

use crate::host::{Host, Kind, get};

pub(crate) async fn every_method_arrives(kind: Kind) {
    let host = Host::mirror(kind).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let request = Request::builder().method(method).uri("http://a.example/x");
        assert_eq!(host.seen(request, "").await["method"], method);
    }
}

pub(crate) async fn the_path_arrives_as_sent(kind: Kind) {
    let host = Host::mirror(kind).await;
    for path in [
        "/",
        "/a/b",
        "/a/",
        "/caf%C3%A9",
        "/a%20b",
        "/a%3Fb",
        "/a//b",
        "/a/../b",
        "/a%2Fb",
        "/~a-b_c.d",
    ] {
        let seen = host.seen(get(path), "").await;
        if host.can.raw_path.yes() {
            assert_eq!(seen["path"], path);
        } else {
            // The same once it is decoded; what a `?` begins may be lost.
            let decoded = |path: &str| percent_decoded(path).split('?').next().unwrap().to_owned();
            assert_eq!(
                decoded(seen["path"].as_str().unwrap()),
                decoded(path),
                "{seen}"
            );
        }
    }
}

pub(crate) async fn the_query_arrives_byte_for_byte(kind: Kind) {
    let host = Host::mirror(kind).await;
    for query in [
        "a=1",
        "a=1&a=2&b=%20x&c&d=",
        "a+b=%2B",
        "%FF",
        "a=1?b",
        "x=%C3%A9&y=:/@",
    ] {
        let seen = host.seen(get(&format!("/x?{query}")), "").await;
        if host.can.raw_query.yes() {
            assert_eq!(seen["query"], query);
        } else {
            // Every pair is one that was sent, and no name is lost.
            let seen = pairs(seen["query"].as_str().unwrap());
            let sent = pairs(query);
            assert!(
                seen.iter().all(|pair| sent.contains(pair)),
                "{seen:?}, sent {sent:?}"
            );
            for (name, _) in sent {
                assert!(
                    seen.iter().any(|(seen, _)| *seen == name),
                    "{name} is lost: {seen:?}"
                );
            }
        }
    }
    assert_eq!(host.seen(get("/x"), "").await["query"], json!(null));
}

pub(crate) async fn repeated_headers_keep_every_value_in_order(kind: Kind) {
    let host = Host::mirror(kind).await;
    let request = get("/x")
        .header("x-m", "first")
        .header("x-m", "second")
        .header("x-one", "1");
    let seen = host.seen(request, "").await;
    assert_eq!(seen["headers"]["x-one"], json!(["1"]));
    let wanted = if host.can.repeated_request_headers.yes() {
        vec![json!(["first", "second"])]
    } else {
        vec![
            json!(["first,second"]),
            json!(["first, second"]),
            json!(["second"]),
        ]
    };
    assert!(
        wanted.contains(&seen["headers"]["x-m"]),
        "{}",
        seen["headers"]["x-m"]
    );
}

pub(crate) async fn cookies_arrive_as_one_header(kind: Kind) {
    let host = Host::mirror(kind).await;
    // of several fields of one name these two make one, or keep the last, in front of us
    let cookies: &[&str] = match kind {
        Kind::LambdaAlb | Kind::LambdaLatticeV1 => &["a=1; b=2"],
        _ => &["a=1", "b=2"],
    };
    let cookies = { cookies.iter() }.fold(get("/x"), |request, cookie| {
        request.header("cookie", *cookie)
    });
    let seen = host.seen(cookies, "").await;
    assert_eq!(seen["headers"]["cookie"], json!(["a=1; b=2"]));
}

pub(crate) async fn headers_of_the_connection_do_not_arrive(kind: Kind) {
    let host = Host::mirror(kind).await;
    let seen = host
        .seen(get("/x").header("te", "trailers").header("x-kept", "1"), "")
        .await;
    for name in [
        "te",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "proxy-authorization",
    ] {
        assert_eq!(seen["headers"][name], json!(null), "{name}");
    }
    assert_eq!(seen["headers"]["x-kept"], json!(["1"]));
}

pub(crate) async fn a_connection_header_takes_away_nothing_that_the_host_wrote(kind: Kind) {
    let host = Host::mirror(kind).await;
    let seen = host.get("/x").await.json();
    let forged = if kind == Kind::CloudRunHttp2 {
        // HTTP/2 has no such header.
        get("/x")
    } else {
        get("/x").header("connection", "x-forwarded-for, x-forwarded-proto")
    };
    let again = host.seen(forged, "").await;
    for name in ["x-forwarded-for", "x-forwarded-proto"] {
        assert_eq!(
            again["headers"][name].is_null(),
            seen["headers"][name].is_null(),
            "{name}"
        );
    }
    assert_eq!(again["context"]["client_ip"], seen["context"]["client_ip"]);
}

pub(crate) async fn forged_event_headers_are_headers(kind: Kind) {
    let host = Host::mirror(kind).await;
    let request = crate::host::post("/message/orders")
        .header("ce-specversion", "1.0")
        .header("ce-id", "1")
        .header("ce-source", "/evil")
        .header("ce-type", "t");
    let seen = host.seen(request, "{}").await;
    assert_eq!(
        (&seen["method"], &seen["path"]),
        (&json!("POST"), &json!("/message/orders"))
    );
}

/// The pairs of a query, decoded.
fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let decoded = |text: &str| percent_decoded(&text.replace('+', " "));
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex.filter(|_| bytes[at] == b'%') {
            Some(byte) => (out.push(byte), at += 3).1,
            None => (out.push(bytes[at]), at += 1).1,
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
