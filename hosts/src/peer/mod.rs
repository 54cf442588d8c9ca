//! A program for the tests of this crate: the test binary itself, started again.
//!
//! It serves what a platform's container would, and says what arrived.

mod handler;
mod runtime;

use std::convert::Infallible;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Body, Launch, body};

/// Starts the test binary as a program that serves on the port in this variable.
pub(crate) fn launch(port_variable: &str) -> Launch {
    let binary = std::env::current_exe().unwrap();
    let launch = Launch::new(binary).arg("--exact").arg("peer::program");
    launch.arg("--nocapture").env("PEER", port_variable)
}

/// Reads an answer that describes what arrived.
pub(crate) async fn described(response: Response<Body>) -> Value {
    let bytes = body::collect(response.into_body()).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{e}: {bytes:?}"))
}

/// A header that arrived, every value.
pub(crate) fn arrived<'a>(described: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = described["headers"].as_array().unwrap().iter();
    let of = headers.filter(|pair| pair[0] == name);
    of.map(|pair| pair[1].as_str().unwrap()).collect()
}

/// A request to be answered with this.
pub(crate) fn respond(status: u16, headers: &[(&str, &str)], bytes: &[u8]) -> Request<Body> {
    let bytes = STANDARD.encode(bytes);
    let script = json!({"status": status, "headers": headers, "body": bytes}).to_string();
    let request = Request::post("/respond").header("content-type", "application/json");
    request.body(body::full(script)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn program() {
    let Ok(variable) = std::env::var("PEER") else {
        return;
    };
    if variable == "AWS_LAMBDA_RUNTIME_API" {
        return runtime::run(&std::env::var(variable).unwrap()).await;
    }
    let port: u16 = std::env::var(variable).unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let http2 = std::env::var("PEER_HTTP2").is_ok();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (io, service) = (TokioIo::new(stream), service_fn(answer));
        if http2 {
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(io, service));
        } else {
            let server = hyper::server::conn::http1::Builder::new();
            tokio::spawn(server.serve_connection(io, service).with_upgrades());
        }
    }
}

async fn answer(mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    if request.uri().path() == "/upgrade" {
        tokio::spawn(echo_upgraded(hyper::upgrade::on(&mut request)));
        let response = Response::builder()
            .status(101)
            .header("connection", "upgrade");
        let response = response.header("upgrade", "websocket");
        return Ok(response.body(body::empty()).unwrap());
    }
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let end = path.rsplit('/').next().unwrap();
    match end {
        "slow" => std::future::pending::<()>().await,
        "exit" => exit(
            parts
                .uri
                .query()
                .unwrap()
                .trim_end_matches('=')
                .parse()
                .unwrap(),
        ),
        "live" => return Ok(Response::new(echo_live(body))),
        _ => {}
    }
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let bytes = bytes.unwrap_or_default();
    if let Some(answer) = handler::answer(&parts.headers, &bytes) {
        return Ok(answer);
    }
    if end == "respond" {
        return Ok(scripted(&serde_json::from_slice(&bytes).unwrap()));
    }
    let headers = parts.headers.iter();
    let headers: Vec<_> = headers
        .map(|(n, v)| (n.as_str(), v.to_str().unwrap()))
        .collect();
    let said = json!({
        "method": parts.method.as_str(),
        "target": parts.uri.path_and_query().unwrap().as_str(),
        "authority": parts.uri.authority().map(ToString::to_string),
        "headers": headers,
        "body": String::from_utf8_lossy(&bytes),
    });
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(body::full(said.to_string())).unwrap())
}

#[expect(clippy::exit, reason = "this program is the one whose end is watched")]
fn exit(code: i32) -> ! {
    std::process::exit(code)
}

/// Gives back all bytes of whatever protocol comes after HTTP.
async fn echo_upgraded(upgrade: hyper::upgrade::OnUpgrade) {
    let (mut read, mut write) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
    tokio::io::copy(&mut read, &mut write).await.unwrap();
}

/// Gives each piece back as it comes.
fn echo_live(mut from: Incoming) -> Body {
    let (mut feed, body) = body::stream();
    tokio::spawn(async move {
        while let Some(Ok(frame)) = from.frame().await {
            feed.send(frame.into_data().unwrap()).await.unwrap();
        }
    });
    body
}

fn scripted(script: &Value) -> Response<Body> {
    let status = u16::try_from(script["status"].as_u64().unwrap()).unwrap();
    let mut response = Response::builder().status(status);
    for pair in script["headers"].as_array().unwrap() {
        response = response.header(pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    }
    let bytes = STANDARD.decode(script["body"].as_str().unwrap()).unwrap();
    response.body(body::full(Bytes::from(bytes))).unwrap()
}

/// Long enough for what should happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(10);
