use serde_json::json;

use crate::host::{Host, Kind, get, post};
use crate::programs::program;

async fn app(kind: Kind) -> Host {
    Host::start(kind, program("axum-app")).await
}

pub(crate) async fn state_path_and_json_work(kind: Kind) {
    let host = app(kind).await;
    let todo = json!({"text": "buy milk", "done": false});
    let request = post("/todos").header("content-type", "application/json");
    let answer = host.send(request, r#"{"text":"buy milk"}"#).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (201, todo.clone()));
    assert_eq!(host.get("/todos/0").await.json(), todo);
    assert_eq!(host.get("/todos/1").await.status, 404);
    assert_eq!(host.get("/todos").await.json(), json!([todo]));
    // axum's own rejection, and its own 404 and 405
    let wrong = post("/todos").header("content-type", "application/json");
    assert_eq!(host.send(wrong, "{").await.status, 400);
    assert_eq!(host.get("/nowhere").await.status, 404);
    assert_eq!(host.get("/echo").await.status, 405);
}

pub(crate) async fn an_echo_keeps_its_content_type(kind: Kind) {
    let host = app(kind).await;
    let answer = host
        .send(post("/echo").header("content-type", "text/csv"), "a,b\r\n")
        .await;
    assert_eq!(answer.text(), "a,b\r\n");
    assert!(
        answer.all("content-type").join("").starts_with("text/csv"),
        "{answer:?}"
    );
}

pub(crate) async fn a_layer_works(kind: Kind) {
    let host = app(kind).await;
    let answer = host.get("/ticks").await;
    assert_eq!(answer.all("x-served-by"), ["axum"]);
    assert_eq!(answer.text(), "tick 1\ntick 2\ntick 3\n");
}

pub(crate) async fn a_websocket_works(kind: Kind) {
    let host = app(kind).await;
    let request = get("/socket")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let response = host
        .front
        .send(request.body(isobar_hosts::body::empty()).unwrap())
        .await;
    if host.can.websocket.yes() {
        let response = response.unwrap();
        assert_eq!(response.status(), 101);
        assert_eq!(
            response.headers()["sec-websocket-accept"],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        echo_a_frame(isobar_hosts::client::upgrade(response).await.unwrap()).await;
    } else {
        let status = response.map_or(400, |response| response.status().as_u16());
        assert!(status >= 400, "{status}");
    }
}

/// Sends `hi` as a masked text frame, and reads it back unmasked.
async fn echo_a_frame(upgraded: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut upgraded = upgraded;
    upgraded
        .write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i'])
        .await
        .unwrap();
    upgraded.flush().await.unwrap();
    let mut frame = [0; 4];
    upgraded.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame, [0x81, 2, b'h', b'i']);
}
