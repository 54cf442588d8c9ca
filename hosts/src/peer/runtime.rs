//! The peer as a Lambda function: it does what its event says.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::raw::Connection;

/// Handles events until the host is gone.
pub(super) async fn run(api: &str) {
    let api = api.strip_prefix("http://").unwrap_or(api);
    let (address, prefix) = api
        .split_once('/')
        .map_or((api, String::new()), |(address, path)| {
            (address, format!("/{path}"))
        });
    let base = format!("{prefix}/2018-06-01/runtime");
    let mut connection = Connection::open(address.parse().unwrap()).await.unwrap();
    if let Ok(message) = std::env::var("PEER_INIT_ERROR") {
        let head = "lambda-runtime-function-error-type: Runtime.InitFailed\r\n";
        post(
            &mut connection,
            &format!("{base}/init/error"),
            head,
            &json!({"errorMessage": message}).to_string(),
        )
        .await;
        return;
    }
    if std::env::var("PEER_EXTENSION").is_ok() {
        extension(address.to_owned()).await;
    }
    loop {
        let get = format!("GET {base}/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n");
        connection.send(get).await.unwrap();
        let Ok(next) = connection.answer().await else {
            return;
        };
        let id = next.header("lambda-runtime-aws-request-id").unwrap();
        let event: Value = serde_json::from_slice(&next.body()).unwrap();
        answer(&mut connection, &format!("{base}/invocation/{id}"), &event).await;
    }
}

/// Registers an extension of no events, so that SIGTERM is sent; its default action is the end.
async fn extension(address: String) {
    let mut connection = Connection::open(address.parse().unwrap()).await.unwrap();
    let register = "POST /2020-01-01/extension/register HTTP/1.1\r\nhost: x\r\n\
        lambda-extension-name: peer\r\ncontent-length: 13\r\n\r\n{\"events\":[]}";
    connection.send(register).await.unwrap();
    let registered = connection.answer().await.unwrap();
    let id = registered.header("lambda-extension-identifier").unwrap();
    let next = format!(
        "GET /2020-01-01/extension/event/next HTTP/1.1\r\nhost: x\r\nlambda-extension-identifier: {id}\r\n\r\n"
    );
    connection.send(next).await.unwrap();
    tokio::spawn(async move {
        // parked as long as the program lives
        let _parked = connection;
        std::future::pending::<()>().await;
    });
}

async fn answer(connection: &mut Connection, base: &str, event: &Value) {
    if let Some(code) = event["exit"].as_i64() {
        super::exit(i32::try_from(code).unwrap());
    }
    if let Some(millis) = event["sleep"].as_u64() {
        sleep(Duration::from_millis(millis)).await;
    }
    let said = body(event);
    let path = ["path", "rawPath", "raw_path"]
        .iter()
        .find_map(|name| event[*name].as_str());
    match path.map(|path| path.rsplit('/').next().unwrap()) {
        Some("respond") => {
            post(connection, &format!("{base}/response"), "", &said).await;
        }
        Some("stream") => stream(connection, base, &said).await,
        Some("fail") => {
            let head = "lambda-runtime-function-error-type: Function.Failed\r\n";
            post(
                connection,
                &format!("{base}/error"),
                head,
                r#"{"errorMessage":"no"}"#,
            )
            .await;
        }
        Some(_) => {
            let headers = json!({"content-type": "application/json"});
            let described =
                json!({"statusCode": 200, "headers": headers, "body": event.to_string()});
            let mut described = described;
            if event["multiValueHeaders"].is_object() && event["headers"].is_null() {
                described["multiValueHeaders"] = json!({"content-type": ["application/json"]});
                described.as_object_mut().unwrap().remove("headers");
            }
            post(
                connection,
                &format!("{base}/response"),
                "",
                &described.to_string(),
            )
            .await;
        }
        None => {
            post(
                connection,
                &format!("{base}/response"),
                "",
                &event.to_string(),
            )
            .await;
        }
    }
}

/// The body of an HTTP event, as text.
fn body(event: &Value) -> String {
    let body = event["body"].as_str().unwrap_or_default();
    let encoded = ["isBase64Encoded", "is_base64_encoded"]
        .iter()
        .any(|name| event[*name] == true);
    if !encoded {
        return body.to_owned();
    }
    String::from_utf8(STANDARD.decode(body).unwrap()).unwrap()
}

async fn post(connection: &mut Connection, path: &str, headers: &str, body: &str) {
    let length = body.len();
    let post = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    connection.send(post).await.unwrap();
    connection.answer().await.unwrap();
}

/// Streams what the JSON list says, a chunk an element; one that begins with `!` is an error in
/// the trailers, one of digits a pause in milliseconds.
async fn stream(connection: &mut Connection, base: &str, script: &str) {
    let head = format!(
        "POST {base}/response HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\
         lambda-runtime-function-response-mode: streaming\r\n\
         content-type: application/vnd.awslambda.http-integration-response\r\n\r\n"
    );
    connection.send(head).await.unwrap();
    let chunks: Vec<String> = serde_json::from_str(script).unwrap();
    let mut trailers = String::new();
    for chunk in chunks {
        if let Some(error) = chunk.strip_prefix('!') {
            trailers = format!("lambda-runtime-function-error-type: {error}\r\n");
        } else if let Ok(millis) = chunk.parse() {
            sleep(Duration::from_millis(millis)).await;
        } else {
            let chunk = format!("{:x}\r\n{chunk}\r\n", chunk.len());
            connection.send(chunk).await.unwrap();
        }
    }
    connection
        .send(format!("0\r\n{trailers}\r\n"))
        .await
        .unwrap();
    connection.answer().await.unwrap();
}
