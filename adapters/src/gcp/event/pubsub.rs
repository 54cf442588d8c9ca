//! Pub/Sub: messages in their envelope, by Eventarc or as a subscription pushes them.
//!
//! Sources: <https://cloud.google.com/pubsub/docs/push#receive_push>,
//! <https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/pubsub/v1/data.proto>.

use std::borrow::Cow;

use isobar_core::{Event, EventBuilder, MessageParts, Text};

use super::{Rules, notification};
use crate::cloudevents::base64;
use crate::cloudevents::endpoint::segment;
use crate::cloudevents::event::last_segment;
use crate::cloudevents::json::{self, Members};
use crate::cloudevents::{CloudEvent, Malformed, Payload};

pub(super) const TYPE: &str = "google.cloud.pubsub.topic.v1.messagePublished";
const TRIGGER: &str = "Pub/Sub message";

/// What surrounds a message: Google writes its fields in both spellings, and its emulator escapes
/// slashes.
pub(super) struct Envelope<'a> {
    message: Members<'a>,
    /// `projects/P/subscriptions/S`, or the topic's where the path says so.
    source: Cow<'a, str>,
    delivery_attempt: Option<u32>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of a push; `None` if it is none.
    pub(super) fn of(members: &Members<'a>, rest: &'a str) -> Option<Self> {
        let message = members.object("message")?;
        let said = members.string("subscription");
        let source = said
            .filter(|name| !name.is_empty())
            .or_else(|| of_path(rest))?;
        let delivery_attempt = members.number("deliveryAttempt");
        Some(Self {
            message,
            source,
            delivery_attempt,
        })
    }
}

/// Returns the topic or subscription that a push endpoint's path names, as the Functions Frameworks
/// have it: `projects/P/topics/T`.
pub(super) fn of_path(rest: &str) -> Option<Cow<'_, str>> {
    let mut segments = rest.split('/');
    let names = [
        segments.next()?,
        segments.next()?,
        segments.next()?,
        segments.next()?,
    ];
    let [projects, project, collection, name] = names;
    let is_one = projects == "projects"
        && matches!(collection, "topics" | "subscriptions")
        && !project.is_empty()
        && !name.is_empty()
        && segments.next().is_none();
    is_one.then(|| segment(rest))
}

/// Reads what a subscription pushes.
pub(super) fn pushed(
    rules: &Rules,
    payload: &Payload,
    envelope: &Envelope<'_>,
) -> Result<Event, Malformed> {
    let message = &envelope.message;
    let id = message.any_text(&["messageId", "message_id"]);
    let id = id.filter(|id| !id.is_empty());
    let id =
        id.ok_or_else(|| Malformed::new(TRIGGER, "message.messageId", "is missing or empty"))?;
    let time = message.any_text(&["publishTime", "publish_time"]);
    let whole = payload.bytes(Cow::Borrowed(payload.as_str()));
    let event = CloudEvent {
        id: payload.text(id),
        source: format!("//pubsub.googleapis.com/{}", envelope.source).into(),
        ty: Text::from_static(TYPE),
        time: time.map(|time| payload.text(time)),
        data_content_type: Some(Text::from_static("application/json")),
        data: Some(whole.clone()),
        native: whole,
        ..CloudEvent::default()
    };
    let event = rules.with_native(event);
    read(rules, &event, payload, message, envelope.delivery_attempt)
}

/// Reads what Eventarc delivers of a topic.
pub(super) fn published(rules: &Rules, event: &CloudEvent) -> Result<Event, Malformed> {
    let malformed = |problem| Malformed::new(TRIGGER, "data", problem);
    let payload = event.data.as_ref().and_then(Payload::of);
    let payload = payload.filter(|_| event.is_json()).ok_or_else(|| {
        malformed("is not JSON; the trigger's event data content type is to be application/json")
    })?;
    let members = Members::of(payload.as_str()).ok_or_else(|| malformed("is no JSON object"))?;
    let message = members
        .object("message")
        .ok_or_else(|| malformed("has no message"))?;
    let attempt = members.number("deliveryAttempt");
    read(rules, event, &payload, &message, attempt)
}

fn read(
    rules: &Rules,
    event: &CloudEvent,
    payload: &Payload,
    message: &Members<'_>,
    delivery_count: Option<u32>,
) -> Result<Event, Malformed> {
    let data = match message.get("data") {
        Some(_) => message
            .string("data")
            .and_then(|text| base64::decode(&text))
            .ok_or_else(|| Malformed::new(TRIGGER, "message.data", "is not base64"))?,
        None => bytes::Bytes::new(),
    };
    let attributes = message.object("attributes").unwrap_or_default();
    let attributes: Vec<(Text, Text)> = { attributes.iter() }
        .filter_map(|(name, value)| {
            let value = json::text(value)?;
            Some((payload.text(name.clone()), payload.text(value)))
        })
        .collect();
    let text = |names: &[&str]| message.any_text(names).map(|text| payload.text(text));
    let mut parts = MessageParts::default();
    parts.source_name = last_segment(&event.source);
    parts.ordering_key = text(&["orderingKey", "ordering_key"]).filter(|key| !key.is_empty());
    parts.sent = text(&["publishTime", "publish_time"]);
    parts.delivery_count = delivery_count;
    parts.attributes = attributes;
    Ok(finish(rules, event, parts, data))
}

/// Makes a message of its parts, or an object of what is a notification of Cloud Storage.
pub(super) fn finish(
    rules: &Rules,
    event: &CloudEvent,
    parts: MessageParts,
    data: bytes::Bytes,
) -> Event {
    if let Some(object) = notification::event(rules, event, &parts, &data) {
        return object;
    }
    let name = rules.logical(&parts.source_name);
    with_body(event.builder(name), &parts, data)
        .message(parts)
        .build()
}

/// The message's media type is its sender's word; the event's is the envelope's.
fn with_body(builder: EventBuilder, parts: &MessageParts, data: bytes::Bytes) -> EventBuilder {
    let media_type = parts
        .attributes
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    match media_type {
        Some((_, media_type)) => builder.data(media_type.clone(), data),
        None => builder.untyped_data(data),
    }
}
