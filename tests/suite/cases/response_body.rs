use crate::host::{Host, Kind};

pub(crate) async fn text_leaves_as_its_bytes(kind: Kind) {
    let host = Host::mirror(kind).await;
    for (content_type, text) in [
        ("text/plain", "plain é"),
        ("application/json", r#"{"a":"\"\\\u0000é"}"#),
        ("image/svg+xml", "<svg/>"),
        ("application/problem+json", "{}"),
    ] {
        let answer = host
            .respond(200, &[("content-type", content_type)], text.as_bytes())
            .await;
        assert_eq!(answer.text(), text, "{content_type}");
        let got = answer.all("content-type").join("");
        assert!(got.starts_with(content_type), "{got}");
    }
}

pub(crate) async fn any_bytes_leave(kind: Kind) {
    let host = Host::mirror(kind).await;
    let all: Vec<u8> = (0..=255).collect();
    for content_type in ["application/octet-stream", "image/png", "text/plain"] {
        let answer = host
            .respond(200, &[("content-type", content_type)], &all)
            .await;
        if host.can.binary_responses.yes() {
            assert_eq!(answer.bytes(), all, "{content_type}");
        } else {
            // Refused, with the remedy; never corrupted.
            assert_eq!(answer.status, 500);
            assert!(
                answer.text().contains("enableProxyingHttpRequest"),
                "{}",
                answer.text()
            );
        }
    }
}

pub(crate) async fn encoded_bytes_leave_untouched(kind: Kind) {
    let host = Host::mirror(kind).await;
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
    let headers = [("content-type", "text/plain"), ("content-encoding", "gzip")];
    let answer = host.respond(200, &headers, gzip).await;
    if host.can.binary_responses.yes() {
        assert_eq!(answer.bytes().as_ref(), gzip);
        assert_eq!(answer.all("content-encoding"), ["gzip"]);
    } else {
        assert_eq!(answer.status, 500);
    }
}

pub(crate) async fn five_megabytes_leave(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host.get("/bytes?n=5000000").await;
    if host
        .can
        .response_limit
        .bytes
        .is_none_or(|limit| limit > 7_000_000)
    {
        assert_eq!(answer.bytes().len(), 5_000_000);
    } else {
        let left = answer.status == 200 && answer.bytes().len() == 5_000_000;
        assert!(left || answer.status == 502, "{}", answer.status);
    }
    host.still_serves().await;
}
