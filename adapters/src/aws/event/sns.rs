//! SNS: a topic's messages, delivered directly or through a queue.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>; the attributes are those of
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/adapters/aws-sns.md>.

use std::borrow::Cow;

use isobar_core::{Event, MessageParts, Text};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope, TEXT, is_json};
use super::sqs::{Carrier, texts};
use super::unwrap::{self, Inner};
use super::{arn, cloud_event};
use crate::aws::json::{Raw, Read, object, value};
use crate::json::{Malformed as NoJson, Reader};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "SNS",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        source: Str<'a> = "EventSource",
        subscription: Str<'a> = "EventSubscriptionArn",
        notification: Raw<'a> = "Sns",
    }
}

object! {
    Notification {
        id: Str<'a> = "MessageId",
        kind: Str<'a> = "Type",
        topic: Str<'a> = "TopicArn",
        subject: Str<'a> = "Subject",
        message: Str<'a> = "Message",
        time: Str<'a> = "Timestamp",
        attributes: Attributes<'a> = "MessageAttributes",
        unsubscribe: Str<'a> = "UnsubscribeURL" | "UnsubscribeUrl",
    }
}

object! {
    Value {
        text: Str<'a> = "Value",
    }
}

#[derive(Debug, Default)]
pub(in crate::aws) struct Attributes<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Read<'a> for Attributes<'a> {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|attribute, name| {
            let attribute: Value<'a> = value(attribute)?;
            self.0.extend(attribute.text.map(|text| (name, text)));
            Ok(())
        })
    }
}

/// Reads a delivery: one record, as the service has it.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    let mut gathered = Gathered::of(records.len());
    for &raw in records {
        gathered.add(Id::None, record(scope, raw));
    }
    gathered
}

fn record<'a>(scope: Scope<'a>, raw: &'a str) -> Result<Content, Malformed> {
    let record = scope.read::<Record<'_>>(TRIGGER, raw)?;
    if record.source.as_deref() != Some("aws:sns") {
        return Err(TRIGGER.wrong("EventSource", "is not aws:sns as that of the first record"));
    }
    let sns = record
        .notification
        .0
        .ok_or_else(|| TRIGGER.missing("Sns"))?;
    content(scope, (raw, sns), record.subscription, &Carrier::default())
}

/// Reads a notification that is the body of an SQS message.
pub(super) fn wrapped(scope: Scope<'_>, carrier: &Carrier) -> Result<Vec<Event>, Malformed> {
    let body = &**scope.payload;
    match content(scope, (body, body), None, carrier)? {
        Content::One(event) => Ok(vec![event]),
        Content::Wrapped(events) => Ok(events),
    }
}

/// Reads a notification, the second of the texts; the first is its native form.
fn content<'a>(
    scope: Scope<'a>,
    (native, raw): (&'a str, &'a str),
    subscription: Str<'_>,
    carrier: &Carrier,
) -> Result<Content, Malformed> {
    let sns = scope.read::<Notification<'_>>(TRIGGER, raw)?;
    let id = TRIGGER.named(sns.id, "MessageId")?;
    let topic = TRIGGER.named(sns.topic, "TopicArn")?;
    let message = sns.message.ok_or_else(|| TRIGGER.missing("Message"))?;
    let message = scope.text(message);
    if scope.rules.unwraps
        && let Some(inner) = Inner::read(&message)
    {
        let within = Scope {
            payload: &message,
            rules: scope.rules,
        };
        if let Some(events) = unwrap::of_sns(within, &inner)? {
            return Ok(Content::Wrapped(events));
        }
    }
    let topic = scope.text(topic);
    let kind = sns.kind.unwrap_or(Cow::Borrowed("Notification"));
    let is_asked = kind == "SubscriptionConfirmation";
    let source = subscription
        .map(|arn| scope.text(arn))
        .or_else(|| Some(subscribed(sns.unsubscribe.as_deref()?)?.into()))
        .filter(|_| !is_asked)
        .unwrap_or_else(|| topic.clone());
    let mut parts = MessageParts::default();
    parts.source_name = scope.part(arn::name(&topic));
    parts.attributes = texts(scope, sns.attributes.0);
    parts.ordering_key.clone_from(&carrier.ordering_key);
    parts.delivery_count = carrier.delivery_count;
    let ty: Text = match &*kind {
        "Notification" => Text::from_static("com.amazonaws.sns.Notification"),
        kind => format!("com.amazonaws.sns.{kind}").into(),
    };
    let name = scope.name(&parts.source_name);
    let within = Scope {
        payload: &message,
        rules: scope.rules,
    };
    let own = cloud_event::begin(within, &message, name.clone());
    let event = own.unwrap_or_else(|| {
        let content_type = if is_json(&message) { JSON } else { TEXT };
        let subject = sns.subject.filter(|_| !is_asked);
        Event::builder(name, scope.text(id), source, ty)
            .subject(subject.map(|subject| scope.text(subject)))
            .time(sns.time.map(|time| scope.text(time)))
            .data(content_type, message.as_bytes().clone())
    });
    let event = event.native(scope.bytes(native)).message(parts);
    Ok(Content::One(event.build()))
}

/// A notification in a queue names its subscription only in the link that ends it.
fn subscribed(unsubscribe: &str) -> Option<String> {
    let (_, query) = unsubscribe.split_once('?')?;
    let mut pairs = query.split('&');
    let arn = pairs.find_map(|pair| pair.strip_prefix("SubscriptionArn="))?;
    arn.starts_with("arn:").then(|| arn.to_owned())
}
