//! `CloudWatch` Logs: what a subscription filter lets through.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>.

use std::borrow::Cow;
use std::io::Read as _;

use bytestring::ByteString;
use flate2::read::GzDecoder;
use isobar_core::{Event, Text};

use super::gather::{Content, Gathered, Id};
use super::kafka::Raws;
use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope, base64};
use super::time;
use crate::aws::json::object;

pub(super) const TRIGGER: Trigger = Trigger {
    name: "CloudWatch Logs",
    form: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
};

/// What the lines may unpack to: an invocation brings 6 MB of base64 at most, which could be
/// thousands of times as much, and logs are seldom ten times.
const LIMIT: u64 = 64 << 20;

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Delivery {
        logs: Packed<'a> = "awslogs",
    }
}

object! {
    Packed {
        data: Str<'a> = "data",
    }
}

object! {
    Lines {
        kind: Str<'a> = "messageType",
        group: Str<'a> = "logGroup",
        stream: Str<'a> = "logStream",
        events: Raws<'a> = "logEvents",
    }
}

object! {
    Line {
        id: Str<'a> = "id",
        time: Str<'a> = "timestamp",
    }
}

/// Reads a delivery: one event of many lines; none, where the service only tries the way.
pub(super) fn read(scope: Scope<'_>) -> Result<Gathered, Malformed> {
    let delivery = scope.read::<Delivery<'_>>(TRIGGER, scope.payload)?;
    let packed = delivery
        .logs
        .data
        .ok_or_else(|| TRIGGER.missing("awslogs.data"))?;
    let unpacked = unpacked(&packed)?;
    let within = Scope {
        payload: &unpacked,
        rules: scope.rules,
    };
    let event = event(within, scope)?;
    let mut gathered = Gathered::of(1);
    gathered.add(Id::None, Ok(Content::Wrapped(event.into_iter().collect())));
    Ok(gathered)
}

fn unpacked(packed: &str) -> Result<ByteString, Malformed> {
    let field = "awslogs.data";
    let packed = base64(packed).ok_or_else(|| TRIGGER.wrong(field, "is not base64"))?;
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed)
        .take(LIMIT + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| Malformed::caused(TRIGGER, field, &error))?;
    if unpacked.len() as u64 > LIMIT {
        return Err(TRIGGER.wrong(field, "unpacks to more than 64 MiB"));
    }
    ByteString::try_from(unpacked).map_err(|_not| TRIGGER.wrong(field, "is not UTF-8"))
}

fn event(scope: Scope<'_>, outer: Scope<'_>) -> Result<Option<Event>, Malformed> {
    let lines = scope.read::<Lines<'_>>(TRIGGER, scope.payload)?;
    match lines.kind.as_deref() {
        Some("DATA_MESSAGE") => {}
        Some("CONTROL_MESSAGE") => return Ok(None),
        _ => return Err(TRIGGER.wrong("messageType", "is not DATA_MESSAGE or CONTROL_MESSAGE")),
    }
    let group = scope.text(TRIGGER.named(lines.group, "logGroup")?);
    let stream = scope.text(TRIGGER.named(lines.stream, "logStream")?);
    let first = lines.events.0.first();
    let first = first.ok_or_else(|| TRIGGER.missing("logEvents[0]"))?;
    let Line { id, time, .. } = scope.read(TRIGGER, first)?;
    let id = TRIGGER.named(id, "logEvents[0].id")?;
    let source: Text = format!("{group}/{stream}").into();
    let event = Event::builder(
        scope.name(&group),
        scope.text(id),
        source,
        "com.amazonaws.logs.event",
    )
    .subject(Some(stream))
    .time(time.and_then(|time| time::of_millis(&time)))
    .data(JSON, scope.payload.as_bytes().clone())
    .native(outer.payload.as_bytes().clone());
    Ok(Some(event.build()))
}
