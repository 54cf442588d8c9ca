use bytes::Bytes;
use isobar_hosts::body;
use serde_json::json;

use crate::host::{Host, Kind, base64, post};

pub(crate) async fn an_empty_body_is_empty(kind: Kind) {
    let host = Host::mirror(kind).await;
    assert_eq!(host.seen(post("/x"), "").await["body"], "");
}

pub(crate) async fn text_arrives_as_its_bytes(kind: Kind) {
    let host = Host::mirror(kind).await;
    for (content_type, text) in [
        ("text/plain", "plain"),
        ("application/json", r#"{"a":"é\n\u0000\"","b":[1,2.50]}"#),
        ("application/x-www-form-urlencoded", "a=1&b=%20"),
        ("text/html; charset=utf-8", "<p>é</p>\r\n"),
    ] {
        let seen = host
            .seen(post("/x").header("content-type", content_type), text)
            .await;
        assert_eq!(seen["body"], base64(text.as_bytes()), "{content_type}");
        assert_eq!(seen["headers"]["content-type"], json!([content_type]));
    }
}

pub(crate) async fn any_bytes_arrive(kind: Kind) {
    let host = Host::mirror(kind).await;
    let all: Vec<u8> = (0..=255).collect();
    for content_type in ["application/octet-stream", "image/png"] {
        let answer = host
            .send(post("/x").header("content-type", content_type), all.clone())
            .await;
        if content_type == "application/octet-stream" || host.can.binary_requests.yes() {
            assert_eq!(answer.json()["body"], base64(&all), "{content_type}");
        }
    }
}

pub(crate) async fn five_megabytes_arrive(kind: Kind) {
    let host = Host::mirror(kind).await;
    let text = "x".repeat(5_000_000);
    let answer = host
        .send(
            post("/count").header("content-type", "text/plain"),
            text.clone(),
        )
        .await;
    if host
        .can
        .request_limit
        .bytes
        .is_none_or(|limit| limit > 7_000_000)
    {
        assert_eq!(answer.json()["bytes"], 5_000_000, "{}", answer.status);
    } else {
        // The host refuses it, unless it needs no base64 there.
        let arrived = answer.status == 200 && answer.json()["bytes"] == 5_000_000;
        assert!(arrived || answer.status == 413, "{}", answer.status);
    }
}

pub(crate) async fn a_body_over_the_limit_is_a_413(kind: Kind) {
    let host = Host::mirror_with(kind, [("ISOBAR_BODY_LIMIT", "1000")]).await;
    let fits = post("/count").header("content-type", "text/plain");
    assert_eq!(
        host.send(fits, "x".repeat(1000)).await.json()["bytes"],
        1000
    );
    let over = post("/count").header("content-type", "text/plain");
    let answer = host.send(over, "x".repeat(1001)).await;
    assert_eq!(answer.status, 413);
    assert!(
        answer
            .all("content-type")
            .join("")
            .starts_with("application/problem+json")
    );
    if host.can.streams_requests.yes() {
        let chunk = Bytes::from(vec![b'x'; 400]);
        let chunks = body::chunks(vec![chunk; 3]);
        assert_eq!(host.send_body(post("/count"), chunks).await.status, 413);
    }
    host.still_serves().await;
}

pub(crate) async fn a_body_of_unknown_length_arrives(kind: Kind) {
    let host = Host::mirror(kind).await;
    let chunks = body::chunks(["one, ", "two"].map(Bytes::from));
    let answer = host
        .send_body(post("/x").header("content-type", "text/plain"), chunks)
        .await;
    if host.can.streams_requests.yes() {
        assert_eq!(answer.json()["body"], base64(b"one, two"));
    } else {
        // The host reads it whole, or drops it, and then the answer says so.
        let whole = answer.status == 200 && answer.json()["body"] == base64(b"one, two");
        assert!(
            whole || [411, 500].contains(&answer.status.as_u16()),
            "{answer:?}"
        );
    }
}
