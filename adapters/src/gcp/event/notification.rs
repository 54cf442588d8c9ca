//! Cloud Storage's notifications, which are messages of Pub/Sub.
//!
//! Source: <https://cloud.google.com/storage/docs/pubsub-notifications>.

use bytes::Bytes;
use isobar_core::{Event, MessageParts, Text};

use super::{Rules, storage};
use crate::cloudevents::json::Members;
use crate::cloudevents::{CloudEvent, Payload};

/// Makes an object's event of a notification; `None` if the message is an ordinary one.
pub(super) fn event(
    rules: &Rules,
    event: &CloudEvent,
    parts: &MessageParts,
    data: &Bytes,
) -> Option<Event> {
    // An unwrapped message's attributes have lost the case of their names.
    let attribute = |wanted: &str| {
        let mut all = parts.attributes.iter();
        let found = all.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    };
    let what = match &**attribute("eventType")? {
        "OBJECT_FINALIZE" => "finalized",
        "OBJECT_DELETE" => "deleted",
        "OBJECT_ARCHIVE" => "archived",
        "OBJECT_METADATA_UPDATE" => "metadataUpdated",
        _ => return None,
    };
    let (bucket, key) = (attribute("bucketId")?, attribute("objectId")?);
    let as_storage = CloudEvent {
        id: event.id.clone(),
        source: format!("//storage.googleapis.com/projects/_/buckets/{bucket}").into(),
        ty: format!("{}{what}", storage::TYPE).into(),
        subject: Some(format!("objects/{key}").into()),
        time: attribute("eventTime").or(event.time.as_ref()).cloned(),
        data_content_type: Some(Text::from_static("application/json")),
        data: (!data.is_empty()).then(|| data.clone()),
        native: event.native.clone(),
        ..CloudEvent::default()
    };
    // With the payload format NONE there are no metadata.
    let payload = Payload::of(data);
    let members = payload.as_ref().and_then(|p| Members::of(p.as_str()));
    let mut object = storage::parts(payload.as_ref(), &members.unwrap_or_default());
    object.bucket = bucket.clone();
    object.key = key.clone();
    object.version = attribute("objectGeneration").cloned().or(object.version);
    // What was overwritten is not gone.
    let overwritten = attribute("overwrittenByGeneration").is_some();
    object.deleted = storage::is_gone(what) && !overwritten;
    Some(storage::finish(rules, &as_storage, object))
}
