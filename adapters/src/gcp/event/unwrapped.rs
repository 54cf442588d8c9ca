//! A Pub/Sub message without its envelope: the body is its data, the headers say the rest where the
//! subscription writes metadata.
//!
//! Every attribute is then a header of its own name, so what the sender wrote cannot be told from
//! what the platform adds, except by name. Source:
//! <https://cloud.google.com/pubsub/docs/payload-unwrapping>.

use bytes::Bytes;
use isobar_core::{Event, HeaderMap, MessageParts, Text};

use super::{Rules, pubsub};
use crate::cloudevents::event::last_segment;
use crate::cloudevents::{CloudEvent, Malformed};

const TRIGGER: &str = "Pub/Sub message without a wrapper";

pub(super) fn is_one(headers: &HeaderMap) -> bool {
    headers.contains_key("x-goog-pubsub-message-id")
        || headers.contains_key("x-goog-pubsub-subscription-name")
}

/// Reads the message. Without metadata the path names its source, and it has no id: whether it
/// came before cannot be told.
pub(super) fn event(
    rules: &Rules,
    headers: &HeaderMap,
    rest: &str,
    body: &Bytes,
) -> Result<Event, Malformed> {
    let text = |name| text(headers, name);
    let source = text("x-goog-pubsub-subscription-name");
    let source = source.or_else(|| Some(Text::from(pubsub::of_path(rest)?.as_ref())));
    let source = source
        .ok_or_else(|| Malformed::new(TRIGGER, "x-goog-pubsub-subscription-name", "is missing"))?;
    let id = match text("x-goog-pubsub-message-id") {
        Some(id) => id,
        None if is_one(headers) => {
            return Err(Malformed::new(
                TRIGGER,
                "x-goog-pubsub-message-id",
                "is missing",
            ));
        }
        None => isobar_core::Context::default().request_id().into(),
    };
    let sent = text("x-goog-pubsub-publish-time");
    let event = CloudEvent {
        id,
        source: format!("//pubsub.googleapis.com/{source}").into(),
        ty: Text::from_static(pubsub::TYPE),
        time: sent.clone(),
        native: body.clone(),
        ..CloudEvent::default()
    };
    let mut parts = MessageParts::default();
    parts.source_name = last_segment(&event.source);
    parts.ordering_key = text("x-goog-pubsub-ordering-key");
    parts.delivery_count = text("x-goog-pubsub-delivery-attempt").and_then(|n| n.parse().ok());
    parts.sent = sent;
    parts.attributes = if is_one(headers) {
        attributes(headers)
    } else {
        Vec::new()
    };
    Ok(pubsub::finish(rules, &event, parts, body.clone()))
}

fn text(headers: &HeaderMap, name: &'static str) -> Option<Text> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes()).ok()?;
    (!value.is_empty()).then(|| value.into())
}

/// All headers but those that HTTP, the front end and Pub/Sub itself write.
fn attributes(headers: &HeaderMap) -> Vec<(Text, Text)> {
    let own = headers
        .iter()
        .filter(|(name, _)| !is_platforms(name.as_str()));
    own.filter_map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some((name.as_str().into(), value.into()))
    })
    .collect()
}

fn is_platforms(name: &str) -> bool {
    const EXACT: [&str; 17] = [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "forwarded",
        "from",
        "host",
        "keep-alive",
        "te",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "user-agent",
        "via",
        "x-serverless-authorization",
    ];
    const PREFIXES: [&str; 4] = ["x-goog-", "x-google-", "x-forwarded-", "x-cloud-trace-"];
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
