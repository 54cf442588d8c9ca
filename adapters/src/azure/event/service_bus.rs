//! `serviceBusTrigger`: messages of a Service Bus queue or of a topic's subscription.
//!
//! Source: `ServiceBusTriggerBindingStrategy.cs` of the Service Bus extension, for the names.

use isobar_core::{Error, Event, EventBuilder, MessageParts, Order};

use super::delivery::Delivery;
use super::messages::{Item, items};

pub(super) const TYPE: &str = "com.microsoft.azure.servicebus.message";

/// A session keeps its order; what has none is free.
pub(super) const ORDER: Order = Order::PerKey;

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let items = items(delivery)?.into_iter();
    Ok(items.map(|item| event(delivery, item)).collect())
}

fn event(delivery: &Delivery<'_>, item: Item) -> Event {
    let metadata = &item.metadata;
    let id = { metadata.text("MessageId") }.or_else(|| metadata.text("SequenceNumber"));
    let properties = metadata.pairs("ApplicationProperties");
    let properties = properties.or_else(|| metadata.pairs("UserProperties"));
    let mut parts = MessageParts::default();
    parts.source_name = delivery.source_name.clone();
    parts.attributes = properties.unwrap_or_default();
    parts.ordering_key = metadata.text("SessionId");
    parts.delivery_count = metadata.count("DeliveryCount");
    parts.sent = metadata.date("EnqueuedTimeUtc");
    let subject = { metadata.text("Subject") }.or_else(|| metadata.text("Label"));
    let builder = delivery
        .event(id.unwrap_or_else(|| delivery.id_of(item.place)), TYPE)
        .subject(subject)
        .time(parts.sent.clone());
    let builder = extensions(builder, &item);
    let content_type = metadata.text("ContentType");
    let data = item.content.into_bytes();
    let builder = match content_type {
        Some(content_type) => builder.data(content_type, data),
        None => builder.untyped_data(data),
    };
    builder.native(item.native).message(parts).build()
}

/// What answers need.
fn extensions(builder: EventBuilder, item: &Item) -> EventBuilder {
    let known = [
        ("CorrelationId", "correlationid"),
        ("ReplyTo", "replyto"),
        ("ReplyToSessionId", "replytosessionid"),
        ("PartitionKey", "partitionkey"),
    ];
    let said = known
        .into_iter()
        .filter_map(|(name, extension)| Some((extension, item.metadata.text(name)?)));
    said.fold(builder, |builder, (name, value)| {
        builder.extension(name, value)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::decoded;
    use isobar_core::{Message, Order};
    use serde_json::json;

    const ONE: &str =
        r#"{"type": "serviceBusTrigger", "name": "m", "topicName": "t", "subscriptionName": "s"}"#;
    const MANY: &str =
        r#"{"type": "serviceBusTrigger", "name": "m", "queueName": "q", "cardinality": "many"}"#;

    #[test]
    fn one_message_has_its_metadata() {
        let json = json!({"Data": {"m": "\"hello\""}, "Metadata": {"MessageId": "\"8830\"", "DeliveryCount": "11",
            "SessionId": "\"s1\"", "EnqueuedTimeUtc": "2020-08-31T16:48:37", "Subject": "\"paid\"",
            "ContentType": "\"text/plain\"", "CorrelationId": "\"c\"", "ApplicationProperties": {"k": "v"}}});
        let batch = decoded(ONE, &json);
        let message: Message = Message::of(&batch.events[0]).unwrap().unwrap();
        assert_eq!((message.id(), &*message.body().0), ("8830", &b"hello"[..]));
        assert_eq!(
            (message.ordering_key(), message.attribute("k")),
            (Some("s1"), Some("v"))
        );
        assert_eq!(message.delivery_count(), Some(11));
        assert_eq!(message.sent(), Some("2020-08-31T16:48:37Z"));
        let event = message.event();
        assert_eq!(event.source(), "/topics/t/subscriptions/s");
        assert_eq!(
            (event.subject(), event.data_content_type()),
            (Some("paid"), Some("text/plain"))
        );
        assert_eq!(event.extension("correlationid"), Some("c"));
    }

    #[test]
    fn a_batch_has_each_messages_own_metadata_and_keeps_its_sessions_order() {
        let json = json!({"Data": {"m": "[\"a\",\"b\"]"}, "Metadata": {"MessageIdArray": "[\"1\",\"2\"]",
            "DeliveryCountArray": "[1,2]", "SessionIdArray": "[\"s\",null]", "LabelArray": "[null,\"l\"]",
            "EnqueuedTimeUtcArray": "[\"2020-12-18T02:01:35.849Z\",\"2020-12-18T02:01:35.85Z\"]",
            "ApplicationPropertiesArray": "[{},{\"k\":\"v\"}]"}});
        let batch = decoded(MANY, &json);
        assert_eq!(batch.order, Order::PerKey);
        let seen: Vec<_> = { batch.events.iter() }
            .map(|event| {
                let message: Message = Message::of(event).unwrap().unwrap();
                let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
                format!(
                    "{} {:?} {} {} {} {}",
                    message.id(),
                    message.body().0,
                    message.delivery_count().unwrap(),
                    text(message.ordering_key()),
                    text(event.subject()),
                    text(message.attribute("k"))
                )
            })
            .collect();
        assert_eq!(seen, ["1 b\"a\" 1 s - -", "2 b\"b\" 2 - l v"]);
    }

    #[test]
    fn a_batch_may_be_bytes_or_objects() {
        let of = |function: &str, list: &str| -> Vec<_> {
            let json = json!({"Data": {"m": list}, "Metadata": {}});
            let events = decoded(function, &json).events;
            events
                .iter()
                .map(|event| event.data().unwrap().to_vec())
                .collect()
        };
        let binary = MANY.replace("\"q\"", "\"q\", \"dataType\": \"binary\"");
        assert_eq!(of(&binary, "[\"bTE=\",\"AP8=\"]"), [&b"m1"[..], b"\0\xff"]);
        assert_eq!(of(MANY, "[{\"a\": 1},2]"), [&b"{\"a\": 1}"[..], b"2"]);
        assert_eq!(of(MANY, "[]"), Vec::<Vec<u8>>::new());
        // function.json does not say: a list that is not text itself is a batch
        assert_eq!(of(ONE, "[\"a\",\"b\"]"), [b"a", b"b"]);
        let one = ONE.replace("\"t\"", "\"t\", \"cardinality\": \"one\"");
        assert_eq!(of(&one, "[\"a\",\"b\"]"), [b"[\"a\",\"b\"]"]);
    }

    #[test]
    fn ids_of_a_batch_without_any_differ() {
        let batch = decoded(MANY, &json!({"Data": {"m": "[\"a\",\"b\"]"}}));
        let ids: Vec<_> = batch.events.iter().map(isobar_core::Event::id).collect();
        assert_eq!(ids, ["invocation", "invocation/1"]);
    }
}
