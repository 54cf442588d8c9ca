//! What is Google's alone: its metadata server, its own trace header, its proxies, its vectors.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar_hosts::client::raw;
use isobar_hosts::cloud_run::{Metadata, Service, Signature};
use isobar_hosts::local::Local;
use isobar_hosts::{Front, Launch, body};
use serde_json::Value;

use crate::host::{Answer, Host, Kind, get};
use crate::programs::program;

/// `mirror` takes events beside its HTTP: who may send them has to be said.
fn mirror() -> Launch {
    program("mirror").env("ISOBAR_EVENTS_AUTH", "iam")
}

async fn send(front: &dyn Front, request: http::request::Builder) -> Answer {
    Answer::read(
        front
            .send(request.body(body::empty()).unwrap())
            .await
            .unwrap(),
    )
    .await
}

#[tokio::test]
async fn the_metadata_server_is_asked_once_and_beside_the_first_request() {
    let metadata = Metadata::serve("my-project", "europe-west1").await.unwrap();
    let started = Service::new(mirror())
        .metadata(&metadata)
        .start()
        .await
        .unwrap();
    assert_eq!(metadata.asked(), 0, "it was asked before it was needed");
    let mut context = Value::Null;
    for _ in 0..50 {
        context = send(&*started.front, get("/x")).await.json()["context"].clone();
        if !context["account"].is_null() && !context["region"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        (&context["account"], &context["region"]),
        (&"my-project".into(), &"europe-west1".into())
    );
    assert_eq!(metadata.asked(), 2, "project and region, once each");
}

#[tokio::test]
async fn a_metadata_server_that_hangs_is_in_nobodys_way() {
    let metadata = Metadata::serve("p", "r").await.unwrap();
    metadata.hang(true);
    let started = Service::new(mirror())
        .metadata(&metadata)
        .start()
        .await
        .unwrap();
    let begun = Instant::now();
    assert_eq!(send(&*started.front, get("/x")).await.status, 200);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    let stopped = started.program.stop(Duration::from_secs(5)).await.unwrap();
    assert!(stopped.status.success());
}

#[tokio::test]
async fn googles_own_trace_header_has_a_decimal_span() {
    let host = Host::start(
        Kind::Local,
        mirror()
            .env("K_SERVICE", "x")
            .env("ISOBAR_ADDRESS", "127.0.0.1"),
    )
    .await;
    let header = "105445aa7843bc8bf206b12000100000/12084647744699216188;o=1";
    let seen = host
        .seen(get("/x").header("x-cloud-trace-context", header), "")
        .await;
    let wanted = "00-105445aa7843bc8bf206b12000100000-a7b54b18ba85b13c-01";
    assert_eq!(seen["context"]["traceparent"], wanted);
}

#[tokio::test]
async fn behind_a_load_balancer_the_client_is_one_further_left() {
    let host = Host::mirror_with(Kind::CloudRun, [("ISOBAR_PROXIES", "1")]).await;
    let request = get("/x").header("x-forwarded-for", "192.0.2.66, 198.51.100.9");
    assert_eq!(
        host.seen(request, "").await["context"]["client_ip"],
        "198.51.100.9"
    );
}

#[tokio::test]
async fn a_functions_variables_are_accepted() {
    let started = Service::new(mirror())
        .function("hello", Signature::Http)
        .start()
        .await
        .unwrap();
    let request = get("/x").header("function-execution-id", "abc123def456");
    let seen = send(&*started.front, request).await.json();
    assert_eq!(seen["context"]["provider"], "gcp");
}

#[tokio::test]
async fn the_timeout_that_the_platform_tells_is_the_deadline() {
    let started = Service::new(mirror())
        .timeout(Duration::from_secs(7))
        .start()
        .await
        .unwrap();
    let left = send(&*started.front, get("/x")).await.json()["context"]["time_left_ms"].as_u64();
    assert!(
        left.is_some_and(|left| left > 6000 && left < 7000),
        "{left:?}"
    );
}

#[tokio::test]
async fn only_http1_has_the_platforms_limit() {
    let over = vec![b'x'; (32 << 20) + 1];
    for (kind, status) in [(Kind::Knative, 413), (Kind::CloudRunHttp2, 200)] {
        let host = Host::mirror(kind).await;
        assert_eq!(
            host.send(crate::host::post("/count"), over.clone())
                .await
                .status,
            status
        );
    }
}

/// The vectors of Cloud Run, delivered byte for byte.
#[tokio::test]
async fn every_vector_holds() {
    let launch = mirror()
        .env("K_SERVICE", "mirror")
        .env("ISOBAR_ADDRESS", "127.0.0.1");
    let started = Local::start(launch).await.unwrap();
    let mut held = 0;
    for vector in crate::vectors::of("gcp-http") {
        let answer = deliver(started.front.address(), &vector["deliver"]).await;
        let wrong = crate::vectors::wrong(&vector, &answer);
        assert!(wrong.is_empty(), "{}: {wrong:?}", vector["name"]);
        held += 1;
    }
    assert!(held >= 4, "{held}");
}

pub(crate) async fn deliver(address: std::net::SocketAddr, native: &Value) -> raw::Answer {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let body = BASE64_STANDARD.decode(text(&native["body"])).unwrap();
    let mut head = format!(
        "{} {} HTTP/1.1\r\n",
        text(&native["method"]),
        text(&native["target"])
    );
    for pair in native["headers"].as_array().unwrap() {
        head.extend([
            &text(&pair[0]),
            ": ",
            &text(&pair[1]),
            "
",
        ]);
    }
    head.extend([
        "content-length: ",
        &body.len().to_string(),
        "

",
    ]);
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection
        .send([head.into_bytes(), body].concat())
        .await
        .unwrap();
    connection.answer().await.unwrap()
}
