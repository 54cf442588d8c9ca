//! What was delivered, told by its headers and its structure: never by a guess, so that nothing is
//! acknowledged that was not understood.

use bytes::Bytes;
use http::request::Parts;
use isobar_core::{Batch, Event, HeaderMap, Order};

use super::{Rules, Signature, invoke, legacy, pubsub, scheduler, tasks, typed, unwrapped};
use crate::cloudevents::json::Members;
use crate::cloudevents::{self, Delivery, Malformed, Mode, Payload};

/// Reads what was delivered. `rest` is what stands behind the events path.
///
/// # Errors
///
/// When it is malformed, or nothing that is known.
pub(in crate::gcp) fn decode(
    rules: &Rules,
    head: &Parts,
    rest: &str,
    body: &Bytes,
) -> Result<Delivery, Malformed> {
    if rules.signature == Signature::Typed {
        return Ok(Delivery::Call(Batch::new(vec![invoke::event(
            rules, body,
        )?])));
    }
    let mut batch = Batch::new(events(rules, &head.headers, rest, body)?);
    batch.limit = rules.limit;
    // Messages of one ordering key wait for each other; what has none waits for nothing.
    batch.order = Order::PerKey;
    Ok(Delivery::Events(batch))
}

/// Returns true if what stands behind the events path names a topic or a subscription.
pub(in crate::gcp) fn is_source(rest: &str) -> bool {
    pubsub::of_path(rest).is_some()
}

/// Returns true for what Cloud Scheduler and Cloud Tasks send, by any method.
pub(in crate::gcp) fn is_sent_by_google(headers: &HeaderMap) -> bool {
    scheduler::is_one(headers) || tasks::is_one(headers)
}

fn events(
    rules: &Rules,
    headers: &HeaderMap,
    rest: &str,
    body: &Bytes,
) -> Result<Vec<Event>, Malformed> {
    let read = |event| typed::event(rules, &rules.with_native(event));
    let event = match Mode::of(headers)? {
        Some(Mode::Batch) => {
            let events = cloudevents::batch(body)?.into_iter().enumerate();
            let read = |(place, event)| read(event).map_err(|e| e.at(place));
            return events.map(read).collect();
        }
        Some(Mode::Structured) => read(cloudevents::structured(body)?)?,
        Some(Mode::Binary) => read(cloudevents::binary(headers, body)?)?,
        None => googles_own(rules, headers, rest, body)?,
    };
    Ok(vec![event])
}

/// An attribute of an unwrapped message may have any name, so its own headers are looked at first.
fn googles_own(
    rules: &Rules,
    headers: &HeaderMap,
    rest: &str,
    body: &Bytes,
) -> Result<Event, Malformed> {
    if unwrapped::is_one(headers) {
        return unwrapped::event(rules, headers, rest, body);
    }
    if scheduler::is_one(headers) {
        return scheduler::event(rules, headers, body);
    }
    if tasks::is_one(headers) {
        return tasks::event(rules, headers, body);
    }
    let payload = Payload::of(body);
    if let Some(payload) = &payload {
        let members = Members::of(payload.as_str()).unwrap_or_default();
        // A CloudEvent that lacks something is none of the form before it.
        let is_legacy = !headers.contains_key("ce-id");
        let legacy = is_legacy.then(|| legacy::to_cloud_event(rules.signature, payload, &members));
        if let Some(event) = legacy.transpose()?.flatten() {
            return typed::event(rules, &event);
        }
        if let Some(envelope) = pubsub::Envelope::of(&members, rest) {
            return pubsub::pushed(rules, payload, &envelope);
        }
    }
    if pubsub::of_path(rest).is_some() {
        return unwrapped::event(rules, headers, rest, body);
    }
    Err(cloudevents::missing(headers).unwrap_or_else(unknown))
}

fn unknown() -> Malformed {
    Malformed::new(
        "event",
        "request",
        "is nothing that is known: neither a CloudEvent, nor of Pub/Sub, Cloud Scheduler or Cloud \
         Tasks, nor a background event; a Pub/Sub subscription without a wrapper needs \
         `write metadata`, or a push endpoint that ends in /projects/PROJECT/subscriptions/NAME",
    )
}
