//! `eventHubTrigger`: events of one partition of an event hub.
//!
//! Source: `EventHubTriggerBindingStrategy.cs` of the Event Hubs extension, for the names.

use isobar_core::{Error, Event, MessageParts, Order, Text};

use super::delivery::Delivery;
use super::messages::{Item, items};
use super::metadata::Metadata;

pub(super) const TYPE: &str = "com.microsoft.azure.eventhubs.event";

/// An invocation has events of one partition only.
pub(super) const ORDER: Order = Order::Whole;

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let items = items(delivery)?.into_iter();
    Ok(items.map(|item| event(delivery, item)).collect())
}

fn event(delivery: &Delivery<'_>, item: Item) -> Event {
    let metadata = &item.metadata;
    let id = place(metadata).unwrap_or_else(|| delivery.id_of(item.place));
    let mut parts = MessageParts::default();
    parts.source_name = delivery.source_name.clone();
    parts.attributes = metadata.pairs("Properties").unwrap_or_default();
    parts.ordering_key = metadata.text("PartitionKey");
    parts.delivery_count = metadata.tries();
    parts.sent = metadata.date("EnqueuedTimeUtc");
    delivery
        .event(id, TYPE)
        .time(parts.sent.clone())
        .untyped_data(item.content.into_bytes())
        .native(item.native)
        .message(parts)
        .build()
}

/// Partition and place in it: `0/17`. Offsets may be used again, sequence numbers are not.
fn place(metadata: &Metadata) -> Option<Text> {
    let partition = { metadata.object("PartitionContext") }
        .and_then(|context| context.member("PartitionId"))
        .map(|id| id.text());
    let place = { metadata.text("SequenceNumber") }.or_else(|| metadata.text("Offset"))?;
    Some(match partition {
        Some(partition) => format!("{partition}/{place}").into(),
        None => place,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::decoded;
    use isobar_core::{Message, Order};
    use serde_json::json;

    const ONE: &str =
        r#"{"type": "eventHubTrigger", "name": "m", "eventHubName": "h", "cardinality": "one"}"#;

    #[test]
    fn one_event_is_known_by_partition_and_sequence() {
        let json = json!({"Data": {"m": "\"hello\""}, "Metadata": {"SequenceNumber": "17", "Offset": "\"24\"",
            "PartitionKey": "\"k\"", "EnqueuedTimeUtc": "2020-08-31T16:48:37", "Properties": {"a": 1},
            "PartitionContext": {"EventHubName": "h", "PartitionId": "0"}, "RetryContext": {"RetryCount": 1, "MaxRetryCount": 2}}});
        let batch = decoded(ONE, &json);
        assert_eq!(batch.order, Order::Whole);
        let message: Message = Message::of(&batch.events[0]).unwrap().unwrap();
        assert_eq!((message.id(), message.ordering_key()), ("0/17", Some("k")));
        assert_eq!(
            (message.attribute("a"), message.delivery_count()),
            (Some("1"), Some(2))
        );
        assert_eq!(message.event().dedup_key(), "/eventhubs/h#0/17");
    }

    #[test]
    fn a_batch_is_of_one_partition() {
        let many = ONE.replace("one", "many");
        let json = json!({"Data": {"m": "[\"a\",\"b\"]"}, "Metadata": {"OffsetArray": "[\"24\",\"48\"]",
            "SequenceNumberArray": "[1,2]", "PartitionKeyArray": "[null,\"k\"]", "SystemPropertiesArray": "[{},{}]",
            "PropertiesArray": "[{\"n\":\"1\"},{}]", "PartitionContext": {"PartitionId": "3"}}});
        let batch = decoded(&many, &json);
        let ids: Vec<_> = batch.events.iter().map(isobar_core::Event::id).collect();
        assert_eq!(ids, ["3/1", "3/2"]);
        let second: Message = Message::of(&batch.events[1]).unwrap().unwrap();
        assert_eq!(
            (second.ordering_key(), second.delivery_count()),
            (Some("k"), None)
        );
    }
}
