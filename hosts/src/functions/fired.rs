//! What a trigger's extension hands over, and how the host encodes it.
//!
//! Read in `ScriptInvocationContextExtensions.cs` (encoding), `Utility.ApplyBindingData` (what a
//! message's own JSON overwrites) and the extensions' binding strategies (names).

use serde_json::{Map, Value, json};

use super::app::Binding;
use super::event::on_the_wire;
use super::sent::{Sent, full};
use crate::Error;

/// An event as its trigger fires it, before the host has encoded it for the wire.
#[derive(Debug, Clone)]
pub struct Fired {
    value: Fires,
    metadata: Map<String, Value>,
}

#[derive(Debug, Clone)]
enum Fires {
    /// One message, or several where the binding's cardinality is many.
    Messages(Vec<Sent>),
    /// Any other value.
    Value(Value),
}

/// A value of `Metadata`: a date loses its zone, and all else is encoded as every value.
fn encoded(value: &Value) -> Value {
    match value.get("$date") {
        Some(text) => text.clone(),
        None => on_the_wire(value),
    }
}

impl From<Sent> for Fired {
    fn from(message: Sent) -> Self {
        Self::batch([message])
    }
}

impl Fired {
    /// Messages that are delivered together.
    pub fn batch(messages: impl IntoIterator<Item = Sent>) -> Self {
        Self {
            value: Fires::Messages(messages.into_iter().collect()),
            metadata: Map::new(),
        }
    }

    fn value(value: Value) -> Self {
        Self {
            value: Fires::Value(value),
            metadata: Map::new(),
        }
    }

    /// One event of Event Grid, in either schema, or a list of them.
    pub fn event_grid(event: Value) -> Self {
        let data = event.get("data").cloned();
        let fired = Self::value(event);
        match data {
            Some(data) => fired.with("data", data),
            None => fired,
        }
    }

    /// A blob of this URL, its name percent-encoded.
    pub fn blob(uri: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref();
        let properties =
            json!({"ContentLength": content.len(), "LastModified": "2026-10-09T17:58:31+00:00"});
        Self::from(Sent::new(
            content,
            json!({"Uri": uri, "Properties": properties, "Metadata": {}}),
        ))
    }

    /// A timer that was due then.
    pub fn timer(due: &str) -> Self {
        Self::value(
            json!({"Schedule": {"AdjustForDST": true}, "IsPastDue": false,
            "ScheduleStatus": {"Last": "0001-01-01T00:00:00", "Next": due, "LastUpdated": due}}),
        )
    }

    /// Documents of Cosmos DB.
    pub fn cosmos_db(documents: &[Value]) -> Self {
        Self::value(json!(documents).to_string().into())
    }

    /// Changes of rows, each `{"Operation", "Item"}`.
    pub fn sql(changes: &[Value]) -> Self {
        Self::value(json!(changes).to_string().into())
    }

    /// A new instance that warms up.
    pub fn warmup() -> Self {
        Self::value(Value::Null)
    }

    /// Says more of it, such as `PartitionContext`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    /// The `count`th retry that a policy of so many makes.
    #[must_use]
    pub fn retry(self, count: u32, max: i32) -> Self {
        let context = json!({"RetryCount": count, "MaxRetryCount": max, "Exception": null});
        self.with("RetryContext", context)
    }

    /// Encodes it for a binding: the trigger's value of `Data`, and `Metadata`.
    pub(super) fn encode(&self, binding: &Binding) -> Result<(Value, Value), Error> {
        let (value, mut metadata) = match &self.value {
            Fires::Value(value) => (on_the_wire(value), Map::new()),
            Fires::Messages(messages) if binding.is_many() => many(messages, binding)?,
            Fires::Messages(messages) => match messages.as_slice() {
                [message] => one(message, binding),
                _ => return Err(Error::malformed("event", "the binding takes one message")),
            },
        };
        for (name, value) in &self.metadata {
            metadata.insert(name.clone(), encoded(value));
        }
        Ok((value, metadata.into()))
    }
}

fn one(message: &Sent, binding: &Binding) -> (Value, Map<String, Value>) {
    let known = message
        .metadata
        .iter()
        .filter(|(_, value)| !value.is_null());
    let mut metadata = known
        .map(|(name, value)| (name.clone(), encoded(value)))
        .collect();
    if binding.is_binary() {
        return (message.value(binding), metadata);
    }
    let text = message.text();
    apply(&text, &mut metadata);
    (on_the_wire(&text.into()), metadata)
}

/// `Utility.ApplyBindingData`: the properties of a message that is a JSON object are put over the
/// metadata, in any case of letters; lists are not.
fn apply(text: &str, metadata: &mut Map<String, Value>) {
    let Ok(Value::Object(properties)) = serde_json::from_str(text) else {
        return;
    };
    for (name, value) in properties {
        if value.is_array() || value.is_null() {
            continue;
        }
        let own = metadata.keys().find(|own| own.eq_ignore_ascii_case(&name));
        let own = own.cloned().unwrap_or(name);
        metadata.insert(own, on_the_wire(&value));
    }
}

fn many(messages: &[Sent], binding: &Binding) -> Result<(Value, Map<String, Value>), Error> {
    let values: Result<Vec<Value>, Error> = { messages.iter() }
        .map(|message| match binding.data_type.as_deref() {
            Some(_) => Ok(message.value(binding)),
            // bound as objects: what is no JSON fails before the handler is asked
            None => serde_json::from_str(&message.text())
                .map_err(|e| Error::malformed("event", format!("without a dataType: {e}"))),
        })
        .collect();
    let mut metadata = Map::new();
    let names = messages.first().map(|message| message.metadata.keys());
    for name in names.into_iter().flatten() {
        let value = |message: &Sent| message.metadata.get(name).map_or(Value::Null, full);
        let column: Vec<Value> = messages.iter().map(value).collect();
        metadata.insert(format!("{name}Array"), on_the_wire(&column.into()));
    }
    Ok((on_the_wire(&values?.into()), metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(fired: &Fired, binding: &Value) -> (Value, Value) {
        let binding = serde_json::from_value(binding.clone()).unwrap();
        fired.encode(&binding).unwrap()
    }

    #[test]
    fn text_is_encoded_twice_and_bytes_are_base64() {
        let fired = Fired::from(Sent::queue("17", "hello", 3));
        let (data, metadata) = encode(&fired, &json!({"type": "queueTrigger"}));
        assert_eq!(data, "\"hello\"");
        assert_eq!(
            (&metadata["Id"], &metadata["DequeueCount"]),
            (&json!("\"17\""), &json!("3"))
        );
        assert_eq!(metadata["InsertionTime"], "2026-10-09T17:58:31+00:00");
        let (data, _) = encode(
            &fired,
            &json!({"type": "queueTrigger", "dataType": "binary"}),
        );
        assert_eq!(data, "aGVsbG8=");
    }

    #[test]
    fn a_messages_own_json_is_put_over_the_metadata() {
        let fired = Fired::from(Sent::queue("17", r#"{"id":"x","PopReceipt":[1]}"#, 3));
        let (_, metadata) = encode(&fired, &json!({"type": "queueTrigger"}));
        assert_eq!(metadata["Id"], "\"x\"");
        assert_eq!(metadata["PopReceipt"], "\"AgAAAA==\"");
        let (_, metadata) = encode(
            &fired,
            &json!({"type": "queueTrigger", "dataType": "binary"}),
        );
        assert_eq!(metadata["Id"], "\"17\"");
    }

    #[test]
    fn a_batch_has_columns() {
        let fired = Fired::batch([
            Sent::service_bus("1", "a").with("SessionId", "s"),
            Sent::service_bus("2", "b"),
        ]);
        let many =
            json!({"type": "serviceBusTrigger", "cardinality": "many", "dataType": "string"});
        let (data, metadata) = encode(&fired, &many);
        assert_eq!(data, "[\"a\",\"b\"]");
        assert_eq!(metadata["SessionIdArray"], "[\"s\",null]");
        assert_eq!(
            metadata["EnqueuedTimeUtcArray"],
            "[\"2026-10-09T17:58:31Z\",\"2026-10-09T17:58:31Z\"]"
        );
        let objects = json!({"type": "serviceBusTrigger", "cardinality": "many"});
        assert!(
            fired
                .encode(&serde_json::from_value(objects).unwrap())
                .is_err()
        );
    }

    #[test]
    fn lists_of_documents_are_text_in_text() {
        let (data, _) = encode(
            &Fired::cosmos_db(&[json!({"id": "1"})]),
            &json!({"type": "cosmosDBTrigger"}),
        );
        assert_eq!(data, r#""[{\"id\":\"1\"}]""#);
        let (data, _) = encode(
            &Fired::timer("2026-01-02T03:05:00+00:00"),
            &json!({"type": "timerTrigger"}),
        );
        assert!(data.is_object());
        let (data, _) = encode(&Fired::warmup(), &json!({"type": "warmupTrigger"}));
        assert_eq!(data, "null");
    }
}
