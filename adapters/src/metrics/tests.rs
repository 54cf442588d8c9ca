//! The numbers of a dispatcher's invocations, as the page has them.

use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::task::Poll;

use isobar_core::{
    App, Batch, Body, Context, Dispatcher, Error, Event, IntoResponse, Message, MessageParts, Raw,
    Refusal, Request, StatusCode,
};
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use super::page;
use crate::config::Environment;
use crate::log::subscriber;

/// A subscriber as `start` installs it on this machine.
fn local(log: &str) -> Dispatch {
    let environment = Environment::of([("RUST_LOG", log), ("ISOBAR_HOST", "local")]);
    Dispatch::new(subscriber(&environment).0)
}

fn request(method: &str) -> Request {
    let request = http::Request::builder()
        .method(method)
        .uri("/_isobar/metrics");
    request.body(Body::empty()).unwrap()
}

/// The samples of the page, checked against the format: each has its family's head before it, once.
async fn samples(subscriber: &Dispatch) -> BTreeMap<String, String> {
    let page = with_default(subscriber, || page(&request("GET"))).unwrap();
    let form = page.headers()["content-type"].to_str().unwrap();
    assert_eq!(form, "text/plain; version=0.0.4; charset=utf-8");
    let bytes = axum::body::to_bytes(page.into_body(), 1 << 20)
        .await
        .unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.ends_with('\n'));
    let (mut samples, mut families) = (BTreeMap::new(), Vec::new());
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let (name, form) = head.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&form), "{line}");
            assert_eq!(form == "counter", name.ends_with("_total"), "{line}");
            assert!(!families.contains(&name), "{name} is there twice");
            families.push(name);
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = *families.last().unwrap();
            assert!(name.starts_with(family), "{line} is not in {family}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let known = samples.insert(name.to_owned(), value.to_owned());
            assert_eq!(known, None, "{line}");
        }
    }
    samples
}

async fn answer(handler: impl isobar_core::Handler, request: Request) {
    let response = Dispatcher::new(handler)
        .respond(&Context::default(), request, pending())
        .await;
    let _may_break_off = axum::body::to_bytes(response.into_body(), 1000).await;
}

fn block_on(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work);
}

fn invocations(outcome: &str, method: &str) -> String {
    format!(r#"isobar_invocations_total{{trigger="http",outcome="{outcome}",method="{method}"}}"#)
}

#[test]
fn requests_are_counted_by_outcome_and_method_whatever_is_logged() {
    async fn fails(_: Request) -> Result<&'static str, Error> {
        Err("no connection")?
    }
    for log in [
        "off",
        "isobar::access=off,isobar=off,isobar_core=off",
        "off,isobar::access=error",
    ] {
        let subscriber = local(log);
        with_default(&subscriber, || {
            block_on(async {
                answer(|_: Request| async { "hello" }, request("GET")).await;
                answer(|_: Request| async { "hello" }, request("MADE-UP")).await;
                answer(|_: Request| async { "hello" }, request("UP-MADE")).await;
                answer(fails, request("GET")).await;
                let samples = samples(&subscriber).await;
                assert_eq!(samples[&invocations("ok", "GET")], "1", "{log}");
                assert_eq!(samples[&invocations("ok", "_OTHER")], "2", "{log}");
                assert_eq!(samples[&invocations("error", "GET")], "1", "{log}");
                let count =
                    r#"isobar_invocation_duration_seconds_count{trigger="http",outcome="ok"}"#;
                let all = r#"isobar_invocation_duration_seconds_bucket{trigger="http",outcome="ok",le="+Inf"}"#;
                assert_eq!(samples[count], "3", "{log}");
                assert_eq!(samples[all], "3", "{log}");
                assert_eq!(samples["isobar_invocations_in_flight"], "0", "{log}");
            });
        });
    }
}

#[test]
fn what_is_in_flight_is_counted_until_it_is_over_or_its_client_gone() {
    let subscriber = local("off");
    with_default(&subscriber, || {
        block_on(async {
            let context = Context::default();
            let dispatcher = Dispatcher::new(|_: Request| pending::<&'static str>());
            let mut running = Box::pin(dispatcher.respond(&context, request("GET"), pending()));
            let polled = poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx).is_pending()));
            assert!(polled.await);
            let now = samples(&subscriber).await;
            assert_eq!(now["isobar_invocations_in_flight"], "1");
            drop(running);
            let then = samples(&subscriber).await;
            assert_eq!(then[&invocations("cancelled", "GET")], "1");
            // The context is still there, and its span with it.
            assert_eq!(then["isobar_invocations_in_flight"], "0");
            drop(context);
            let at_last = samples(&subscriber).await;
            assert_eq!(at_last["isobar_invocations_in_flight"], "0");
        });
    });
}

#[test]
fn a_batch_is_counted_with_its_size_and_what_failed() {
    let message = |data: &'static str| {
        Event::builder("orders", data, "arn:x", "com.example.message")
            .data("text/plain", data.to_owned())
            .message(MessageParts::default())
            .build()
    };
    let subscriber = local("off");
    with_default(&subscriber, || {
        block_on(async {
            let app =
                App::new().on_message("orders", async |message: Message<Raw>| {
                    match &*message.body().0 {
                        b"fail" => Err(Error::from("failed")),
                        _ => Ok(()),
                    }
                });
            let batch = Batch::new(vec![message("a"), message("fail"), message("b")]);
            let dispatcher = Dispatcher::new(app);
            dispatcher
                .deliver(&Context::default(), batch, pending())
                .await;
            let samples = samples(&subscriber).await;
            for (name, wanted) in [
                (
                    r#"isobar_invocations_total{trigger="message",outcome="partial",method=""}"#,
                    "1",
                ),
                (r#"isobar_batch_items_sum{trigger="message"}"#, "3"),
                (
                    r#"isobar_batch_items_bucket{trigger="message",le="2"}"#,
                    "0",
                ),
                (
                    r#"isobar_batch_items_bucket{trigger="message",le="5"}"#,
                    "1",
                ),
                (r#"isobar_failed_items_total{trigger="message"}"#, "1"),
                (r#"isobar_cold_starts_total{trigger="message"}"#, "0"),
                ("isobar_invocations_in_flight", "0"),
            ] {
                assert_eq!(samples[name], wanted, "{name}");
            }
        });
    });
}

#[test]
fn what_is_refused_is_counted_as_such() {
    let subscriber = local("off");
    with_default(&subscriber, || {
        block_on(async {
            let (put, context) = (request("PUT"), Context::default());
            let too_long = || Error::from_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
            let head = Some((put.method(), put.uri()));
            Refusal::begin().of_request(&context, head, too_long());
            Refusal::begin().of_invocation(&Context::default());
            let samples = samples(&subscriber).await;
            assert_eq!(samples[&invocations("refused", "PUT")], "1");
            let events = r#"isobar_invocations_total{trigger="event",outcome="error",method=""}"#;
            assert_eq!(samples[events], "1");
            assert_eq!(samples["isobar_invocations_in_flight"], "0");
        });
    });
}

#[test]
fn sixteen_at_once_are_all_counted() {
    let subscriber = local("off");
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                with_default(&subscriber, || {
                    block_on(async {
                        for _ in 0..100 {
                            answer(|_: Request| async { "hello" }, request("GET")).await;
                        }
                    });
                });
            });
        }
    });
    block_on(async {
        let samples = samples(&subscriber).await;
        assert_eq!(samples[&invocations("ok", "GET")], "1600");
        assert_eq!(samples["isobar_invocations_in_flight"], "0");
    });
}

#[test]
fn what_is_not_the_page_is_the_applications() {
    let subscriber = local("off");
    with_default(&subscriber, || {
        assert!(page(&request("HEAD")).is_some());
        assert!(page(&request("POST")).is_none());
        let other = http::Request::get("/_isobar/metrics/").body(()).unwrap();
        assert!(page(&other).is_none());
    });
    // A program with a subscriber of its own is not counted.
    let own = Dispatch::new(tracing_subscriber::registry());
    with_default(&own, || assert!(page(&request("GET")).is_none()));
}
