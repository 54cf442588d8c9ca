//! EventBridge: rules, schedules, an application's own events, and S3 by EventBridge.
//!
//! Sources: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>; EventBridge Scheduler
//! sends the same where the schedule has no input of its own.

use std::borrow::Cow;

use isobar_core::{Event, EventBuilder, ObjectParts, ScheduleParts};

use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope};
use super::{arn, cloud_event};
use crate::aws::json::{Raw, object};

pub(super) const TRIGGER: Trigger = Trigger {
    name: "EventBridge",
    form: "https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Envelope {
        id: Str<'a> = "id",
        source: Str<'a> = "source",
        detail_type: Str<'a> = "detail-type",
        account: Str<'a> = "account",
        time: Str<'a> = "time",
        region: Str<'a> = "region",
        resources: Vec<Cow<'a, str>> = "resources",
        detail: Raw<'a> = "detail",
    }
}

object! {
    /// `detail` of S3's events. The key is not encoded here.
    Detail {
        bucket: Bucket<'a> = "bucket",
        object: Stored<'a> = "object",
    }
}

object! {
    Bucket {
        name: Str<'a> = "name",
    }
}

object! {
    Stored {
        key: Str<'a> = "key",
        size: Str<'a> = "size",
        etag: Str<'a> = "etag",
        version: Str<'a> = "version-id",
        sequencer: Str<'a> = "sequencer",
    }
}

/// Reads an event, which is all of `raw`.
pub(super) fn event<'a>(scope: Scope<'a>, raw: &'a str) -> Result<Event, Malformed> {
    let mut envelope = scope.read::<Envelope<'_>>(TRIGGER, raw)?;
    let id = TRIGGER.named(envelope.id.take(), "id")?;
    let source = TRIGGER.named(envelope.source.take(), "source")?;
    let ty = TRIGGER.named(envelope.detail_type.take(), "detail-type")?;
    let (ty, source) = (scope.text(ty), scope.text(source));
    let build = |name| {
        let subject = envelope.resources.first().cloned();
        let mut event = Event::builder(name, scope.text(id), source.clone(), ty.clone())
            .subject(subject.map(|subject| scope.text(subject)))
            .time(envelope.time.clone().map(|time| scope.text(time)))
            .native(scope.bytes(raw));
        for (name, value) in [("region", &envelope.region), ("account", &envelope.account)] {
            if let Some(value) = value.clone().filter(|value| !value.is_empty()) {
                event = event.extension(name, scope.text(value));
            }
        }
        match envelope.detail.0 {
            Some(detail) => event.data(JSON, scope.bytes(detail)),
            None => event,
        }
    };
    match (&*source, &*ty) {
        ("aws.events" | "aws.scheduler", "Scheduled Event") => schedule(scope, &envelope, build),
        ("aws.s3", "Object Created") => object(scope, &envelope, false, build),
        ("aws.s3", "Object Deleted") => object(scope, &envelope, true, build),
        _ => {
            let name = scope.name(&source);
            let own = envelope
                .detail
                .0
                .and_then(|detail| cloud_event::begin(scope, detail, name.clone()));
            let event = own.map(|own| own.native(scope.bytes(raw)));
            Ok(event.unwrap_or_else(|| build(name)).build())
        }
    }
}

fn schedule(
    scope: Scope<'_>,
    envelope: &Envelope<'_>,
    build: impl FnOnce(isobar_core::Text) -> EventBuilder,
) -> Result<Event, Malformed> {
    let rule = envelope.resources.first();
    let rule = rule.ok_or_else(|| TRIGGER.missing("resources[0]"))?;
    let mut parts = ScheduleParts::default();
    parts.name = scope.part(arn::last(rule));
    parts.due = envelope.time.clone().map(|time| scope.text(time));
    let dedup = parts.due.as_ref().map(|due| format!("{rule}#{due}"));
    let event = build(scope.name(&parts.name)).schedule(parts);
    let event = match dedup {
        Some(key) => event.dedup_key(key),
        None => event,
    };
    Ok(event.build())
}

fn object(
    scope: Scope<'_>,
    envelope: &Envelope<'_>,
    deleted: bool,
    build: impl FnOnce(isobar_core::Text) -> EventBuilder,
) -> Result<Event, Malformed> {
    let detail = envelope.detail.0.ok_or_else(|| TRIGGER.missing("detail"))?;
    let Detail { bucket, object, .. } = scope.read(TRIGGER, detail)?;
    let bucket = TRIGGER.named(bucket.name, "detail.bucket.name")?;
    let key = TRIGGER.named(object.key, "detail.object.key")?;
    let mut parts = ObjectParts::default();
    parts.bucket = scope.text(bucket);
    parts.key = scope.text(key);
    parts.size = object.size.and_then(|size| size.parse().ok());
    parts.etag = object.etag.map(|etag| scope.text(etag));
    parts.version = object.version.map(|version| scope.text(version));
    parts.deleted = deleted;
    let place = object.sequencer.as_deref().or(parts.version.as_deref());
    let what = if deleted { "deleted" } else { "created" };
    let dedup = place.map(|place| format!("s3:{}/{}#{place}#{what}", parts.bucket, parts.key));
    let event = build(scope.name(&parts.bucket)).object(parts);
    let event = match dedup {
        Some(key) => event.dedup_key(key),
        None => event,
    };
    Ok(event.build())
}
