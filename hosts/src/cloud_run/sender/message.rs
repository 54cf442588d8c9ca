use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// A message of Pub/Sub.
#[derive(Debug, Clone)]
pub struct Message {
    pub(super) id: String,
    pub(super) data: Vec<u8>,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) ordering_key: Option<String>,
}

/// When every message was published.
pub(super) const PUBLISHED: &str = "2021-02-26T19:13:55.749Z";

impl Message {
    /// A message of this id.
    pub fn new(id: &str, data: impl Into<Vec<u8>>) -> Self {
        Self {
            id: id.to_owned(),
            data: data.into(),
            attributes: Vec::new(),
            ordering_key: None,
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the key whose messages keep their order.
    #[must_use]
    pub fn ordering_key(mut self, key: &str) -> Self {
        self.ordering_key = Some(key.to_owned());
        self
    }

    /// The message in its envelope, in both spellings as Google writes it.
    pub(super) fn envelope(&self, subscription: &str, attempt: u32) -> Value {
        let mut message = Map::new();
        let attributes: Map<_, _> = { self.attributes.iter() }
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        if !attributes.is_empty() {
            message.insert("attributes".into(), attributes.into());
        }
        let data = BASE64_STANDARD.encode(&self.data);
        message.insert("data".into(), data.into());
        for (one, other, value) in [
            ("messageId", "message_id", &self.id),
            ("publishTime", "publish_time", &PUBLISHED.to_owned()),
        ] {
            message.insert(one.into(), value.clone().into());
            message.insert(other.into(), value.clone().into());
        }
        if let Some(key) = &self.ordering_key {
            message.insert("orderingKey".into(), key.clone().into());
        }
        // With a dead-letter policy tries are counted.
        json!({"message": message, "subscription": subscription, "deliveryAttempt": attempt + 1})
    }
}
