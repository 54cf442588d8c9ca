//! Queues, topics and streams.

use serde_json::{Map, Value, json};

use super::{REGION, arn};
use crate::testing::Item;
use crate::testing::item::Message;
use crate::testing::wire::{SECONDS, WHEN, base64, message, numbered, text};

pub(super) fn sqs(name: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        let message = message(what);
        sqs_record(name, &id, text(&message.body), message)
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

/// A record of SQS with a body that may be another service's.
pub(super) fn sqs_record(name: &str, id: &str, body: &str, message: &Message) -> Value {
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = json!({
            "stringValue": value,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        });
        (name.clone(), value)
    });
    json!({
        "messageId": id,
        "receiptHandle": format!("receipt-{id}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": message.delivery_count.to_string(),
            "SentTimestamp": (SECONDS * 1000).to_string(),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": (SECONDS * 1000 + 2).to_string(),
        },
        "messageAttributes": attributes.collect::<Map<_, _>>(),
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": arn("sqs", name),
        "awsRegion": REGION,
    })
}

pub(super) fn sqs_fifo(name: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        let message = message(what);
        let mut record = sqs_record(&format!("{name}.fifo"), &id, text(&message.body), message);
        let group = message.ordering_key.as_deref().unwrap_or("default");
        for (name, value) in [
            ("MessageGroupId", group),
            ("SequenceNumber", &id),
            ("MessageDeduplicationId", &id),
        ] {
            if let Some(attributes) = record["attributes"].as_object_mut() {
                attributes.insert(name.to_owned(), value.into());
            }
        }
        record
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

fn notification(name: &str, id: &str, message: &Message) -> Value {
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = json!({"Type": "String", "Value": value});
        (name.clone(), value)
    });
    json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": arn("sns", name),
        "Message": text(&message.body),
        "Timestamp": WHEN,
        "SignatureVersion": "1",
        "Signature": "",
        "MessageAttributes": attributes.collect::<Map<_, _>>(),
    })
}

pub(super) fn sns(name: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        json!({
            "EventVersion": "1.0",
            "EventSource": "aws:sns",
            "EventSubscriptionArn": arn("sns", &format!("{name}:21be56ed")),
            "Sns": notification(name, &id, message(what)),
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

pub(super) fn sns_in_sqs(name: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        let message = message(what);
        let inner = notification(name, &id, message).to_string();
        let bare = Message {
            attributes: Vec::new(),
            ..message.clone()
        };
        sqs_record(&format!("{name}-queue"), &id, &inner, &bare)
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

pub(super) fn kinesis(name: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        let message = message(what);
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": message.ordering_key.as_deref().unwrap_or("default"),
                "sequenceNumber": id,
                "data": base64(&message.body),
                "approximateArrivalTimestamp": SECONDS,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000000:{id}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
            "awsRegion": REGION,
            "eventSourceARN": arn("kinesis", &format!("stream/{name}")),
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

pub(super) fn kafka(name: &str, items: &[Item]) -> Value {
    let records = items.iter().enumerate().map(|(offset, item)| {
        let message = message(&item.what);
        let headers = message.attributes.iter();
        let headers = headers.map(|(name, value)| json!({name.as_str(): value.as_bytes()}));
        json!({
            "topic": name,
            "partition": 0,
            "offset": offset,
            "timestamp": SECONDS * 1000,
            "timestampType": "CREATE_TIME",
            "key": message.ordering_key.as_ref().map(|key| base64(key.as_bytes())),
            "value": base64(&message.body),
            "headers": headers.collect::<Vec<_>>(),
        })
    });
    json!({
        "eventSource": "aws:kafka",
        "eventSourceArn": arn("kafka", "cluster/events/e9f754c6-d29a-4430-a7db-958a19fd2c54-4"),
        "bootstrapServers": "b-1.events.kafka.eu-west-1.amazonaws.com:9092",
        "records": {format!("{name}-0"): records.collect::<Vec<_>>()},
    })
}

pub(super) fn active_mq(name: &str, items: &[Item]) -> Value {
    let messages = numbered(items).map(|(id, what)| {
        let message = message(what);
        let properties = message.attributes.iter().cloned();
        json!({
            "messageID": id,
            "messageType": "jms/text-message",
            "timestamp": SECONDS * 1000,
            "deliveryMode": 1,
            "correlationID": "",
            "replyTo": "null",
            "destination": {"physicalName": name},
            "redelivered": message.delivery_count > 1,
            "type": "",
            "expiration": 0,
            "priority": 0,
            "data": base64(&message.body),
            "brokerInTime": SECONDS * 1000,
            "brokerOutTime": SECONDS * 1000 + 1,
            "properties": properties.map(|(n, v)| (n, Value::from(v))).collect::<Map<_, _>>(),
        })
    });
    json!({
        "eventSource": "aws:mq",
        "eventSourceArn": arn("mq", "broker:events:b-0f5b7522-2b41-4f85-a615-735a4e6d96b5"),
        "messages": messages.collect::<Vec<_>>(),
    })
}

pub(super) fn rabbit_mq(name: &str, items: &[Item]) -> Value {
    let messages = numbered(items).map(|(id, what)| {
        let message = message(what);
        let headers = message.attributes.iter();
        let headers = headers.map(|(n, v)| (n.clone(), json!({"bytes": v.as_bytes()})));
        json!({
            "basicProperties": {
                "contentType": "text/plain",
                "headers": headers.collect::<Map<_, _>>(),
                "deliveryMode": 1,
                "messageId": id,
                "timestamp": null,
                "bodySize": message.body.len(),
            },
            "redelivered": message.delivery_count > 1,
            "data": base64(&message.body),
        })
    });
    json!({
        "eventSource": "aws:rmq",
        "eventSourceArn": arn("mq", "broker:events:b-9bcfa592-423a-4942-879d-eb284b418fc8"),
        "rmqMessagesByQueue": {format!("{name}::/"): messages.collect::<Vec<_>>()},
    })
}
