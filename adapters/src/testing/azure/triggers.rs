//! Each trigger's data and metadata, as the host's `ScriptInvocationContextExtensions` writes them:
//! objects as they are, all else as JSON in a string, bytes as base64, dates as they are.

use isobar_core::Operation;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::testing::Item;
use crate::testing::wire::{SECONDS, WHEN, base64, change, due, event, message, numbered, object};

/// What one invocation carries.
pub(super) struct Invocation {
    data: Value,
    metadata: Value,
}

impl Invocation {
    pub(super) fn json(mut self, function: &str) -> Value {
        self.metadata["sys"] = json!({
            "MethodName": function,
            "UtcNow": WHEN,
            "RandGuid": "24ad4c06-24ad-4e5b-8294-3da9714877e9",
        });
        json!({"Data": {"item": self.data}, "Metadata": self.metadata})
    }
}

/// JSON in a string: the form of all that is neither object, bytes nor date.
fn quoted(value: impl Into<Value>) -> Value {
    value.into().to_string().into()
}

fn first<'i>(items: &'i [Item], make: impl Fn(String, &'i Item) -> Invocation) -> Invocation {
    let invocation = numbered(items).zip(items).next();
    let invocation = invocation.map(|((id, _), item)| make(id, item));
    invocation.unwrap_or_else(|| Invocation {
        data: Value::Null,
        metadata: json!({}),
    })
}

pub(super) fn storage_queue(items: &[Item]) -> Invocation {
    first(items, |id, item| {
        let message = message(&item.what);
        Invocation {
            data: base64(&message.body).into(),
            metadata: json!({
                "Id": quoted(id),
                "DequeueCount": quoted(message.delivery_count),
                "InsertionTime": "2026-01-02T03:04:05+00:00",
                "ExpirationTime": "2026-01-09T03:04:05+00:00",
                "NextVisibleTime": "2026-01-02T03:14:05+00:00",
                "PopReceipt": quoted("AgAAAAMAAAAAAAAA"),
            }),
        }
    })
}

pub(super) fn service_bus(items: &[Item]) -> Invocation {
    first(items, |id, item| {
        let message = message(&item.what);
        let properties: Value = { message.attributes.iter().cloned() }
            .map(|(name, value)| (name, Value::from(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let mut metadata = json!({
            "MessageId": quoted(id),
            "DeliveryCount": quoted(message.delivery_count),
            "SequenceNumber": quoted(1),
            "EnqueuedTimeUtc": "2026-01-02T03:04:05",
            "ApplicationProperties": properties,
            "UserProperties": properties,
        });
        if let Some(session) = &message.ordering_key {
            metadata["SessionId"] = quoted(session.as_str());
        }
        Invocation {
            data: base64(&message.body).into(),
            metadata,
        }
    })
}

pub(super) fn event_hub(items: &[Item]) -> Invocation {
    let messages = || items.iter().map(|item| message(&item.what));
    let list = |values: Vec<Value>| quoted(values);
    let keys = messages().map(|message| message.ordering_key.clone().into());
    let properties = messages().map(|message| {
        let attributes = message.attributes.iter().cloned();
        Value::Object(attributes.map(|(n, v)| (n, v.into())).collect())
    });
    let places = || numbered(items).map(|(id, _)| id);
    Invocation {
        data: list(messages().map(|m| base64(&m.body).into()).collect()),
        metadata: json!({
            "PartitionKeyArray": list(keys.collect()),
            "PropertiesArray": list(properties.collect()),
            "SystemPropertiesArray": list(items.iter().map(|_| json!({})).collect()),
            "OffsetArray": list(places().map(Value::from).collect()),
            "SequenceNumberArray": list((1..=items.len()).map(Value::from).collect()),
            "EnqueuedTimeUtcArray": list(items.iter().map(|_| WHEN.into()).collect()),
            "PartitionContext": {"PartitionId": "0", "EventHubName": "events"},
        }),
    }
}

pub(super) fn kafka(topic: &str, items: &[Item]) -> Invocation {
    first(items, |_id, item| {
        let message = message(&item.what);
        let mut metadata = json!({
            "Topic": quoted(topic),
            "Partition": quoted(0),
            "Offset": quoted(7),
            "Timestamp": "2026-01-02T03:04:05",
        });
        if let Some(key) = &message.ordering_key {
            metadata["Key"] = quoted(key.as_str());
        }
        Invocation {
            data: base64(&message.body).into(),
            metadata,
        }
    })
}

/// What a blob's URL has as it is.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

fn blob_url(container: &str, key: &str) -> String {
    let key = utf8_percent_encode(key, KEY);
    format!("https://account.blob.core.windows.net/{container}/{key}")
}

pub(super) fn blob(container: &str, items: &[Item]) -> Invocation {
    first(items, |_id, item| {
        let object = object(&item.what);
        let content = vec![b'x'; usize::try_from(object.size.min(1 << 20)).unwrap_or_default()];
        Invocation {
            data: base64(&content).into(),
            metadata: json!({
                "Uri": quoted(blob_url(container, &object.key)),
                "Properties": {"ContentLength": object.size, "ETag": "\"0x8D1\""},
                "Metadata": {},
                "name": quoted(object.key.as_str()),
            }),
        }
    })
}

pub(super) fn event_grid_blob(container: &str, items: &[Item]) -> Invocation {
    first(items, |id, item| {
        let object = object(&item.what);
        let ty = if object.deleted {
            "Microsoft.Storage.BlobDeleted"
        } else {
            "Microsoft.Storage.BlobCreated"
        };
        let mut data = json!({
            "api": "PutBlob",
            "contentType": "application/octet-stream",
            "blobType": "BlockBlob",
            "url": blob_url(container, &object.key),
            "sequencer": "00000000000004420000000000028963",
        });
        if !object.deleted {
            data["contentLength"] = object.size.into();
            data["eTag"] = "0x8D1".into();
        }
        Invocation {
            data: json!({
                "id": id,
                "topic": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/account",
                "subject": format!("/blobServices/default/containers/{container}/blobs/{}", object.key),
                "eventType": ty,
                "eventTime": WHEN,
                "data": data,
                "dataVersion": "",
                "metadataVersion": "1",
            }),
            metadata: json!({"data": data}),
        }
    })
}

pub(super) fn timer(items: &[Item]) -> Invocation {
    first(items, |_id, item| {
        let due = due(&item.what);
        Invocation {
            data: json!({
                "Schedule": {"AdjustForDST": true},
                "ScheduleStatus": {"Last": due, "Next": due, "LastUpdated": due},
                "IsPastDue": false,
            }),
            metadata: json!({}),
        }
    })
}

/// Documents in a list, in a string that holds a string.
fn twice(list: Vec<Value>) -> Value {
    quoted(Value::Array(list).to_string())
}

/// Cosmos DB tells what is there now, and nothing of what is gone.
pub(super) fn cosmos_db(items: &[Item]) -> Invocation {
    let documents = items.iter().filter_map(|item| {
        let change = change(&item.what);
        let mut document = change.after.clone()?;
        if let Some(document) = document.as_object_mut() {
            document.insert("id".to_owned(), change.key.clone().into());
            document.insert("_lsn".to_owned(), SECONDS.into());
        }
        Some(document)
    });
    Invocation {
        data: twice(documents.collect()),
        metadata: json!({}),
    }
}

/// Azure SQL tells the row as it is now, or the keys of one that is gone.
pub(super) fn sql(items: &[Item]) -> Invocation {
    let rows = items.iter().map(|item| {
        let change = change(&item.what);
        let operation = match change.operation {
            Operation::Insert => 0,
            Operation::Delete => 2,
            _ => 1,
        };
        let row = change
            .after
            .clone()
            .unwrap_or_else(|| json!({"id": change.key}));
        json!({"Operation": operation, "Item": row})
    });
    Invocation {
        data: twice(rows.collect()),
        metadata: json!({}),
    }
}

pub(super) fn event_grid(items: &[Item]) -> Invocation {
    first(items, |id, item| {
        let (ty, data) = event(&item.what);
        Invocation {
            data: json!({
                "specversion": "1.0",
                "id": id,
                "source": "com.example",
                "type": ty,
                "time": WHEN,
                "datacontenttype": "application/json",
                "data": data,
            }),
            metadata: json!({"data": data}),
        }
    })
}
