//! Amazon MQ for `RabbitMQ`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html>.

use std::borrow::Cow;

use isobar_core::{Event, MessageParts, Text};

use super::gather::{Content, Gathered, Id};
use super::kafka::{JavaBytes, Lists, readable};
use super::malformed::{Malformed, Trigger};
use super::scope::{Scope, base64, decoded};
use crate::aws::json::{Read, object, value};
use crate::json::{Malformed as NoJson, Reader};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "Amazon MQ for RabbitMQ",
    form: "https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Delivery {
        arn: Str<'a> = "eventSourceArn",
        queues: Lists<'a> = "rmqMessagesByQueue",
    }
}

object! {
    Message {
        properties: Properties<'a> = "basicProperties",
        redelivered: Str<'a> = "redelivered",
        data: Str<'a> = "data",
    }
}

object! {
    Properties {
        id: Str<'a> = "messageId",
        content_type: Str<'a> = "contentType",
        headers: Headers<'a> = "headers",
    }
}

/// A header is a text, a number, or bytes in an object of their own.
#[derive(Debug, Default)]
pub(in crate::aws) struct Headers<'a>(Vec<(Cow<'a, str>, String)>);

impl<'a> Read<'a> for Headers<'a> {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|header, name| {
            let Header(text) = value(header)?;
            self.0.extend(text.map(|text| (name, text)));
            Ok(())
        })
    }
}

#[derive(Default)]
struct Header(Option<String>);

impl<'a> Read<'a> for Header {
    fn text(&mut self, text: Cow<'a, str>) {
        self.0 = Some(text.into_owned());
    }

    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), NoJson> {
        object.object(|member, name| {
            let JavaBytes(bytes) = value(member)?;
            if name == "bytes" {
                self.0 = Some(readable(bytes));
            }
            Ok(())
        })
    }
}

/// Reads a batch. A queue's name has its virtual host behind it: `orders::/`.
pub(super) fn read(scope: Scope<'_>, request_id: &str) -> Result<Gathered, Malformed> {
    let delivery = scope.read::<Delivery<'_>>(TRIGGER, scope.payload)?;
    let arn = TRIGGER.named(delivery.arn, "eventSourceArn")?;
    let broker = scope.text(arn);
    let all = delivery.queues.0.iter().map(|(_, messages)| messages.len());
    let mut gathered = Gathered::of(all.sum());
    for (queue, messages) in delivery.queues.0 {
        let name = queue.rsplit_once("::").map_or(&*queue, |(name, _)| name);
        let name = scope.part(name);
        for (place, raw) in messages.into_iter().enumerate() {
            let own = || format!("{request_id}/{queue}/{place}");
            let event = event(scope, (&broker, &name), raw, own);
            gathered.add(Id::None, event.map(Content::One));
        }
    }
    Ok(gathered)
}

/// Reads a message. `own` makes an id where the sender gave none.
fn event<'a>(
    scope: Scope<'a>,
    (broker, queue): (&Text, &Text),
    raw: &'a str,
    own: impl FnOnce() -> String,
) -> Result<Event, Malformed> {
    let message = scope.read::<Message<'_>>(TRIGGER, raw)?;
    let data = message.data.ok_or_else(|| TRIGGER.missing("data"))?;
    let data = base64(&data).ok_or_else(|| TRIGGER.wrong("data", "is not base64"))?;
    let properties = message.properties;
    let mut parts = MessageParts::default();
    parts.source_name = queue.clone();
    let headers = properties.headers.0.into_iter();
    parts.attributes = headers
        .map(|(name, value)| (scope.text(name), value.into()))
        .collect();
    parts.delivery_count = (message.redelivered.as_deref() == Some("false")).then_some(1);
    let id = properties.id.filter(|id| !id.is_empty());
    let id = id.map_or_else(|| own().into(), |id| scope.text(id));
    let ty = "com.amazonaws.mq.message";
    let event = Event::builder(scope.name(queue), id, broker.clone(), ty).native(scope.bytes(raw));
    let event = match properties.content_type.filter(|ty| !ty.is_empty()) {
        Some(ty) => event.data(scope.text(ty), data),
        None => decoded(event, data),
    };
    Ok(event.message(parts).build())
}
