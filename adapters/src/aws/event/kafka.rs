//! Kafka: Amazon MSK, and clusters that one manages oneself; each partition in its own order.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html>.

use std::borrow::Cow;

use isobar_core::{Event, MessageParts, Text};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::scope::{Scope, base64, decoded};
use super::time;
use crate::aws::json::{Read, object, value};
use crate::json::{Malformed as NoJson, Reader};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "Kafka",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Delivery {
        arn: Str<'a> = "eventSourceArn",
        servers: Str<'a> = "bootstrapServers",
        partitions: Lists<'a> = "records",
    }
}

/// Lists of records by the name of what they came in: a partition here, a queue for `RabbitMQ`.
#[derive(Debug, Default)]
pub(in crate::aws) struct Lists<'a>(pub(super) Vec<(Cow<'a, str>, Vec<&'a str>)>);

impl<'a> Read<'a> for Lists<'a> {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|list, name| {
            let Raws(list) = value(list)?;
            self.0.push((name, list));
            Ok(())
        })
    }
}

/// The elements of a list, unread.
#[derive(Debug, Default)]
pub(in crate::aws) struct Raws<'a>(pub(super) Vec<&'a str>);

impl<'a> Read<'a> for Raws<'a> {
    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), NoJson> {
        list.list(|element| {
            self.0.push(element.raw()?);
            Ok(())
        })
    }
}

object! {
    Record {
        topic: Str<'a> = "topic",
        partition: Str<'a> = "partition",
        offset: Str<'a> = "offset",
        time: Str<'a> = "timestamp",
        key: Str<'a> = "key",
        value: Str<'a> = "value",
        headers: Headers<'a> = "headers",
    }
}

/// `[{"name": [104, 105]}, ..]`: bytes as Java has them, with a sign.
#[derive(Debug, Default)]
pub(in crate::aws) struct Headers<'a>(Vec<(Cow<'a, str>, String)>);

impl<'a> Read<'a> for Headers<'a> {
    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), NoJson> {
        list.list(|element| {
            let Headers(headers) = value(element)?;
            self.0.extend(headers);
            Ok(())
        })
    }

    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|header, name| {
            let JavaBytes(bytes) = value(header)?;
            self.0.push((name, readable(bytes)));
            Ok(())
        })
    }
}

/// Bytes as a list of numbers, of which Java writes those over 127 as negative.
#[derive(Debug, Default)]
pub(in crate::aws) struct JavaBytes(pub(super) Vec<u8>);

impl<'a> Read<'a> for JavaBytes {
    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), NoJson> {
        list.list(|element| {
            let number = value::<Str<'a>>(element)?.and_then(|number| number.parse::<i16>().ok());
            self.0.extend(number.map(|number| number.to_le_bytes()[0]));
            Ok(())
        })
    }
}

/// A text where the bytes are one, else their base64.
pub(super) fn readable(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|bytes| base64_simd::STANDARD.encode_to_string(bytes.as_bytes()))
}

/// Reads a batch.
pub(super) fn read(scope: Scope<'_>) -> Result<Gathered, Malformed> {
    let delivery = scope.read::<Delivery<'_>>(TRIGGER, scope.payload)?;
    let cluster = delivery.arn.or(delivery.servers);
    let cluster = scope.text(TRIGGER.named(cluster, "eventSourceArn")?);
    let all = delivery
        .partitions
        .0
        .iter()
        .map(|(_, records)| records.len());
    let mut gathered = Gathered::of(all.sum());
    for (partition, records) in delivery.partitions.0 {
        let partition = scope.text(partition);
        for raw in records {
            let (offset, content) = record(scope, &cluster, &partition, raw);
            let id = offset.map_or(Id::None, |offset| Id::Offset(partition.clone(), offset));
            gathered.add_after(&partition, id, content.map(Content::One));
        }
    }
    Ok(gathered)
}

fn record<'a>(
    scope: Scope<'a>,
    cluster: &Text,
    partition: &Text,
    raw: &'a str,
) -> (Option<i64>, Result<Event, Malformed>) {
    match scope.read::<Record<'_>>(TRIGGER, raw) {
        Ok(record) => {
            let offset = record.offset.as_deref().and_then(|o| o.parse().ok());
            let event = offset
                .ok_or_else(|| TRIGGER.missing("offset"))
                .and_then(|offset| event(scope, (cluster, partition, offset), raw, record));
            (offset, event)
        }
        Err(malformed) => (None, Err(malformed)),
    }
}

fn event(
    scope: Scope<'_>,
    (cluster, partition, offset): (&Text, &Text, i64),
    raw: &str,
    record: Record<'_>,
) -> Result<Event, Malformed> {
    let topic = TRIGGER.named(record.topic, "topic")?;
    let value = record.value.as_deref().map(base64);
    if value == Some(None) {
        return Err(TRIGGER.wrong("value", "is not base64"));
    }
    let mut parts = MessageParts::default();
    parts.source_name = scope.text(topic);
    let key = record
        .key
        .map(|key| base64(&key).map_or_else(|| key.into_owned(), readable));
    parts.ordering_key = key.map(Text::from);
    let headers = record.headers.0.into_iter();
    parts.attributes = headers
        .map(|(name, value)| (scope.text(name), value.into()))
        .collect();
    let sent = record.time.and_then(|time| time::of_millis(&time));
    let id = format!("{partition}@{offset}");
    let name = scope.name(&parts.source_name);
    let mut event = Event::builder(name, id, cluster.clone(), "com.amazonaws.kafka.record")
        .time(sent)
        .native(scope.bytes(raw))
        .extension("sequence", offset.to_string());
    if let Some(key) = &parts.ordering_key {
        event = event.extension("partitionkey", key.clone());
    }
    // Without a value it is a tombstone: the key's last record is to be forgotten.
    let event = match value.flatten() {
        Some(value) => decoded(event, value),
        None => event,
    };
    Ok(event.message(parts).build())
}
