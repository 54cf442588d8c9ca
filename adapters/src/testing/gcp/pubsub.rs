use serde_json::{Map, Value, json};

use super::cloudevents::head;
use crate::testing::item::Message;
use crate::testing::wire::{WHEN, base64};
use crate::testing::{Native, Source};

/// The envelope of a push; times and id come in both spellings.
pub(super) fn envelope(subscription: &str, id: &str, message: &Message) -> Value {
    let attributes = message.attributes.iter().cloned();
    let attributes = attributes.map(|(name, value)| (name, Value::from(value)));
    let mut envelope = json!({
        "message": {
            "data": base64(&message.body),
            "attributes": attributes.collect::<Map<_, _>>(),
            "messageId": id,
            "message_id": id,
            "publishTime": WHEN,
            "publish_time": WHEN,
        },
        "subscription": format!("projects/project/subscriptions/{subscription}"),
    });
    if let Some(key) = &message.ordering_key {
        envelope["message"]["orderingKey"] = key.as_str().into();
    }
    if message.delivery_count > 1 {
        envelope["deliveryAttempt"] = message.delivery_count.into();
    }
    envelope
}

pub(super) fn push(subscription: &str, id: &str, message: &Message) -> Native {
    Native::json(Source::PubSubPush, &envelope(subscription, id, message))
}

pub(super) fn eventarc(topic: &str, id: &str, message: &Message) -> Native {
    let envelope = envelope(&format!("eventarc-{topic}"), id, message);
    let ty = "google.cloud.pubsub.topic.v1.messagePublished";
    let source = format!("//pubsub.googleapis.com/projects/project/topics/{topic}");
    head(
        Native::json(Source::PubSubEventarc, &envelope),
        id,
        ty,
        &source,
    )
}
