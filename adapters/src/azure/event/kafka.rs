//! `kafkaTrigger`: records of a Kafka topic.
//!
//! Where values are text, the extension hands over the record's envelope as text; where they are
//! bytes, the value alone. Source: `KafkaEventDataConvertManager.cs` of azure-functions-kafka-extension.
//! A value of bytes that looks like an envelope cannot be told from one: `dataType` binary cures that.

use base64_simd::STANDARD;
use isobar_core::{Bytes, Error, Event, MessageParts, Order, Text};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::dates;
use super::delivery::Delivery;
use super::messages::{Content, Item, items};
use super::metadata::Metadata;
use super::value::Json;

pub(super) const TYPE: &str = "org.apache.kafka.record";

/// A partition keeps its order, and an invocation may have records of one only.
pub(super) const ORDER: Order = Order::Whole;

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let items = items(delivery)?.into_iter();
    Ok(items.map(|item| event(delivery, item)).collect())
}

/// A record, its place known as far as the host says it.
#[derive(Default)]
struct Record {
    topic: Option<Text>,
    partition: Option<Text>,
    offset: Option<Text>,
    key: Option<Text>,
    time: Option<Text>,
    headers: Vec<(Text, Text)>,
    value: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'e> {
    #[serde(borrow)]
    offset: &'e RawValue,
    partition: &'e RawValue,
    topic: &'e RawValue,
    /// What is there and null is nothing; what is not there the metadata says.
    #[serde(default, deserialize_with = "there")]
    timestamp: Option<&'e RawValue>,
    value: Option<&'e RawValue>,
    #[serde(default, deserialize_with = "there")]
    key: Option<&'e RawValue>,
    #[serde(default, deserialize_with = "there")]
    headers: Option<&'e RawValue>,
}

/// Reads a value that is there, `null` too.
fn there<'e, D: Deserializer<'e>>(deserializer: D) -> Result<Option<&'e RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn event(delivery: &Delivery<'_>, item: Item) -> Event {
    let tries = item.metadata.tries();
    let record = match &item.content {
        Content::Text(text) | Content::Json(text) => of_envelope(text, &item.metadata),
        Content::Bytes(_) => None,
    };
    let record = record.unwrap_or_else(|| of_metadata(&item.metadata, item.content));
    let place = [&record.topic, &record.partition, &record.offset];
    let id = match place.map(Option::as_deref) {
        [Some(topic), Some(partition), Some(offset)] => {
            format!("{topic}/{partition}/{offset}").into()
        }
        _ => delivery.id_of(item.place),
    };
    let mut parts = MessageParts::default();
    parts.source_name = delivery.source_name.clone();
    parts.attributes = record.headers;
    parts.ordering_key = record.key;
    parts.delivery_count = tries;
    parts.sent = record.time;
    delivery
        .event(id, TYPE)
        .time(parts.sent.clone())
        .untyped_data(record.value)
        .native(item.native)
        .message(parts)
        .build()
}

fn of_envelope(text: &Text, metadata: &Metadata) -> Option<Record> {
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    let shown = |value: &RawValue| Json::within(text, value).shown();
    let list = |value: &RawValue| headers(&Json::within(text, value));
    Some(Record {
        topic: shown(envelope.topic),
        partition: shown(envelope.partition),
        offset: shown(envelope.offset),
        key: envelope.key.map_or_else(|| metadata.text("Key"), shown),
        time: match envelope.timestamp {
            Some(time) => shown(time).and_then(|text| dates::rfc3339(&text)),
            None => metadata.date("Timestamp"),
        },
        headers: envelope.headers.map_or_else(|| headers_of(metadata), list),
        value: { envelope.value.and_then(shown) }.map_or_else(Bytes::new, Text::into_bytes),
    })
}

fn of_metadata(metadata: &Metadata, content: Content) -> Record {
    Record {
        topic: metadata.text("Topic"),
        partition: metadata.text("Partition"),
        offset: metadata.text("Offset"),
        key: metadata.text("Key"),
        time: metadata.date("Timestamp"),
        headers: headers_of(metadata),
        value: content.into_bytes(),
    }
}

fn headers_of(metadata: &Metadata) -> Vec<(Text, Text)> {
    let list = metadata.get("Headers");
    list.map_or_else(Vec::new, |list| headers(&list.unwrapped()))
}

/// A list of `{Key, Value}`, each value as base64. What is no text stays base64.
fn headers(list: &Json) -> Vec<(Text, Text)> {
    let elements = list.elements().unwrap_or_default().into_iter();
    let pair = |element: Json| {
        let (name, value) = (
            element.member("Key")?.content()?,
            element.member("Value")?.shown()?,
        );
        let decoded = STANDARD.decode_to_vec(value.as_bytes()).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        Some((name, decoded.map_or(value, Text::from)))
    };
    elements.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::decoded;
    use isobar_core::{Event, Message, Order};
    use serde_json::{Value, json};

    const ONE: &str = r#"{"type": "kafkaTrigger", "name": "m", "topic": "clicks"}"#;

    fn envelope(value: &Value) -> Value {
        json!({"Offset": 7, "Partition": 0, "Topic": "clicks", "Timestamp": "2026-01-02T03:04:05.1Z", "Value": value,
            "Key": "k1", "Headers": [{"Key": "h", "Value": "dg=="}]})
    }

    fn seen(event: &Event) -> String {
        let message: Message = Message::of(event).unwrap().unwrap();
        let key = message.ordering_key().unwrap_or("-");
        let header = message.attribute("h").unwrap_or("-");
        let sent = message.sent().unwrap_or("-");
        let body = String::from_utf8_lossy(&message.body().0).into_owned();
        format!("{} {key} {header} {sent} {body}", message.id())
    }

    #[test]
    fn an_envelope_is_undone_however_often_it_is_encoded() {
        for (value, wanted) in [
            (json!("hi"), "hi"),
            (json!({"a": 1}), "{\"a\":1}"),
            (json!(null), ""),
        ] {
            let envelope = envelope(&value);
            for data in [
                envelope.clone(),
                json!(envelope.to_string()),
                json!(json!(envelope.to_string()).to_string()),
            ] {
                let batch = decoded(
                    ONE,
                    &json!({"Data": {"m": data}, "Metadata": {"Topic": "\"other\""}}),
                );
                let wanted = format!("clicks/0/7 k1 v 2026-01-02T03:04:05.1Z {wanted}");
                assert_eq!(seen(&batch.events[0]), wanted);
            }
        }
    }

    #[test]
    fn what_the_envelope_lacks_the_metadata_says() {
        let metadata = json!({"Key": "\"k\"", "Timestamp": "2026-01-02T03:04:05",
            "Headers": "[{\"Key\":\"h\",\"Value\":\"dg==\"}]"});
        let mut envelope = json!({"Offset": 7, "Partition": 0, "Topic": "clicks", "Value": "hi"});
        let of = |envelope: &Value| {
            let json = json!({"Data": {"m": envelope.to_string()}, "Metadata": metadata});
            seen(&decoded(ONE, &json).events[0])
        };
        assert_eq!(of(&envelope), "clicks/0/7 k v 2026-01-02T03:04:05Z hi");
        for name in ["Key", "Timestamp", "Headers"] {
            envelope[name] = Value::Null;
        }
        assert_eq!(of(&envelope), "clicks/0/7 - - - hi");
    }

    #[test]
    fn bytes_and_text_alone_have_their_place_from_the_metadata() {
        let metadata = json!({"Key": "\"k\"", "Topic": "\"t\"", "Partition": "1", "Offset": "9",
            "Timestamp": "2026-01-02T03:04:05", "Headers": "[{\"Key\":\"h\",\"Value\":\"/w==\"}]"});
        let binary = ONE.replace("\"m\"", "\"m\", \"dataType\": \"binary\"");
        for (function, data) in [(binary.as_str(), "aGk="), (ONE, "\"hi\"")] {
            let batch = decoded(
                function,
                &json!({"Data": {"m": data}, "Metadata": metadata}),
            );
            assert_eq!(
                seen(&batch.events[0]),
                "t/1/9 k /w== 2026-01-02T03:04:05Z hi"
            );
        }
    }

    #[test]
    fn a_batch_keeps_its_order() {
        let many = ONE.replace("\"m\"", "\"m\", \"cardinality\": \"many\"");
        let list = json!([
            envelope(&json!("a")).to_string(),
            envelope(&json!("b")).to_string()
        ]);
        for data in [
            json!(list.to_string()),
            json!(json!(list.to_string()).to_string()),
        ] {
            let batch = decoded(&many, &json!({"Data": {"m": data}, "Metadata": {}}));
            assert_eq!(batch.order, Order::Whole);
            assert!(
                seen(&batch.events[1]).ends_with(" b"),
                "{}",
                seen(&batch.events[1])
            );
        }
        let binary = many.replace("\"many\"", "\"many\", \"dataType\": \"binary\"");
        let json = json!({"Data": {"m": "[\"YQ==\",\"Yg==\"]"}, "Metadata": {"TopicArray": "[\"t\",\"t\"]",
            "PartitionArray": "[0,0]", "OffsetArray": "[1,2]", "KeyArray": "[null,\"k\"]"}});
        let batch = decoded(&binary, &json);
        assert_eq!(seen(&batch.events[0]), "t/0/1 - - - a");
        assert_eq!(seen(&batch.events[1]), "t/0/2 k - - b");
    }
}
