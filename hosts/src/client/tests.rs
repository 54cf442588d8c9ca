//! The client against small servers in this process.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::{Client, raw};
use crate::{Body, Error, body};

/// Answers with what it was asked: method, target, host, and the body after them.
async fn echo(request: Request<Incoming>) -> Result<Response<Body>, Error> {
    let host = request.headers().get("host").cloned();
    let host = host.map(|host| host.to_str().unwrap().to_owned());
    let host = host.or_else(|| request.uri().authority().map(ToString::to_string));
    let target = request.uri().path_and_query().unwrap().to_string();
    let about = format!("{} {target} {} ", request.method(), host.unwrap());
    let all = request.into_body().collect().await?.to_bytes();
    let parts = [Bytes::from(about), all];
    Ok(Response::new(body::chunks(
        parts.into_iter().filter(|part| !part.is_empty()),
    )))
}

async fn server(http2: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let io = TokioIo::new(stream);
            let service = service_fn(echo);
            if http2 {
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                tokio::spawn(server.serve_connection(io, service));
            } else {
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(server.serve_connection(io, service));
            }
        }
    });
    address
}

#[tokio::test]
async fn requests_in_a_row_share_a_connection() {
    let client = Client::connect(server(false).await).await.unwrap();
    for _ in 0..20 {
        let request = Request::post("http://example.org/a?b").body(body::full("c"));
        let response = client.send(request.unwrap()).await.unwrap();
        let all = body::collect(response.into_body()).await.unwrap();
        assert_eq!(all, "POST /a?b example.org c");
    }
    assert_eq!(client.opened(), 1);
}

#[tokio::test]
async fn requests_at_once_get_connections_of_their_own() {
    let client = Client::connect(server(false).await).await.unwrap();
    let get = || client.send(Request::get("/").body(body::empty()).unwrap());
    let (a, b) = tokio::try_join!(get(), get()).unwrap();
    assert_eq!(client.opened(), 2);
    drop((a, b));
}

#[tokio::test]
async fn http2_streams_a_body() {
    let client = Client::connect_h2c(server(true).await).await.unwrap();
    let request =
        Request::put("http://example.org/x").body(body::chunks(["1", "2"].map(Bytes::from)));
    let response = client.send(request.unwrap()).await.unwrap();
    let all = body::collect(response.into_body()).await.unwrap();
    assert_eq!(all, "PUT /x example.org 12");
}

#[tokio::test]
async fn raw_bytes_go_out_as_they_are() {
    let mut connection = raw::Connection::open(server(false).await).await.unwrap();
    let bad = connection
        .send("GET /a b HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    bad.unwrap();
    assert_eq!(connection.answer().await.unwrap().status, 400);
    assert!(connection.rest().await.unwrap().is_empty());

    let mut connection = raw::Connection::open(server(false).await).await.unwrap();
    let post = b"POST /x HTTP/1.1\r\nHost: h\r\ncontent-length: 2\r\n\r\nhi";
    let slowly = connection.send_slowly(post, 7, std::time::Duration::from_millis(1));
    slowly.await.unwrap();
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.chunks, ["POST /x h ", "hi"]);
    assert_eq!(
        answer.header("Transfer-Encoding").as_deref(),
        Some("chunked")
    );
}
