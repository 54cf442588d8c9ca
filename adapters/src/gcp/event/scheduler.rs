//! Cloud Scheduler: a job that calls by HTTP, or by Eventarc's type for it. What a job publishes to
//! a topic is an ordinary message.
//!
//! Source: <https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#httptarget>.

use bytes::Bytes;
use isobar_core::{Context, Event, HeaderMap, ScheduleParts, Text};

use super::Rules;
use crate::cloudevents::event::last_segment;
use crate::cloudevents::{CloudEvent, Malformed};

pub(super) const TYPE: &str = "google.cloud.scheduler.job.v1.executed";

const JOB: &str = "x-cloudscheduler-jobname";

pub(super) fn is_one(headers: &HeaderMap) -> bool {
    let says_so = headers.get("x-cloudscheduler");
    says_so.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
        || headers.contains_key(JOB)
}

/// Reads a call of a job's. Its id is the job and when it was due, since no other is given.
pub(super) fn event(rules: &Rules, headers: &HeaderMap, body: &Bytes) -> Result<Event, Malformed> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let text = |name| {
        text(name)
            .filter(|text: &&str| !text.is_empty())
            .map(Text::from)
    };
    let job = text(JOB).ok_or_else(|| Malformed::new("Cloud Scheduler job", JOB, "is missing"))?;
    let job = last_segment(&job);
    let due = text("x-cloudscheduler-scheduletime");
    let id = match &due {
        Some(due) => format!("{job}/{due}"),
        None => format!("{job}/{}", Context::default().request_id()),
    };
    let event = CloudEvent {
        id: id.into(),
        source: format!("//cloudscheduler.googleapis.com/jobs/{job}").into(),
        ty: Text::from_static(TYPE),
        time: due,
        data_content_type: text("content-type"),
        data: (!body.is_empty()).then(|| body.clone()),
        native: body.clone(),
        ..CloudEvent::default()
    };
    Ok(executed(rules, &event))
}

/// Reads a job's CloudEvent.
pub(super) fn executed(rules: &Rules, event: &CloudEvent) -> Event {
    let mut parts = ScheduleParts::default();
    parts.name = last_segment(&event.source);
    parts.due.clone_from(&event.time);
    let builder = event.whole(rules.logical(&parts.name));
    let builder = match &parts.due {
        Some(due) => builder.dedup_key(format!("{}#{due}", event.source)),
        None => builder,
    };
    builder.schedule(parts).build()
}
