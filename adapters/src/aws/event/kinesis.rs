//! Kinesis's data streams, in the order of a shard.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>. Records that the
//! Kinesis Producer Library has put together stay together: their form is the library's own.

use std::borrow::Cow;

use isobar_core::{Event, MessageParts};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::scope::{Scope, base64, decoded};
use super::{arn, shard, time};
use crate::aws::json::object;

pub(super) const TRIGGER: Trigger = Trigger {
    name: "Kinesis",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        id: Str<'a> = "eventID",
        source: Str<'a> = "eventSource",
        arn: Str<'a> = "eventSourceARN",
        kinesis: Kinesis<'a> = "kinesis",
    }
}

object! {
    Kinesis {
        key: Str<'a> = "partitionKey",
        sequence: Str<'a> = "sequenceNumber",
        data: Str<'a> = "data",
        time: Str<'a> = "approximateArrivalTimestamp",
    }
}

/// Reads a batch, which comes of one shard.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    shard::read(records, |raw| {
        let record = match scope.read::<Record<'_>>(TRIGGER, raw) {
            Ok(record) => record,
            Err(malformed) => return (Id::None, Err(malformed)),
        };
        let sequence = record.kinesis.sequence.clone().filter(|s| !s.is_empty());
        let id = sequence.map_or(Id::None, |sequence| Id::Text(scope.text(sequence)));
        (id, event(scope, raw, record).map(Content::One))
    })
}

fn event(scope: Scope<'_>, raw: &str, record: Record<'_>) -> Result<Event, Malformed> {
    if record.source.as_deref() != Some("aws:kinesis") {
        return Err(TRIGGER.wrong(
            "eventSource",
            "is not aws:kinesis as that of the first record",
        ));
    }
    let kinesis = record.kinesis;
    let id = TRIGGER.named(record.id, "eventID")?;
    let arn = TRIGGER.named(record.arn, "eventSourceARN")?;
    let data = kinesis
        .data
        .ok_or_else(|| TRIGGER.missing("kinesis.data"))?;
    let data = base64(&data).ok_or_else(|| TRIGGER.wrong("kinesis.data", "is not base64"))?;
    let source = scope.text(arn);
    let key = kinesis.key.map(|key| scope.text(key));
    let mut parts = MessageParts::default();
    parts.source_name =
        scope.part(arn::part(&source, "stream").unwrap_or_else(|| arn::last(&source)));
    parts.ordering_key.clone_from(&key);
    let sent = kinesis.time.and_then(|time| time::of_seconds(&time));
    let ty = "com.amazonaws.kinesis.record";
    let event = Event::builder(scope.name(&parts.source_name), scope.text(id), source, ty)
        .subject(key.clone())
        .time(sent)
        .native(scope.bytes(raw));
    let mut event = decoded(event, data);
    if let Some(key) = key {
        event = event.extension("partitionkey", key);
    }
    if let Some(sequence) = kinesis.sequence {
        event = event.extension("sequence", scope.text(sequence));
    }
    Ok(event.message(parts).build())
}
