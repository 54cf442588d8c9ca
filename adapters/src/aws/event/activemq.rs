//! Amazon MQ for `ActiveMQ`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html>.

use std::borrow::Cow;

use isobar_core::{Event, MessageParts, Text};

use super::gather::{Content, Gathered, Id};
use super::kafka::Raws;
use super::malformed::{Malformed, Trigger};
use super::scope::{Scope, base64, decoded};
use super::sqs::texts;
use super::time;
use crate::aws::http::event::Fields;
use crate::aws::json::object;

pub(super) const TRIGGER: Trigger = Trigger {
    name: "Amazon MQ for ActiveMQ",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Delivery {
        arn: Str<'a> = "eventSourceArn",
        messages: Raws<'a> = "messages",
    }
}

object! {
    Message {
        id: Str<'a> = "messageID",
        time: Str<'a> = "timestamp",
        destination: Destination<'a> = "destination",
        redelivered: Str<'a> = "redelivered",
        data: Str<'a> = "data",
        properties: Fields<'a> = "properties",
    }
}

object! {
    Destination {
        name: Str<'a> = "physicalName",
    }
}

/// Reads a batch.
pub(super) fn read(scope: Scope<'_>) -> Result<Gathered, Malformed> {
    let delivery = scope.read::<Delivery<'_>>(TRIGGER, scope.payload)?;
    let arn = TRIGGER.named(delivery.arn, "eventSourceArn")?;
    let broker = scope.text(arn);
    let mut gathered = Gathered::of(delivery.messages.0.len());
    for raw in delivery.messages.0 {
        gathered.add(Id::None, event(scope, &broker, raw).map(Content::One));
    }
    Ok(gathered)
}

fn event<'a>(scope: Scope<'a>, broker: &Text, raw: &'a str) -> Result<Event, Malformed> {
    let message = scope.read::<Message<'_>>(TRIGGER, raw)?;
    let id = TRIGGER.named(message.id, "messageID")?;
    let queue = message.destination.name;
    let queue = TRIGGER.named(queue, "destination.physicalName")?;
    let data = message.data.unwrap_or_default();
    let data = base64(&data).ok_or_else(|| TRIGGER.wrong("data", "is not base64"))?;
    let mut parts = MessageParts::default();
    parts.source_name = scope.text(queue);
    parts.attributes = texts(scope, message.properties.pairs);
    let sent = message.time.and_then(|time| time::of_millis(&time));
    // How often is not told, but whether it is the first time.
    parts.delivery_count = (message.redelivered.as_deref() == Some("false")).then_some(1);
    let name = scope.name(&parts.source_name);
    let ty = "com.amazonaws.mq.message";
    let event = Event::builder(name, scope.text(id), broker.clone(), ty)
        .time(sent)
        .native(scope.bytes(raw));
    Ok(decoded(event, data).message(parts).build())
}
