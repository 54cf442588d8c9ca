use isobar_core::{Body, Error, HeaderValue, Request, Response};

use super::*;
use mock::{delivery, reply};

#[tokio::test]
async fn a_poll_that_fails_is_tried_again() {
    let mock = Mock::new()
        .next(reply(500, "", "{}"))
        .next(reply(403, "", "{}"))
        .next(reply(200, "", "{}"))
        .next(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())
        .next(b"what is this\r\n\r\n".to_vec())
        .next(Vec::new())
        .event(&event("/a"));
    let seen = played(mock, hello).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].json()["body"], "hello /a");
}

#[tokio::test]
async fn headers_that_are_not_just_so_lose_no_invocation() {
    let junk = [
        "Lambda-Runtime-Client-Context: eyJ4Ijo\r\n",
        "Lambda-Runtime-Client-Context: {\"client\":7,\"env\":[]}\r\n",
        "Lambda-Runtime-Cognito-Identity: {\r\n",
        "Lambda-Runtime-Trace-Id: Root=\r\n",
        "Lambda-Runtime-Invoked-Function-Arn: arn\r\n",
        "Lambda-Runtime-Invocation-Id: a b\r\n",
        "X-Latin: caf\u{e9}\r\n",
    ];
    let mock = junk.iter().fold(Mock::new(), |mock, line| {
        mock.next(delivery(&event("/a"), line))
    });
    assert_eq!(played(mock, hello).await.len(), junk.len());
}

#[tokio::test]
async fn an_error_and_a_panic_are_answers_and_the_process_lives() {
    async fn handler(request: Request) -> Result<&'static str, Error> {
        match request.uri().path() {
            "/fail" => Err("no connection")?,
            "/panic" => panic!("boom"),
            _ => Ok("fine"),
        }
    }
    let mock = ["/fail", "/panic", "/x"]
        .iter()
        .fold(Mock::new(), |mock, path| mock.event(&event(path)));
    let statuses: Vec<_> = played(mock, handler)
        .await
        .iter()
        .map(|seen| seen.json()["statusCode"].clone())
        .collect();
    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn what_is_no_http_event_fails_with_a_type_that_the_service_keeps() {
    let batch = json!({"Records": [{"eventSource": "aws:sqs", "body": "x"}]});
    let not_utf8 = b"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: r-1\r\ncontent-length: 2\r\n\r\n\xff\xfe".to_vec();
    let mock = Mock::new().event(&batch).next(not_utf8).event(&event("/a"));
    let seen = played(mock, hello).await;
    assert_eq!(seen[0].path, "/2018-06-01/runtime/invocation/r-1/error");
    let failure = seen[0].json();
    assert_eq!(failure["errorType"], "Runtime.InvalidEvent");
    assert!(
        failure["errorMessage"]
            .as_str()
            .unwrap()
            .contains("messages of SQS"),
        "{failure}"
    );
    assert!(
        seen[0]
            .head
            .contains("lambda-runtime-function-error-type: runtime.invalidevent\r\n")
    );
    assert_eq!(seen[1].json()["errorType"], "Runtime.InvalidEvent");
    assert_eq!(seen[2].json()["body"], "hello /a");
}

#[tokio::test]
async fn a_malformed_request_is_told_to_the_client() {
    let mut malformed = event("/a");
    malformed["body"] = json!("?");
    malformed["isBase64Encoded"] = json!(true);
    let seen = played(Mock::new().event(&malformed), hello).await;
    assert_eq!(seen[0].json()["statusCode"], 400);
    assert_eq!(
        seen[0].json()["headers"]["content-type"],
        "application/problem+json"
    );
}

#[tokio::test]
async fn an_answer_over_the_limit_is_a_502_that_says_so() {
    // as text, as base64, and as text that JSON's escapes make too long
    for body in [
        vec![b'x'; 6 << 20],
        vec![0xff; 5 << 20],
        vec![b'"'; 4 << 20],
    ] {
        let handler = move |_request: Request| {
            let body = body.clone();
            async move { Response::new(Body::from(body)) }
        };
        let seen = played(Mock::new().event(&event("/a")), handler).await;
        let answer = seen[0].json();
        assert_eq!(answer["statusCode"], 502);
        assert!(
            answer["body"].as_str().unwrap().contains("limit of 6 MB"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn trap_28_a_header_that_can_not_be_said_is_a_502_and_no_end() {
    async fn handler(request: Request) -> Response {
        let mut response = Response::new(Body::from("x"));
        if request.uri().path() == "/latin" {
            let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
            response.headers_mut().insert("x-name", value);
        }
        response
    }
    for options in [Options::default(), streaming()] {
        let streams = options.response_mode.is_some();
        let mock = Mock::new().event(&event("/latin")).event(&event("/a"));
        let seen = played_with(mock, options, handler).await;
        assert_eq!(seen.len(), 2);
        let text = String::from_utf8_lossy(&seen[0].body).into_owned();
        assert!(text.contains("\"statusCode\":502"), "{streams} {text}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_before_anything_was_sent_is_a_500() {
    use futures_util::stream;
    let handler = |_request: Request| async {
        let pieces: [Result<&str, std::io::Error>; 2] =
            [Ok("half"), Err(std::io::Error::other("disk"))];
        Response::new(Body::from_stream(stream::iter(pieces)))
    };
    let seen = played(Mock::new().event(&event("/a")), handler).await;
    assert_eq!(seen[0].json()["statusCode"], 500);
    assert!(!seen[0].json()["body"].as_str().unwrap().contains("disk"));
}
