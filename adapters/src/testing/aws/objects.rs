//! Buckets.

use isobar_core::Bytes;
use serde_json::{Value, json};

use super::messages::sqs_record;
use super::{ACCOUNT, REGION};
use crate::testing::Item;
use crate::testing::item::{Message, Object};
use crate::testing::wire::{WHEN, numbered, object};

const ETAG: &str = "b21b84d653bb07b05b1e6b33684dc11b";
const SEQUENCER: &str = "0C0F6F405D6ED209E1";

fn record(bucket: &str, id: &str, object: &Object) -> Value {
    let name = if object.deleted {
        "ObjectRemoved:Delete"
    } else {
        "ObjectCreated:Put"
    };
    let key: String = form_urlencoded::byte_serialize(object.key.as_bytes()).collect();
    let mut record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": WHEN,
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {"x-amz-request-id": id, "x-amz-id-2": "vlR7"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "isobar",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3I5XTEXAMAI3E"},
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": {"key": key, "sequencer": SEQUENCER},
        },
    });
    if !object.deleted {
        record["s3"]["object"]["size"] = object.size.into();
        record["s3"]["object"]["eTag"] = ETAG.into();
    }
    record
}

fn records<'i>(bucket: &'i str, items: &'i [Item]) -> impl Iterator<Item = (String, Value)> + 'i {
    numbered(items).map(move |(id, what)| {
        let body = json!({"Records": [record(bucket, &id, object(what))]});
        (id, body)
    })
}

pub(super) fn s3(bucket: &str, items: &[Item]) -> Value {
    records(bucket, items)
        .map(|(_id, body)| body)
        .next()
        .unwrap_or_default()
}

pub(super) fn s3_in_sqs(bucket: &str, items: &[Item]) -> Value {
    let bare = Message {
        body: Bytes::new(),
        attributes: Vec::new(),
        ordering_key: None,
        delivery_count: 1,
    };
    let records = records(bucket, items);
    let records = records
        .map(|(id, body)| sqs_record(&format!("{bucket}-queue"), &id, &body.to_string(), &bare));
    json!({"Records": records.collect::<Vec<_>>()})
}

pub(super) fn s3_event_bridge(bucket: &str, items: &[Item]) -> Value {
    let event = numbered(items).map(|(id, what)| {
        let object = object(what);
        let (ty, reason) = if object.deleted {
            ("Object Deleted", "DeleteObject")
        } else {
            ("Object Created", "PutObject")
        };
        let mut detail = json!({
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": object.key, "sequencer": SEQUENCER},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": ACCOUNT,
            "source-ip-address": "203.0.113.7",
            "reason": reason,
        });
        if !object.deleted {
            detail["object"]["size"] = object.size.into();
            detail["object"]["etag"] = ETAG.into();
        }
        json!({
            "version": "0",
            "id": id,
            "detail-type": ty,
            "source": "aws.s3",
            "account": ACCOUNT,
            "time": WHEN,
            "region": REGION,
            "resources": [format!("arn:aws:s3:::{bucket}")],
            "detail": detail,
        })
    });
    event.into_iter().next().unwrap_or_default()
}
