//! Cloud Storage's objects, by Eventarc.
//!
//! Names are taken from the data: most senders do not encode what they write into headers. Source:
//! <https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/storage/v1/data.proto>.

use isobar_core::{Event, ObjectParts, Text};

use super::Rules;
use crate::cloudevents::json::Members;
use crate::cloudevents::{CloudEvent, Malformed, Payload};

pub(super) const TYPE: &str = "google.cloud.storage.object.v1.";
const TRIGGER: &str = "Cloud Storage object";

/// Reads an object's event; `what` is `finalized`, `deleted`, `archived` or `metadataUpdated`.
pub(super) fn event(rules: &Rules, event: &CloudEvent, what: &str) -> Result<Event, Malformed> {
    let malformed = |field: &'static str, problem| Malformed::new(TRIGGER, field, problem);
    let payload = event.data.as_ref().and_then(Payload::of);
    let payload = payload.filter(|_| event.is_json()).ok_or_else(|| {
        malformed(
            "data",
            "is not JSON; the trigger's event data content type is to be application/json",
        )
    })?;
    let members =
        Members::of(payload.as_str()).ok_or_else(|| malformed("data", "is no JSON object"))?;
    let mut object = parts(Some(&payload), &members);
    if object.bucket.is_empty() {
        let bucket = event.extension("bucket").map(|bucket| &**bucket);
        let of_source = || {
            event
                .source
                .split_once("/buckets/")
                .map(|(_, bucket)| bucket)
        };
        object.bucket = bucket.or_else(of_source).unwrap_or_default().into();
    }
    if object.key.is_empty() {
        let key = event
            .subject
            .as_deref()
            .and_then(|s| s.strip_prefix("objects/"));
        object.key = key.unwrap_or_default().into();
    }
    if object.bucket.is_empty() || object.key.is_empty() {
        return Err(malformed("data", "has no bucket, or no name"));
    }
    object.deleted = is_gone(what);
    Ok(finish(rules, event, object))
}

/// Returns true if the live object is gone after this.
pub(super) fn is_gone(what: &str) -> bool {
    matches!(what, "deleted" | "archived")
}

/// Reads an object's metadata; sizes and generations are texts.
pub(super) fn parts(payload: Option<&Payload>, members: &Members<'_>) -> ObjectParts {
    let text = |name| -> Option<Text> { Some(payload?.text(members.text(name)?)) };
    let mut parts = ObjectParts::default();
    parts.bucket = text("bucket").unwrap_or_default();
    parts.key = text("name").unwrap_or_default();
    parts.size = members.number("size");
    parts.etag = text("etag").map(|etag| etag.trim_matches('"').into());
    parts.version = text("generation");
    parts
}

/// The key against repeats is the generation, and what happened to it: the same by whichever way
/// the event comes.
pub(super) fn finish(rules: &Rules, event: &CloudEvent, object: ObjectParts) -> Event {
    let name = rules.logical(&object.bucket);
    let builder = event.whole(name);
    let metageneration = { event.data.as_ref() }.and_then(Payload::of).and_then(|p| {
        Members::of(p.as_str())?
            .text("metageneration")
            .map(Into::<String>::into)
    });
    let builder = match &object.version {
        Some(version) => builder.dedup_key(format!(
            "//storage.googleapis.com/{}/{}#{version}.{} {}",
            object.bucket,
            object.key,
            metageneration.unwrap_or_default(),
            event.ty.strip_prefix(TYPE).unwrap_or_default(),
        )),
        None => builder,
    };
    builder.object(object).build()
}
