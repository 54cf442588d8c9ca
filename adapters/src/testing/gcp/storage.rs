use serde_json::{Value, json};

use super::cloudevents::head;
use super::pubsub;
use crate::testing::item::{Message, Object, What};
use crate::testing::wire::{WHEN, object};
use crate::testing::{Native, Source};

const GENERATION: &str = "1587627537231057";

/// The object's metadata; numbers are text.
fn metadata(bucket: &str, object: &Object) -> Value {
    json!({
        "kind": "storage#object",
        "bucket": bucket,
        "name": object.key,
        "size": object.size.to_string(),
        "etag": "CNHZkbuF/ugCEAE=",
        "generation": GENERATION,
        "metageneration": "1",
        "contentType": "application/octet-stream",
        "timeCreated": WHEN,
        "updated": WHEN,
    })
}

pub(super) fn eventarc(bucket: &str, id: &str, what: &What) -> Native {
    let object = object(what);
    let ty = if object.deleted {
        "google.cloud.storage.object.v1.deleted"
    } else {
        "google.cloud.storage.object.v1.finalized"
    };
    let native = Native::json(Source::CloudStorage, &metadata(bucket, object));
    let source = format!("//storage.googleapis.com/projects/_/buckets/{bucket}");
    let key = percent_encoding::utf8_percent_encode(&object.key, percent_encoding::CONTROLS);
    head(native, id, ty, &source).header("ce-subject", &format!("objects/{key}"))
}

pub(super) fn notification(bucket: &str, id: &str, what: &What) -> Native {
    let object = object(what);
    let ty = if object.deleted {
        "OBJECT_DELETE"
    } else {
        "OBJECT_FINALIZE"
    };
    let attributes = [
        ("eventType", ty),
        ("bucketId", bucket),
        ("objectId", &object.key),
        ("objectGeneration", GENERATION),
        ("payloadFormat", "JSON_API_V1"),
        ("eventTime", WHEN),
    ];
    let message = Message {
        body: metadata(bucket, object).to_string().into(),
        attributes: attributes.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        ordering_key: None,
        delivery_count: 1,
    };
    let envelope = pubsub::envelope(&format!("{bucket}-notifications"), id, &message);
    Native::json(Source::CloudStorageNotification, &envelope)
}
