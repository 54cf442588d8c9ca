//! SQS: standard and FIFO queues.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.

use std::borrow::Cow;

use isobar_core::{Event, EventBuilder, MessageParts, Text};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::records::Alone;
use super::scope::{JSON, Scope, TEXT};
use super::unwrap::{self, Inner};
use super::{arn, cloud_event, time};
use crate::aws::json::{Long, Read, object, value};
use crate::aws::trace;
use crate::json::{Malformed as NoJson, Reader};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "SQS",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        id: Str<'a> = "messageId",
        body: Long<'a> = "body",
        system: System<'a> = "attributes",
        attributes: Attributes<'a> = "messageAttributes",
        source: Str<'a> = "eventSource",
        arn: Str<'a> = "eventSourceARN",
    }
}

object! {
    /// What the service itself says of a message.
    System {
        count: Str<'a> = "ApproximateReceiveCount",
        sent: Str<'a> = "SentTimestamp",
        group: Str<'a> = "MessageGroupId",
        sequence: Str<'a> = "SequenceNumber",
        trace: Str<'a> = "AWSTraceHeader",
    }
}

object! {
    Value {
        text: Str<'a> = "stringValue",
        binary: Str<'a> = "binaryValue",
    }
}

/// The sender's attributes, in the service's order; a binary one as the base64 that it comes as.
#[derive(Debug, Default)]
pub(in crate::aws) struct Attributes<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Read<'a> for Attributes<'a> {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|attribute, name| {
            let attribute: Value<'a> = value(attribute)?;
            if let Some(text) = attribute.text.or(attribute.binary) {
                self.0.reserve_exact(1);
                self.0.push((name, text));
            }
            Ok(())
        })
    }
}

/// What wraps another source's event has to say of it.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    pub(super) delivery_count: Option<u32>,
    pub(super) ordering_key: Option<Text>,
    /// Of what is in it: the group, and the sender's trace.
    extensions: Vec<(&'static str, Text)>,
}

impl Carrier {
    /// Says of an event what its carrier has said.
    fn extend(&self, event: impl Into<EventBuilder>) -> EventBuilder {
        let extensions = self.extensions.iter();
        extensions.fold(event.into(), |event, (name, value)| {
            event.extension(*name, value.clone())
        })
    }
}

/// Reads a batch. A FIFO queue's groups keep their order each; a standard queue's messages have a
/// group for fairness alone.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    let mut gathered = Gathered::of(records.len());
    for &raw in records {
        match scope.read(TRIGGER, raw) {
            Ok(record) => add(scope, &mut gathered, raw, record),
            Err(malformed) => gathered.add(Id::None, Err(malformed)),
        }
    }
    gathered
}

/// Reads a batch that is written as the service writes it, while it is told apart: ten thousand
/// messages are not read twice. `None` if it is no queue's, or written otherwise.
pub(super) fn read_at_once(scope: Scope<'_>) -> Option<Gathered> {
    let records = Alone::begin(scope.payload)?;
    let mut gathered = Gathered::of(records.guess());
    records.each(|raw, record: Record<'_>| {
        if gathered.items.is_empty() && record.source.as_deref() != Some("aws:sqs") {
            return None;
        }
        add(scope, &mut gathered, raw, record);
        Some(())
    })?;
    Some(gathered)
}

fn add<'a>(scope: Scope<'a>, gathered: &mut Gathered, raw: &'a str, record: Record<'a>) {
    let id = record.id.clone().filter(|id| !id.is_empty());
    let id = id.map(|id| scope.text(id));
    let arn = record.arn.as_deref().unwrap_or_default();
    let group = record
        .system
        .group
        .clone()
        .filter(|_| arn.strip_suffix(".fifo").is_some());
    let group = group.map(|group| scope.text(group));
    let content = content(scope, raw, record, id.clone(), group.clone());
    let id = id.map_or(Id::None, Id::Text);
    match group {
        Some(group) => gathered.add_after(&group, id, content),
        None => gathered.add(id, content),
    }
}

fn content(
    scope: Scope<'_>,
    raw: &str,
    record: Record<'_>,
    id: Option<Text>,
    group: Option<Text>,
) -> Result<Content, Malformed> {
    if record.source.as_deref() != Some("aws:sqs") {
        return Err(TRIGGER.wrong("eventSource", "is not aws:sqs as that of the first record"));
    }
    let id = id.ok_or_else(|| TRIGGER.missing("messageId"))?;
    let arn = TRIGGER.named(record.arn, "eventSourceARN")?;
    let body = record.body.text().ok_or_else(|| TRIGGER.missing("body"))?;
    let body = scope.text(body);
    let carrier = carrier(scope, &record.system, group);
    let inner = Inner::read(&body);
    if let Some(inner) = inner.as_ref().filter(|_| scope.rules.unwraps)
        && let Some(events) = unwrap::of_sqs(scope, &body, inner, &carrier)?
    {
        let events = events.into_iter();
        let events = events.map(|event| carrier.extend(event).build()).collect();
        return Ok(Content::Wrapped(events));
    }
    let is_json = inner.is_some();
    drop(inner);
    let source = scope.text(arn);
    let source_name = scope.part(arn::name(&source));
    let name = scope.name(&source_name);
    let within = Scope {
        payload: &body,
        rules: scope.rules,
    };
    let own = cloud_event::begin(within, &body, name.clone());
    let mut event = own.unwrap_or_else(|| {
        let is_json = is_json || super::scope::is_json(&body);
        let content_type = if is_json { JSON } else { TEXT };
        let sent = record.system.sent.and_then(|sent| time::of_millis(&sent));
        Event::builder(name, id, source, "com.amazonaws.sqs.message")
            .time(sent)
            .data(content_type, body.as_bytes().clone())
    });
    if let Some(sequence) = record.system.sequence {
        event = event.extension("sequence", scope.text(sequence));
    }
    let mut parts = MessageParts::default();
    parts.source_name = source_name;
    parts.attributes = texts(scope, record.attributes.0);
    let event = carrier.extend(event).native(scope.bytes(raw));
    parts.ordering_key = carrier.ordering_key;
    parts.delivery_count = carrier.delivery_count;
    Ok(Content::One(event.message(parts).build()))
}

/// What the service says of a message; `group` is one that keeps its order.
fn carrier(scope: Scope<'_>, system: &System<'_>, group: Option<Text>) -> Carrier {
    let mut extensions = Vec::new();
    if let Some(group) = &system.group {
        extensions.push(("partitionkey", scope.text(group.clone())));
    }
    let trace = system.trace.as_deref().and_then(trace::context);
    if let Some(trace) = trace {
        extensions.push(("traceparent", trace.traceparent().into()));
    }
    Carrier {
        delivery_count: { system.count.as_ref() }.and_then(|count| count.parse().ok()),
        ordering_key: group,
        extensions,
    }
}

/// Makes texts of pairs.
pub(super) fn texts(
    scope: Scope<'_>,
    pairs: Vec<(Cow<'_, str>, Cow<'_, str>)>,
) -> Vec<(Text, Text)> {
    pairs
        .into_iter()
        .map(|(name, value)| (scope.text(name), scope.text(value)))
        .collect()
}
