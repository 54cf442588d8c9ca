//! Each trigger: a table of what its source sends, and of what becomes of it.

#![expect(
    clippy::needless_pass_by_value,
    clippy::panic_in_result_fn,
    reason = "documents are written where they are used, and a test fails by panicking"
)]

mod answers;
mod batches;
mod changes;
mod refused;
mod single;
mod wrapped;

use bytestring::ByteString;
use isobar_core::{Event, Outcome, Reply};
use serde_json::{Value, json};

use super::Delivery;
use crate::aws::context::Call;
use crate::aws::incoming::{self, Incoming, Refused};
use crate::aws::settings::{Options, Settings};
use crate::config::Environment;

fn call() -> Call {
    let fields: [(&str, &[u8]); 2] = [
        ("lambda-runtime-aws-request-id", b"r-1"),
        (
            "lambda-runtime-invoked-function-arn",
            b"arn:aws:lambda:eu-west-1:123456789012:function:price:live",
        ),
    ];
    Call::read(fields.into_iter(), std::time::SystemTime::now()).unwrap()
}

fn try_decode<const N: usize>(
    payload: &str,
    variables: [(&str, &str); N],
) -> Result<(ByteString, Delivery), Refused> {
    let settings = Settings::new(&Environment::of(variables), &Options::default()).unwrap();
    let payload = ByteString::from(payload);
    match incoming::decode(&payload, &settings, &call())? {
        Incoming::Events(delivery) => Ok((payload, delivery)),
        Incoming::Request(request) => panic!("no events, but {request:?}"),
    }
}

fn delivery(payload: &Value) -> Delivery {
    try_decode(&payload.to_string(), []).unwrap().1
}

fn events(payload: &Value) -> Vec<Event> {
    delivery(payload).batch.events
}

fn only(payload: &Value) -> Event {
    let mut events = events(payload);
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

fn refusal(payload: &Value) -> String {
    match try_decode(&payload.to_string(), []) {
        Err(Refused::Foreign(what)) => what.into_owned(),
        Err(Refused::Event(malformed)) => malformed.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A queue's message; `more` replaces members.
fn sqs(id: &str, body: &str, more: Value) -> Value {
    let record = json!({
        "messageId": id, "receiptHandle": "AQEB", "body": body,
        "attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1545082649183"},
        "messageAttributes": {}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:orders",
    });
    with(record, more)
}

/// A message of a FIFO queue.
fn fifo(id: &str, group: &str, body: &str) -> Value {
    sqs(
        id,
        body,
        json!({
            "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:orders.fifo",
            "attributes": {"MessageGroupId": group, "SequenceNumber": "18"},
        }),
    )
}

fn s3(key: &str, name: &str) -> Value {
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-2",
        "eventTime": "2019-09-03T19:37:27.192Z", "eventName": name,
        "responseElements": {"x-amz-request-id": "D82B", "x-amz-id-2": "vlR7"},
        "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "size": 1_305_107,
            "eTag": "b21b", "versionId": "v1", "sequencer": "0C0F"}},
    })
}

fn notification(message: &str) -> Value {
    json!({
        "Type": "Notification", "MessageId": "95df", "Message": message, "Subject": "Hi",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:news",
        "Timestamp": "2019-01-02T12:45:07.000Z",
        "MessageAttributes": {"k": {"Type": "String", "Value": "v"}},
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:news:21be",
    })
}

fn eventbridge(source: &str, ty: &str, resources: Value, detail: Value) -> Value {
    json!({
        "version": "0", "id": "53dc", "detail-type": ty, "source": source,
        "account": "123456789012", "time": "2015-10-08T16:53:06Z", "region": "us-east-1",
        "resources": resources, "detail": detail,
    })
}

fn kinesis(sequence: &str, data: &str) -> Value {
    json!({
        "kinesis": {"partitionKey": "p1", "sequenceNumber": sequence, "data": data,
            "approximateArrivalTimestamp": 1_545_084_650.987},
        "eventSource": "aws:kinesis", "eventID": format!("shardId-000000000006:{sequence}"),
        "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/clicks",
    })
}

fn records(records: Vec<Value>) -> Value {
    json!({ "Records": records })
}

fn with(mut value: Value, more: Value) -> Value {
    match (&mut value, more) {
        (Value::Object(map), Value::Object(more)) => {
            for (key, more) in more {
                let old = map.remove(&key).unwrap_or_default();
                let new = if old.is_object() {
                    with(old, more)
                } else {
                    more
                };
                map.insert(key, new);
            }
            value
        }
        (_, more) => more,
    }
}

/// Outcomes by a letter each: done, retry, dropped, not tried.
fn outcomes(letters: &str) -> Vec<Outcome> {
    let error = || {
        std::sync::Arc::new(isobar_core::Error::new(
            isobar_core::StatusCode::CONFLICT,
            "sold out",
        ))
    };
    letters
        .chars()
        .map(|letter| match letter {
            'd' => Outcome::Done(Reply::default()),
            'r' => Outcome::Retry(error()),
            'x' => Outcome::Dropped(error()),
            _ => Outcome::NotTried,
        })
        .collect()
}

/// The answer, or the type and message of the failure.
fn answer(delivery: &Delivery, letters: &str) -> Result<Value, (String, String)> {
    let mut out = b"before".to_vec();
    match delivery
        .tell
        .write(&outcomes(letters), b"\"own\"", &mut out)
    {
        Ok(()) => Ok(serde_json::from_slice(&out).unwrap()),
        Err(failure) => Err((
            failure.error_type.to_owned(),
            failure.error_message.into_owned(),
        )),
    }
}

fn failures(ids: &[Value]) -> Value {
    let list: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({ "batchItemFailures": list })
}
