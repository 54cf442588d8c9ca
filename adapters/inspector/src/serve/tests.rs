use http::header::CONTENT_SECURITY_POLICY;
use http_body_util::BodyExt;
use isobar_core::async_trait;
use serde_json::Value;

use super::*;
use crate::{Host, Native, Order, State, What};

struct Nobody;

#[async_trait]
impl Driver for Nobody {
    fn hosts(&self) -> Vec<Host> {
        Vec::new()
    }

    async fn send(&self, order: Order) -> Result<(), String> {
        match order.what {
            What::Again(record) => Err(format!("{} on {}", record.id, order.host)),
            _ => Ok(()),
        }
    }
}

fn inspector() -> Inspector {
    let store = Store::default();
    store.put(Record {
        id: "1".to_owned(),
        state: State::Done,
        native_in: Native {
            line: "GET /<script> HTTP/1.1".to_owned(),
            ..Native::default()
        },
        ..Record::default()
    });
    Inspector::new(store, Nobody, "word".to_owned())
}

async fn send(method: &str, path: &str, token: &str, host: &str, body: &str) -> Response {
    let request = http::Request::builder().method(method).uri(path);
    let request = request
        .header("host", host)
        .header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::from(body.to_owned())).unwrap();
    inspector().answer(request).await
}

async fn ask(method: &str, path: &str, body: &str) -> (u16, Value) {
    let response = send(method, path, "word", "localhost:8080", body).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn only_who_knows_the_token_gets_anything() {
    for (path, token, host, wanted) in [
        ("/_isobar", "word", "localhost:8080", 200),
        ("/_isobar/", "word", "127.0.0.1:8080", 200),
        ("/_isobar?token=word", "", "localhost", 403),
        ("/_isobar", "wrong", "localhost", 403),
        ("/_isobar/api/list", "", "localhost", 403),
        // a name that another name server gives this machine
        ("/_isobar", "word", "evil.example:8080", 403),
        ("/_isobar", "word", "localhost.evil.example", 403),
    ] {
        let status = send("GET", path, token, host, "").await.status();
        assert_eq!(status, wanted, "{path} {token} {host}");
    }
    let request = http::Request::get("/_isobar?a=1&token=word").header("host", "localhost");
    let response = inspector()
        .answer(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn the_page_allows_its_own_script_alone() {
    let response = send("GET", "/_isobar", "word", "localhost", "").await;
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    for wanted in [
        "default-src 'none'",
        "require-trusted-types-for 'script'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(wanted), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let nonce = policy
        .split("script-src 'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    let page = response.into_body().collect().await.unwrap().to_bytes();
    let page = std::str::from_utf8(&page).unwrap();
    assert!(page.contains(&format!("<script nonce=\"{nonce}\">")));
    assert!(!page.contains("NONCE"));
    assert_eq!(page.matches("<script").count(), 1);
    for never in [
        " onclick=",
        " onload=",
        "innerHTML",
        "eval(",
        "document.write",
        "http://",
        "https://",
    ] {
        assert!(!page.contains(never), "{never}");
    }
    let again = send("GET", "/_isobar", "word", "localhost", "").await;
    assert!(
        !again.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .contains(nonce)
    );
}

#[tokio::test]
async fn data_is_json_and_what_is_not_there_is_said() {
    let (status, list) = ask("GET", "/_isobar/api/list", "").await;
    assert_eq!((status, &list["changed"][0]["id"]), (200, &"1".into()));
    let (status, record) = ask("GET", "/_isobar/api/record/1", "").await;
    assert_eq!(status, 200);
    assert_eq!(
        record["record"]["native_in"]["line"],
        "GET /<script> HTTP/1.1"
    );
    for (method, path, body, wanted) in [
        ("GET", "/_isobar/api/record/2", "", 404),
        ("GET", "/_isobar/api/else", "", 404),
        ("POST", "/_isobar/api/list", "", 404),
        ("GET", "/_isobar/api/fixture/1", "", 200),
        ("POST", "/_isobar/api/send", "{", 400),
        ("POST", "/_isobar/api/send", r#"{"host":"aws"}"#, 400),
        (
            "POST",
            "/_isobar/api/send",
            r#"{"host":"aws","replay":"2"}"#,
            400,
        ),
        (
            "POST",
            "/_isobar/api/send",
            r#"{"host":"aws","replay":"1"}"#,
            409,
        ),
        (
            "POST",
            "/_isobar/api/send",
            r#"{"host":"aws","request":{}}"#,
            200,
        ),
        ("POST", "/_isobar/api/clear", "", 200),
    ] {
        let (status, answer) = ask(method, path, body).await;
        assert_eq!(status, wanted, "{method} {path} {body}: {answer}");
        assert_eq!(
            status >= 400,
            answer["error"].is_string(),
            "{path} {answer}"
        );
    }
}

#[tokio::test]
async fn the_stream_tells_all_and_then_what_changes_and_ends_with_the_store() {
    let inspector = inspector();
    let store = inspector.0.store.clone();
    let request = http::Request::get("/_isobar/api/events?token=word").header("host", "localhost");
    let response = inspector.answer(request.body(Body::empty()).unwrap()).await;
    let mut body = response.into_body();
    let mut next = async || {
        let frame = body.frame().await?.unwrap().into_data().unwrap();
        let text = String::from_utf8(frame.to_vec()).unwrap();
        let json = text.strip_prefix("data: ").unwrap().to_owned();
        Some(serde_json::from_str::<Value>(&json).unwrap())
    };
    let first = next().await.unwrap();
    assert_eq!(
        (&first["changed"][0]["id"], &first["total"]),
        (&"1".into(), &1.into())
    );
    store.put(Record {
        id: "2".to_owned(),
        ..Record::default()
    });
    let second = next().await.unwrap();
    assert_eq!(second["changed"].as_array().unwrap().len(), 1);
    assert_eq!(second["changed"][0]["id"], "2");
    store.close();
    assert_eq!(next().await.unwrap()["changed"], serde_json::json!([]));
    assert!(next().await.is_none());
}
