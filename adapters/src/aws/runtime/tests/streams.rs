use futures_util::{StreamExt, stream};
use isobar_core::{Body, Request, Response};

use super::*;

const PRELUDE: &str = r#"{"statusCode":200,"headers":{},"cookies":[]}"#;

fn streamed(pieces: Vec<Result<&'static str, std::io::Error>>) -> Response {
    Response::new(Body::from_stream(stream::iter(pieces)))
}

/// What stands before a body.
fn begun() -> String {
    format!(
        "{:x}\r\n{PRELUDE}\r\n8\r\n\0\0\0\0\0\0\0\0\r\n",
        PRELUDE.len()
    )
}

#[tokio::test]
async fn a_stream_is_prelude_nuls_and_chunks() {
    let handler = |_request: Request| async { streamed(vec![Ok("one"), Ok(""), Ok("two")]) };
    let seen = played_with(
        Mock::new().event(&event("/a")).event(&event("/b")),
        streaming(),
        handler,
    )
    .await;
    assert_eq!(seen.len(), 2);
    for line in [
        "lambda-runtime-function-response-mode: streaming\r\n",
        "transfer-encoding: chunked\r\n",
        "content-type: application/vnd.awslambda.http-integration-response\r\n",
        "trailer: lambda-runtime-function-error-type, lambda-runtime-function-error-body\r\n",
    ] {
        assert!(seen[0].head.contains(line), "{}", seen[0].head);
    }
    let body = String::from_utf8(seen[0].body.clone()).unwrap();
    assert_eq!(body, begun() + "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
}

#[tokio::test]
async fn trap_29_an_empty_stream_ends_too() {
    let handler = |_request: Request| async { Response::new(Body::empty()) };
    let seen = played_with(Mock::new().event(&event("/a")), streaming(), handler).await;
    assert_eq!(
        String::from_utf8(seen[0].body.clone()).unwrap(),
        begun() + "0\r\n\r\n"
    );
}

#[tokio::test]
async fn trap_29_a_failure_in_mid_stream_is_told_by_trailers() {
    let handler = |request: Request| async move {
        match request.uri().path() {
            "/error" => streamed(vec![Ok("half"), Err(std::io::Error::other("disk"))]),
            _ => Response::new(Body::from_stream(
                stream::iter([Ok::<_, std::io::Error>("half")])
                    .chain(stream::poll_fn(|_| panic!("boom"))),
            )),
        }
    };
    let mock = Mock::new().event(&event("/error")).event(&event("/panic"));
    for seen in played_with(mock, streaming(), handler).await {
        let body = String::from_utf8(seen.body.clone()).unwrap();
        let trailers = body
            .strip_prefix(&(begun() + "4\r\nhalf\r\n0\r\n"))
            .unwrap();
        let (kind, rest) = trailers.split_once("\r\n").unwrap();
        assert_eq!(
            kind,
            "Lambda-Runtime-Function-Error-Type: Function.StreamError"
        );
        let encoded = rest
            .strip_prefix("Lambda-Runtime-Function-Error-Body: ")
            .unwrap();
        let json = base64_simd::STANDARD
            .decode_to_vec(encoded.trim_end())
            .unwrap();
        let failure: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(failure["errorMessage"], "the response's body broke off");
    }
}

#[tokio::test]
async fn a_stream_past_its_deadline_is_told_by_trailers() {
    let end = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_millis()
        + 200;
    let headers = format!("Lambda-Runtime-Deadline-Ms: {end}\r\n");
    let handler = |_request: Request| async {
        Response::new(Body::from_stream(
            stream::iter([Ok::<_, std::io::Error>("half")]).chain(stream::pending()),
        ))
    };
    let mock = Mock::new().next(mock::delivery(&event("/a"), &headers));
    let seen = played_with(mock, streaming(), handler).await;
    let body = String::from_utf8(seen[0].body.clone()).unwrap();
    assert!(
        body.contains("Lambda-Runtime-Function-Error-Type: Function.Timeout\r\n"),
        "{body}"
    );
}

#[tokio::test]
async fn a_stale_length_is_not_sent_with_a_stream() {
    let handler = |_request: Request| async {
        let mut response = streamed(vec![Ok("one")]);
        response.headers_mut().insert("content-length", 99.into());
        response
    };
    let seen = played_with(Mock::new().event(&event("/a")), streaming(), handler).await;
    assert!(!String::from_utf8_lossy(&seen[0].body).contains("content-length"));
}

#[tokio::test]
async fn a_front_door_that_can_not_stream_is_told_so() {
    let mut http_api = event("/a");
    http_api["requestContext"]["domainName"] = json!("id.execute-api.eu-west-1.amazonaws.com");
    let balancer =
        json!({"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/", "headers": {}});
    let mock = Mock::new().event(&http_api).event(&balancer);
    for seen in played_with(mock, streaming(), hello).await {
        assert!(!seen.head.contains("streaming"), "{}", seen.head);
        assert_eq!(seen.json()["statusCode"], 502);
        assert!(
            seen.json()["body"]
                .as_str()
                .unwrap()
                .contains("streams its responses")
        );
    }
}
