//! Tables.

use isobar_core::Operation;
use serde_json::{Map, Value, json};

use super::{REGION, arn};
use crate::testing::Item;
use crate::testing::wire::{SECONDS, change, numbered};

pub(super) fn dynamo_db(table: &str, items: &[Item]) -> Value {
    let records = numbered(items).map(|(id, what)| {
        let change = change(what);
        let name = match change.operation {
            Operation::Insert => "INSERT",
            Operation::Delete => "REMOVE",
            _ => "MODIFY",
        };
        let mut stream = json!({
            "ApproximateCreationDateTime": SECONDS,
            "Keys": {"id": {"S": change.key}},
            "SequenceNumber": id,
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        for (image, document) in [("OldImage", &change.before), ("NewImage", &change.after)] {
            if let Some(document) = document {
                stream[image] = attributes(document);
            }
        }
        json!({
            "eventID": format!("event-{id}"),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": stream,
            "eventSourceARN": arn("dynamodb", &format!("table/{table}/stream/2026-01-01T00:00:00.000")),
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

/// A document as attributes: each value beside the letter of its type.
fn attributes(document: &Value) -> Value {
    let members = document.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| (name.clone(), attribute(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(value) => json!({"BOOL": value}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(values) => json!({"L": values.iter().map(attribute).collect::<Vec<_>>()}),
        Value::Object(_) => json!({"M": attributes(value)}),
    }
}
