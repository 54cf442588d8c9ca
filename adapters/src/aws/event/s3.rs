//! S3's notifications, delivered directly or within a message.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>;
//! the attributes are those of
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/adapters/aws-s3.md>.

use std::borrow::Cow;

use isobar_core::{Event, ObjectParts};

use super::gather::{Content, Gathered, Id};
use super::key;
use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope};
use crate::aws::json::object;

pub(super) const TRIGGER: Trigger = Trigger {
    name: "S3",
    form: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        source: Str<'a> = "eventSource",
        region: Str<'a> = "awsRegion",
        time: Str<'a> = "eventTime",
        name: Str<'a> = "eventName",
        response: Response<'a> = "responseElements",
        s3: S3<'a> = "s3",
    }
}

object! {
    Response {
        request_id: Str<'a> = "x-amz-request-id",
        id_2: Str<'a> = "x-amz-id-2",
    }
}

object! {
    S3 {
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
        etag: Str<'a> = "eTag",
        version: Str<'a> = "versionId",
        sequencer: Str<'a> = "sequencer",
    }
}

/// Returns true for what S3 sends when a notification is set up: it is no event.
pub(super) fn is_test(service: Option<&str>, event: Option<&str>) -> bool {
    service == Some("Amazon S3") && event == Some("s3:TestEvent")
}

/// Reads a delivery.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    let mut gathered = Gathered::of(records.len());
    for &raw in records {
        gathered.add(Id::None, event(scope, raw).map(Content::One));
    }
    gathered
}

/// Reads a record.
pub(super) fn event<'a>(scope: Scope<'a>, raw: &'a str) -> Result<Event, Malformed> {
    let record = scope.read::<Record<'_>>(TRIGGER, raw)?;
    if record.source.as_deref() != Some("aws:s3") {
        return Err(TRIGGER.wrong("eventSource", "is not aws:s3 as that of the first record"));
    }
    let S3 { bucket, object, .. } = record.s3;
    let bucket = TRIGGER.named(bucket.name, "s3.bucket.name")?;
    let key = TRIGGER.named(object.key, "s3.object.key")?;
    let name = TRIGGER.named(record.name, "eventName")?;
    let decoded = key::decoded(&key)
        .ok_or_else(|| TRIGGER.wrong("s3.object.key", "is not UTF-8 once it is decoded"))?;
    let mut parts = ObjectParts::default();
    parts.bucket = scope.text(bucket);
    parts.key = match decoded {
        Cow::Borrowed(_) => scope.text(key.clone()),
        Cow::Owned(decoded) => decoded.into(),
    };
    parts.size = object.size.and_then(|size| size.parse().ok());
    parts.etag = object.etag.map(|etag| scope.text(etag));
    parts.version = object.version.map(|version| scope.text(version));
    let region = record.region.unwrap_or_default();
    let source = format!("aws:s3.{region}.{}", parts.bucket);
    let place = object.sequencer.as_deref().or(parts.version.as_deref());
    let dedup = format!(
        "s3:{}/{}#{}#{name}",
        parts.bucket,
        parts.key,
        place.unwrap_or_default()
    );
    let id = id(&record.response).unwrap_or_else(|| dedup.clone());
    let event = Event::builder(
        scope.name(&parts.bucket),
        id,
        source,
        format!("com.amazonaws.s3.{name}"),
    )
    .subject(Some(scope.text(key)))
    .time(record.time.map(|time| scope.text(time)))
    .data(JSON, scope.bytes(raw))
    .native(scope.bytes(raw));
    // Without a place nothing tells one writing of an object from the next, but the request.
    let event = if place.is_some() {
        event.dedup_key(dedup)
    } else {
        event
    };
    Ok(match change(&name) {
        Some(deleted) => {
            parts.deleted = deleted;
            event.object(parts).build()
        }
        None => event.build(),
    })
}

fn id(response: &Response<'_>) -> Option<String> {
    let (one, two) = (response.request_id.as_deref()?, response.id_2.as_deref()?);
    Some(format!("{one}.{two}"))
}

/// Whether an event tells that an object is gone; `None` where it was neither made nor deleted,
/// but tagged, moved or restored: who waits for objects is not told of that.
fn change(name: &str) -> Option<bool> {
    match name.strip_prefix("s3:").unwrap_or(name).split(':').next()? {
        "ObjectCreated" => Some(false),
        "ObjectRemoved" | "LifecycleExpiration" => Some(true),
        _ => None,
    }
}
