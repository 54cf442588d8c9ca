//! The front end before a real program.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::time::timeout;

use super::{CloudRun, Service, Signature};
use crate::peer::{self, SOON, arrived, described, respond};
use crate::{Body, Front, Started, body};

async fn start() -> Started<CloudRun> {
    Service::new(peer::launch("PORT")).start().await.unwrap()
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(body::empty()).unwrap()
}

#[tokio::test]
async fn a_request_arrives_as_googles_front_end_sends_it() {
    let started = start().await.any();
    let target = "https://svc.a.run.app/a%2Fb?x=1&x=2&y";
    let got = described(started.front.send(get(target)).await.unwrap()).await;
    assert_eq!(got["target"], "/a%2Fb?x=1&x=2&y");
    assert_eq!(arrived(&got, "host"), ["svc.a.run.app"]);
    assert_eq!(arrived(&got, "x-forwarded-for"), ["203.0.113.7"]);
    assert_eq!(arrived(&got, "traceparent").len(), 1);
}

#[tokio::test]
async fn bodies_are_live_both_ways() {
    let started = start().await;
    let (mut feed, sent) = body::stream();
    let request = Request::post("/live").body(sent).unwrap();
    let response = started.front.send(request).await.unwrap();
    let mut got = response.into_body();
    for piece in ["one", "two"] {
        feed.send(piece).await.unwrap();
        let next = timeout(SOON, body::next(&mut got)).await.unwrap();
        assert_eq!(next.unwrap(), Some(Bytes::from(piece)));
    }
    drop(feed);
    assert_eq!(body::next(&mut got).await.unwrap(), None);
}

#[tokio::test]
async fn a_cookie_makes_an_answer_private() {
    let started = start().await;
    let request = respond(
        201,
        &[("set-cookie", "a=1"), ("set-cookie", "b=2")],
        b"\0\xff",
    );
    let response = started.front.send(request).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["cache-control"], "private");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(
        body::collect(response.into_body()).await.unwrap(),
        &b"\0\xff"[..]
    );
}

#[tokio::test]
async fn the_front_end_answers_for_itself() {
    let service = Service::new(peer::launch("PORT")).timeout(Duration::from_millis(300));
    let started = service.start().await.unwrap();
    let status = async |request| started.front.send(request).await.unwrap().status();
    assert_eq!(status(get("/healthz")).await, 404);
    assert_eq!(status(get("/slow")).await, 504);
    let long = body::full(vec![0; 33 * 1024 * 1024]);
    let long = Request::post("/")
        .header("content-length", 33 * 1024 * 1024)
        .body(long);
    assert_eq!(status(long.unwrap()).await, 413);
}

#[tokio::test]
async fn http2_and_functions_and_knative_have_names() {
    let service = Service::new(peer::launch("PORT").env("PEER_HTTP2", "1")).http2();
    let started = service.start().await.unwrap();
    let got = described(started.front.send(get("http://svc/x")).await.unwrap()).await;
    assert_eq!(got["authority"], "svc");
    assert!(started.front.capabilities().http2.yes());

    let function = Service::new(peer::launch("PORT")).function("f", Signature::CloudEvent);
    let started = function.start().await.unwrap();
    assert_eq!(started.front.name(), "cloud-run-function");
    let stopped = started.program.stop(SOON).await.unwrap();
    assert!(!stopped.killed);

    let knative = Service::new(peer::launch("PORT"))
        .knative()
        .start()
        .await
        .unwrap();
    let got = described(knative.front.send(get("/")).await.unwrap()).await;
    assert_eq!(arrived(&got, "k-proxy-request"), ["activator"]);
    assert!(arrived(&got, "traceparent").is_empty());
}
