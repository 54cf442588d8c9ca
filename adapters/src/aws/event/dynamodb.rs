//! DynamoDB's streams: changes of a table, in the order of a shard.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.

use std::borrow::Cow;

use bytes::Bytes;
use isobar_core::{ChangeParts, Event, Operation};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope};
use super::{arn, attribute, shard, time};
use crate::aws::json::{Raw, object};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "DynamoDB Streams",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        id: Str<'a> = "eventID",
        name: Str<'a> = "eventName",
        source: Str<'a> = "eventSource",
        arn: Str<'a> = "eventSourceARN",
        table: Str<'a> = "tableName",
        change: Stream<'a> = "dynamodb",
    }
}

object! {
    Stream {
        time: Str<'a> = "ApproximateCreationDateTime",
        keys: Raw<'a> = "Keys",
        after: Raw<'a> = "NewImage",
        before: Raw<'a> = "OldImage",
        sequence: Str<'a> = "SequenceNumber",
    }
}

/// Reads a batch, which comes of one shard.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    shard::read(records, |raw| {
        let record = match scope.read::<Record<'_>>(TRIGGER, raw) {
            Ok(record) => record,
            Err(malformed) => return (Id::None, Err(malformed)),
        };
        let sequence = record.change.sequence.clone().filter(|s| !s.is_empty());
        let id = sequence.map_or(Id::None, |sequence| Id::Text(scope.text(sequence)));
        (id, event(scope, raw, record).map(Content::One))
    })
}

fn event<'a>(scope: Scope<'a>, raw: &'a str, record: Record<'a>) -> Result<Event, Malformed> {
    if record.source.as_deref() != Some("aws:dynamodb") {
        return Err(TRIGGER.wrong(
            "eventSource",
            "is not aws:dynamodb as that of the first record",
        ));
    }
    let id = TRIGGER.named(record.id, "eventID")?;
    let name = TRIGGER.named(record.name, "eventName")?;
    let (ty, operation) = match &*name {
        "INSERT" => ("com.amazonaws.dynamodb.INSERT", Operation::Insert),
        "MODIFY" => ("com.amazonaws.dynamodb.MODIFY", Operation::Update),
        "REMOVE" => ("com.amazonaws.dynamodb.REMOVE", Operation::Delete),
        _ => return Err(TRIGGER.wrong("eventName", "is not INSERT, MODIFY or REMOVE")),
    };
    let arn = record.arn.unwrap_or_default();
    let table = record.table.filter(|table| !table.is_empty());
    let table = match table {
        Some(table) => scope.text(table),
        None => scope.part(
            arn::part(&arn, "table")
                .ok_or_else(|| TRIGGER.wrong("eventSourceARN", "names no table"))?,
        ),
    };
    let change = record.change;
    let document = |raw: Raw<'_>, field| raw.0.map(|raw| plain(raw, field)).transpose();
    let mut parts = ChangeParts::new(table.clone(), operation);
    parts.keys = document(change.keys, "dynamodb.Keys")?;
    parts.before = document(change.before, "dynamodb.OldImage")?;
    parts.after = document(change.after, "dynamodb.NewImage")?;
    parts.sequence = change.sequence.map(|sequence| scope.text(sequence));
    let source = if arn.is_empty() {
        table.clone()
    } else {
        scope.text(arn)
    };
    let mut event = Event::builder(scope.name(&table), scope.text(id), source, ty)
        .time(change.time.and_then(|time| time::of_seconds(&time)))
        .data(JSON, scope.bytes(raw))
        .native(scope.bytes(raw));
    if let Some(sequence) = &parts.sequence {
        event = event.extension("sequence", sequence.clone());
    }
    Ok(event.change(parts).build())
}

fn plain(raw: &str, field: &'static str) -> Result<Bytes, Malformed> {
    attribute::plain(raw)
        .map(Bytes::from)
        .map_err(|error| Malformed::caused(TRIGGER, field, &error))
}
