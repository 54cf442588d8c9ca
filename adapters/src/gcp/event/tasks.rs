//! Cloud Tasks: a task is a message of its queue.
//!
//! Sources: <https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler>,
//! <https://cloud.google.com/tasks/docs/creating-appengine-handlers#reading-headers>.

use bytes::Bytes;
use isobar_core::{Event, HeaderMap, HeaderName, MessageParts, Text};

use super::Rules;
use crate::cloudevents::event::last_segment;
use crate::cloudevents::{CloudEvent, Malformed, time};

const TRIGGER: &str = "Cloud Tasks task";

/// The headers begin with one of these: a task for HTTP, or in App Engine's form.
const PREFIXES: [&str; 2] = ["x-cloudtasks-", "x-appengine-"];

pub(super) fn is_one(headers: &HeaderMap) -> bool {
    get(headers, "queuename").is_some() || get(headers, "taskname").is_some()
}

/// Reads a task. The host counts tries from 0.
pub(super) fn event(rules: &Rules, headers: &HeaderMap, body: &Bytes) -> Result<Event, Malformed> {
    let required = |name: &'static str, suffix| {
        get(headers, suffix).ok_or_else(|| Malformed::new(TRIGGER, name, "is missing or empty"))
    };
    let queue = required("x-cloudtasks-queuename", "queuename")?;
    let queue = last_segment(&queue);
    let id = required("x-cloudtasks-taskname", "taskname")?;
    let media_type = headers.get("content-type").and_then(|ty| ty.to_str().ok());
    let event = CloudEvent {
        id,
        source: format!("//cloudtasks.googleapis.com/queues/{queue}").into(),
        ty: Text::from_static("google.cloud.tasks.task"),
        time: get(headers, "tasketa").and_then(|eta| moment(&eta)),
        data_content_type: media_type.map(Text::from),
        data: Some(body.clone()),
        native: body.clone(),
        ..CloudEvent::default()
    };
    let mut parts = MessageParts::default();
    let tries = get(headers, "taskretrycount").and_then(|n| n.parse::<u32>().ok());
    parts.delivery_count = tries.map(|tries| tries.saturating_add(1));
    parts.source_name = queue;
    Ok(event
        .whole(rules.logical(&parts.source_name))
        .message(parts)
        .build())
}

fn get(headers: &HeaderMap, suffix: &str) -> Option<Text> {
    PREFIXES.iter().find_map(|prefix| {
        let name = HeaderName::try_from(format!("{prefix}{suffix}")).ok()?;
        let value = headers.get(name)?.to_str().ok()?;
        (!value.is_empty()).then(|| value.into())
    })
}

/// Reads seconds since 1970, with decimals.
fn moment(eta: &str) -> Option<Text> {
    let (seconds, decimals) = eta.split_once('.').unwrap_or((eta, ""));
    let digits: String = decimals
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    Some(time::rfc3339(seconds.parse().ok()?, digits.parse().ok()?)?.into())
}
