//! What a batch of ten thousand messages costs, beside parsing it with `aws_lambda_events` alone.
//!
//! `cargo test --release -p isobar --features translate --test aws_batch -- --ignored --nocapture`

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it did"
)]
#![cfg(target_os = "linux")]

use std::fmt::Write;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use axum::extract::State;
use bytes::Bytes;
use http::HeaderMap;
use isobar::aws::translate::{Deployment, Incoming, deliver};
use isobar::{App, Context, Dispatcher, Message, Result};
use serde::Deserialize;

const MESSAGES: usize = 10_000;

/// A batch as the service sends it: each message has a body of 100 bytes and an attribute. It is
/// written piece by piece, since what its making left free would hide what is used later.
fn batch() -> Bytes {
    let (handle, note) = (
        "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(2),
        "x".repeat(55),
    );
    let mut batch = String::with_capacity(8 << 20);
    batch.push_str("{\"Records\":[");
    for n in 0..MESSAGES {
        let seats = n % 7;
        let body =
            format!(r#"{{\"seats\":{seats},\"customer\":\"c-{n:08}\",\"note\":\"{note}\"}}"#);
        assert_eq!(body.len() - body.matches('\\').count(), 100);
        let comma = if n > 0 { "," } else { "" };
        write!(
            batch,
            r#"{comma}{{"messageId":"059f36b4-87a3-44ab-83d2-{n:012}","receiptHandle":"{handle}","body":"{body}","attributes":{{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183","SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"}},"messageAttributes":{{"tenant":{{"stringValue":"acme","stringListValues":[],"binaryListValues":[],"dataType":"String"}}}},"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:orders","awsRegion":"us-east-2"}}"#
        )
        .unwrap();
    }
    batch.push_str("]}");
    batch.into()
}

#[derive(Deserialize)]
struct Order {
    seats: usize,
    customer: String,
}

async fn take(
    State(seats): State<Arc<AtomicUsize>>,
    order: Message<Order>,
    context: Context,
) -> Result<()> {
    assert_eq!(order.attribute("tenant"), Some("acme"));
    assert!(!context.request_id().is_empty() && !order.body().customer.is_empty());
    seats.fetch_add(order.body().seats, Ordering::Relaxed);
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn headers() -> HeaderMap {
    let id = (
        "lambda-runtime-aws-request-id".parse().unwrap(),
        "r-1".parse().unwrap(),
    );
    [id].into_iter().collect()
}

async fn delivered(dispatcher: &Dispatcher, payload: Bytes) -> Vec<u8> {
    let deployment = Deployment::new([]).unwrap();
    match deployment.decode(payload, &headers()).unwrap() {
        Incoming::Events(events) => {
            let answer = deliver(dispatcher, *events, std::future::pending());
            answer.await.unwrap()
        }
        _ => Vec::new(),
    }
}

/// Nanoseconds that this thread was on a processor.
fn processor_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// The least of many runs of each, in turn: what the machine does beside it only adds.
fn least<const N: usize>(mut runs: [&mut dyn FnMut(); N]) -> [u64; N] {
    let mut least = [u64::MAX; N];
    for _ in 0..60 {
        for (least, run) in least.iter_mut().zip(&mut runs) {
            let before = processor_time();
            run();
            *least = (*least).min(processor_time() - before);
        }
    }
    least
}

fn memory(which: &str) -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(which)).unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

#[test]
#[ignore = "it measures; of use in a release build alone"]
fn a_batch_costs_no_more_than_parsing_it_with_the_events_crate_alone() {
    let payload = batch();
    let seats = Arc::new(AtomicUsize::new(0));
    let app = App::with_state(Arc::clone(&seats)).on_message("orders", take);
    let (dispatcher, runtime) = (Dispatcher::new(app), runtime());
    // the peak of resident memory begins anew
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let answer = runtime.block_on(delivered(&dispatcher, payload.clone()));
    let beside = memory("VmHWM") - before;
    let answer = String::from_utf8(answer).unwrap();
    let begins: String = answer.chars().take(40).collect();
    assert_eq!(begins, r#"{"batchItemFailures":[]}"#);

    let [theirs, ours, parse] = least([
        &mut || {
            let event: SqsEvent = serde_json::from_slice(&payload).unwrap();
            assert_eq!(event.records.len(), MESSAGES);
        },
        &mut || {
            let answer = runtime.block_on(delivered(&dispatcher, payload.clone()));
            assert_eq!(answer.len(), 24);
        },
        &mut || {
            let deployment = Deployment::new([]).unwrap();
            let _events = deployment.decode(payload.clone(), &headers()).unwrap();
        },
    ]);
    let each = |time: u64| time / 10_000;
    println!(
        "{} kB: {} ns a message in all, {} of it to parse; aws_lambda_events alone {}; {} kB beside the payload",
        payload.len() / 1000,
        each(ours),
        each(parse),
        each(theirs),
        beside / 1000,
    );
    assert!(ours <= theirs, "{ours} ns, theirs {theirs}");
    assert!(
        beside * 2 <= payload.len() * 3,
        "{beside} bytes beside {}",
        payload.len()
    );
}

#[test]
fn handlers_at_work_reach_the_limit_and_never_pass_it() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let app = App::new().on_message("orders", async || {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_micros(100)).await;
        NOW.fetch_sub(1, Ordering::SeqCst);
    });
    let dispatcher = Dispatcher::new(app);
    runtime().block_on(delivered(&dispatcher, batch()));
    assert_eq!(MOST.load(Ordering::SeqCst), 32);
}
