//! What each source of Lambda's hears of its events, over real sockets.

use std::time::Duration;

use isobar_hosts::Launch;
use isobar_hosts::lambda::{Answer, Function, Invocation, Kind, Sandbox};
use serde_json::{Value, json};

async fn started(variables: &[(&str, &str)]) -> Sandbox {
    let mut launch = Launch::new(env!("CARGO_BIN_EXE_handled")).env("RUST_BACKTRACE", "0");
    for (name, value) in variables {
        launch = launch.env(name, value);
    }
    let function = Function::new(launch).timeout(Duration::from_secs(5));
    function.start().await.unwrap()
}

async fn invoke(sandbox: &Sandbox, payload: &Value) -> Answer {
    sandbox
        .invoke(Invocation::new(payload.to_string()))
        .await
        .unwrap()
}

async fn answer(sandbox: &Sandbox, payload: &Value) -> Value {
    let answer = invoke(sandbox, payload).await;
    assert_eq!(answer.kind, Kind::Response, "{answer:?}");
    answer.json()
}

/// What the handlers were given since this was last asked.
async fn handled(sandbox: &Sandbox) -> Value {
    answer(sandbox, &json!({"what": "was handled"})).await
}

fn queue(name: &str, messages: &[(&str, &str, &str)]) -> Value {
    let record = |(id, group, body): &(&str, &str, &str)| {
        json!({
            "messageId": id, "body": body, "eventSource": "aws:sqs",
            "attributes": {"MessageGroupId": group, "SentTimestamp": "1545082649183"},
            "eventSourceARN": format!("arn:aws:sqs:eu-west-1:1:{name}"),
        })
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

fn shard(data: &[&str]) -> Value {
    use base64::Engine;
    let record = |(place, data): (usize, &&str)| {
        let data = base64::prelude::BASE64_STANDARD.encode(data);
        json!({
            "kinesis": {"partitionKey": "p", "sequenceNumber": place.to_string(), "data": data},
            "eventSource": "aws:kinesis", "eventID": format!("shardId-0:{place}"),
            "eventSourceARN": "arn:aws:kinesis:eu-west-1:1:stream/clicks",
        })
    };
    json!({"Records": data.iter().enumerate().map(record).collect::<Vec<_>>()})
}

fn failures(ids: &[&str]) -> Value {
    let list: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({ "batchItemFailures": list })
}

#[tokio::test]
async fn a_queue_gets_back_what_failed_and_nothing_else() {
    let sandbox = started(&[]).await;
    let batch = [
        ("m1", "", "ok"),
        ("m2", "", "fail"),
        ("m3", "", "panic"),
        ("m4", "", "never"),
        ("m5", "", "ok"),
    ];
    let got = answer(&sandbox, &queue("orders", &batch)).await;
    assert_eq!(got, failures(&["m2", "m3"]));
    assert_eq!(handled(&sandbox).await.as_array().unwrap().len(), 5);
    assert_eq!(sandbox.starts().await, 1);
}

#[tokio::test]
async fn a_fifo_group_stops_at_its_failure() {
    let sandbox = started(&[]).await;
    let batch = [
        ("m1", "A", "a1"),
        ("m2", "B", "b1"),
        ("m3", "A", "a2 fail"),
        ("m4", "A", "a3"),
        ("m5", "B", "b2"),
    ];
    let got = answer(&sandbox, &queue("orders.fifo", &batch)).await;
    assert_eq!(got, failures(&["m3", "m4"]));
    let all = handled(&sandbox).await;
    let of = |group: char| {
        let all = all.as_array().unwrap().iter();
        let all = all.map(|data| data.as_str().unwrap());
        all.filter(|data| data.starts_with(group))
            .collect::<Vec<_>>()
    };
    assert_eq!(of('a'), ["a1", "a2 fail"]);
    assert_eq!(of('b'), ["b1", "b2"]);
}

#[tokio::test]
async fn a_shard_stops_at_its_failure_and_is_told_where() {
    let sandbox = started(&[]).await;
    let got = answer(&sandbox, &shard(&["a", "never", "b", "fail", "c"])).await;
    assert_eq!(got, failures(&["3"]));
    assert_eq!(handled(&sandbox).await, json!(["a", "never", "b", "fail"]));
}

#[tokio::test]
async fn past_the_deadline_what_was_not_done_comes_again() {
    let sandbox = started(&[
        ("ISOBAR_DEADLINE", "0.5"),
        ("ISOBAR_EVENT_CONCURRENCY", "2"),
    ])
    .await;
    let batch = [
        ("m1", "", "ok"),
        ("m2", "", "slow"),
        ("m3", "", "slow"),
        ("m4", "", "ok"),
    ];
    let got = answer(&sandbox, &queue("orders", &batch)).await;
    assert_eq!(got, failures(&["m2", "m3", "m4"]));
    assert_eq!(handled(&sandbox).await, json!(["ok", "slow", "slow"]));
    assert_eq!(sandbox.starts().await, 1);
}

#[tokio::test]
async fn without_item_failures_one_failure_is_that_of_the_invocation() {
    let sandbox = started(&[("ISOBAR_BATCH_ITEM_FAILURES", "0")]).await;
    let batch = queue("orders", &[("m1", "", "ok"), ("m2", "", "fail")]);
    let got = invoke(&sandbox, &batch).await;
    assert_eq!(
        (got.kind, &*got.error_type),
        (Kind::Error, "Function.HandlerError")
    );
    let message = got.json()["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.starts_with("1 of 2 events failed"), "{message}");
    // the cause is the log's
    assert!(!message.contains("as asked for"), "{message}");
}

#[tokio::test]
async fn an_asynchronous_source_gets_a_failed_invocation() {
    let sandbox = started(&[]).await;
    let object = |key: &str| {
        json!({"Records": [{
            "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1",
            "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "sequencer": "1"}},
        }]})
    };
    assert_eq!(answer(&sandbox, &object("photo")).await, Value::Null);
    assert_eq!(answer(&sandbox, &object("never")).await, Value::Null);
    for key in ["fail", "panic"] {
        let got = invoke(&sandbox, &object(key)).await;
        assert_eq!(
            (got.kind, &*got.error_type),
            (Kind::Error, "Function.HandlerError")
        );
    }
}

#[tokio::test]
async fn what_no_handler_takes_comes_again_and_the_log_lists_those_there_are() {
    let sandbox = started(&[]).await;
    let got = answer(&sandbox, &queue("invoices", &[("m1", "", "ok")])).await;
    assert_eq!(got, failures(&["m1"]));
    assert_eq!(handled(&sandbox).await, json!([]));
    let log = sandbox.program().lines();
    let log = format!("{log:?}");
    for wanted in ["no handler for message", "invoices", "orders*", "uploads"] {
        assert!(log.contains(wanted), "{wanted} is not in {log}");
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_never_a_success() {
    let sandbox = started(&[]).await;
    let mut batch = queue("orders", &[("m1", "", "ok"), ("m2", "", "")]);
    batch["Records"][1]["body"] = json!(null);
    assert_eq!(answer(&sandbox, &batch).await, failures(&["m2"]));
    for payload in [
        json!({"Records": []}),
        json!({"Records": [{"eventSource": "aws:new"}]}),
        json!({"eventSource": "aws:kafka"}),
        json!({"awslogs": {"data": "AAAA"}}),
    ] {
        let got = invoke(&sandbox, &payload).await;
        assert_eq!(
            (got.kind, &*got.error_type),
            (Kind::Error, "Runtime.InvalidEvent")
        );
    }
    let got = sandbox.invoke(Invocation::new("{")).await.unwrap();
    assert_eq!(&*got.error_type, "Runtime.InvalidEvent");
    assert_eq!(handled(&sandbox).await, json!(["ok"]));
    assert_eq!(sandbox.starts().await, 1);
}
