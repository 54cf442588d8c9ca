//! Messages, before the host has encoded them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::app::Binding;

/// One message as its sender sent it, with what the source knows of it.
#[derive(Debug, Clone)]
pub struct Sent {
    body: Bytes,
    /// A value of `{"$date": ".."}` is a date.
    pub(super) metadata: Map<String, Value>,
    is_record: bool,
}

impl Sent {
    pub(super) fn new(body: impl AsRef<[u8]>, metadata: Value) -> Self {
        let Value::Object(metadata) = metadata else {
            return Self::new(body, json!({}));
        };
        Self {
            body: Bytes::copy_from_slice(body.as_ref()),
            metadata,
            is_record: false,
        }
    }

    /// A message of Queue Storage, delivered the `count`th time.
    pub fn queue(id: &str, body: impl AsRef<[u8]>, count: u32) -> Self {
        let metadata = json!({"Id": id, "DequeueCount": count, "PopReceipt": "AgAAAA==",
            "InsertionTime": date("2026-10-09T17:58:31+00:00"), "ExpirationTime": date("2026-10-16T17:58:31+00:00"),
            "NextVisibleTime": date("2026-10-09T18:08:31+00:00")});
        Self::new(body, metadata)
    }

    /// A message of a Service Bus queue or subscription.
    pub fn service_bus(id: &str, body: impl AsRef<[u8]>) -> Self {
        let metadata = json!({"MessageId": id, "DeliveryCount": 1, "SequenceNumber": 7, "SessionId": null,
            "ApplicationProperties": {}, "UserProperties": {}, "EnqueuedTimeUtc": date("2026-10-09T17:58:31")});
        Self::new(body, metadata)
    }

    /// An event of an event hub.
    pub fn event_hub(sequence: u64, body: impl AsRef<[u8]>) -> Self {
        let metadata = json!({"SequenceNumber": sequence, "Offset": format!("{}", sequence * 24), "PartitionKey": null,
            "Properties": {}, "SystemProperties": {}, "EnqueuedTimeUtc": date("2026-10-09T17:58:31")});
        Self::new(body, metadata)
    }

    /// A record of a Kafka topic, its value text.
    pub fn kafka(topic: &str, partition: u32, offset: u64, value: impl AsRef<[u8]>) -> Self {
        let metadata = json!({"Topic": topic, "Partition": partition, "Offset": offset, "Key": null, "Headers": [],
            "Timestamp": date("2026-10-09T17:58:31")});
        let is_record = true;
        Self {
            is_record,
            ..Self::new(value, metadata)
        }
    }

    /// Says more of it, such as `SessionId`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// As text, which for a record is its envelope.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        if !self.is_record {
            return text;
        }
        let mut envelope = self.metadata.clone();
        envelope.insert("Value".to_owned(), text.into());
        envelope.values_mut().for_each(|value| *value = full(value));
        Value::Object(envelope).to_string()
    }

    /// As the binding has it.
    pub(super) fn value(&self, binding: &Binding) -> Value {
        if binding.is_binary() {
            return STANDARD.encode(&self.body).into();
        }
        self.text().into()
    }
}

fn date(text: &str) -> Value {
    json!({"$date": text})
}

/// A date as Json.NET writes it within another value; every other value as it is.
pub(super) fn full(value: &Value) -> Value {
    match value.get("$date").and_then(Value::as_str) {
        Some(text) if text.ends_with("+00:00") => text.into(),
        Some(text) => format!("{text}Z").into(),
        None => value.clone(),
    }
}
