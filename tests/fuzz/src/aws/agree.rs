//! Two readers of the same thing: what `aws_lambda_events` reads of a batch, ours reads too.
//!
//! Ours is lenient where theirs is strict, so only what both have read is compared.

use aws_lambda_events::dynamodb::Event as DynamoDb;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::SqsEvent;
use isobar::{Change, Event, Message, Object, Raw};
use serde_json::Value;

/// Compares events with what the events crate reads, if they are of a source that it knows.
pub(super) fn look(data: &[u8], events: &[Event]) {
    let Some(first) = events.first() else { return };
    let all = |prefix: &str| events.iter().all(|event| event.ty().starts_with(prefix));
    match first.ty() {
        "com.amazonaws.sqs.message" if all("com.amazonaws.sqs.message") => sqs(data, events),
        "com.amazonaws.sns.message" | "com.amazonaws.sns.notification" => sns(data, events),
        "com.amazonaws.kinesis.record" => kinesis(data, events),
        ty if ty.starts_with("com.amazonaws.dynamodb.") => dynamodb(data, events),
        ty if ty.starts_with("com.amazonaws.s3.") => s3(data, events),
        _ => {}
    }
}

fn message(event: &Event) -> Message<Raw> {
    Message::of(event).unwrap().unwrap()
}

/// Records that ours cannot read are failed one by one, and no events: there are never more.
fn as_many(events: &[Event], records: usize) -> bool {
    assert!(events.len() <= records, "{} of {records}", events.len());
    events.len() == records
}

/// `None` stands for an empty text as well.
fn said(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn sqs(data: &[u8], events: &[Event]) {
    let Ok(theirs) = serde_json::from_slice::<SqsEvent>(data) else {
        return;
    };
    if theirs
        .records
        .iter()
        .any(|r| said(&r.event_source) != "aws:sqs")
    {
        return;
    }
    if !as_many(events, theirs.records.len()) {
        return;
    }
    for (event, record) in events.iter().zip(&theirs.records) {
        let message = message(event);
        assert_eq!(event.id(), said(&record.message_id));
        assert_eq!(&*message.body().0, said(&record.body).as_bytes());
        for (name, attribute) in record.message_attributes.iter().take(32) {
            if let (Some(value), Some("String")) =
                (&attribute.string_value, attribute.data_type.as_deref())
            {
                assert_eq!(message.attribute(name), Some(&**value), "{name}");
            }
        }
        // Groups of other queues are no order.
        let is_fifo = said(&record.event_source_arn).ends_with(".fifo");
        let group = record.attributes.get("MessageGroupId").filter(|_| is_fifo);
        if let Some(group) = group.filter(|group| !group.is_empty()) {
            assert_eq!(message.ordering_key(), Some(&**group));
        }
        let count = record.attributes.get("ApproximateReceiveCount");
        if let Some(count) = count.and_then(|text| text.parse::<u32>().ok()) {
            assert_eq!(message.delivery_count(), Some(count));
        }
    }
}

fn sns(data: &[u8], events: &[Event]) {
    let Ok(theirs) = serde_json::from_slice::<SnsEvent>(data) else {
        return;
    };
    let is_sns = |event: &Event| event.ty().starts_with("com.amazonaws.sns.");
    if !events.iter().all(is_sns) || !as_many(events, theirs.records.len()) {
        return;
    }
    for (event, record) in events.iter().zip(&theirs.records) {
        assert_eq!(event.id(), record.sns.message_id);
        assert_eq!(&*message(event).body().0, record.sns.message.as_bytes());
    }
}

fn kinesis(data: &[u8], events: &[Event]) {
    let Ok(theirs) = serde_json::from_slice::<KinesisEvent>(data) else {
        return;
    };
    if !as_many(events, theirs.records.len()) {
        return;
    }
    for (event, record) in events.iter().zip(&theirs.records) {
        let message = message(event);
        let theirs = &record.kinesis;
        assert_eq!(&*message.body().0, &theirs.data.0[..]);
        assert_eq!(
            message.ordering_key().unwrap_or_default(),
            theirs.partition_key
        );
    }
}

fn dynamodb(data: &[u8], events: &[Event]) {
    let Ok(theirs) = serde_json::from_slice::<DynamoDb>(data) else {
        return;
    };
    if !as_many(events, theirs.records.len()) {
        return;
    }
    for (event, record) in events.iter().zip(&theirs.records) {
        let change: Change<Raw> = Change::of(event).unwrap().unwrap();
        for (ours, theirs) in [
            (change.after(), &record.change.new_image),
            (change.before(), &record.change.old_image),
        ] {
            let Some(ours) = ours else { continue };
            let Ok(theirs) = serde_dynamo::from_item::<_, Value>(theirs.clone()) else {
                continue;
            };
            let ours: Value = serde_json::from_slice(&ours.0).unwrap();
            assert!(is_same(&ours, &theirs), "{ours} is not {theirs}");
        }
    }
}

/// Ours keeps every digit, and bytes as their base64; a set of theirs has no order.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let all = |(name, value): (&String, &Value)| {
                theirs.get(name).is_some_and(|t| is_same(value, t))
            };
            ours.len() == theirs.len() && ours.iter().all(all)
        }
        // Theirs may be bytes, which ours has as text.
        (Value::String(_), Value::Array(_)) => true,
        (Value::Array(ours), Value::Array(theirs)) => ours.len() == theirs.len(),
        (Value::Number(ours), Value::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        // What is no number in JSON stays text.
        (Value::String(_), Value::Number(_)) => true,
        (ours, theirs) => ours == theirs,
    }
}

fn s3(data: &[u8], events: &[Event]) {
    let Ok(theirs) = serde_json::from_slice::<S3Event>(data) else {
        return;
    };
    if !as_many(events, theirs.records.len()) {
        return;
    }
    for (event, record) in events.iter().zip(&theirs.records) {
        // What is neither made nor deleted is no object of ours.
        let Some(object) = Object::of(event) else {
            continue;
        };
        assert_eq!(object.bucket(), said(&record.s3.bucket.name));
        if let Some(size) = record.s3.object.size.filter(|size| *size >= 0) {
            assert_eq!(object.size().map(i64::try_from), Some(Ok(size)));
        }
        let encoded = said(&record.s3.object.key);
        // What needs no decoding is the same in both.
        if !encoded.contains(['%', '+']) {
            assert_eq!(object.key(), encoded);
        }
    }
}
