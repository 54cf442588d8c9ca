//! `blobTrigger`: a blob that is new or overwritten, with its content.
//!
//! Source: `BlobTriggerBinding.cs` of the `WebJobs` storage extension, for the names.

use isobar_core::{Error, Event, ObjectParts, Text};

use super::blob_name::{of_pattern, of_uri, unquoted};
use super::delivery::Delivery;
use super::messages::{Item, items};
use super::metadata::Metadata;

/// As Event Grid calls the same.
pub(super) const TYPE: &str = "Microsoft.Storage.BlobCreated";

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let items = items(delivery)?.into_iter();
    items.map(|item| event(delivery, item)).collect()
}

fn event(delivery: &Delivery<'_>, item: Item) -> Result<Event, Error> {
    let (bucket, key) = which(delivery, &item.metadata).ok_or_else(|| unknown(delivery))?;
    let properties = item.metadata.object("Properties");
    let property = |name: &str| properties.as_ref().and_then(|p| p.member(name)?.shown());
    let mut parts = ObjectParts::default();
    parts.size = property("ContentLength").and_then(|text| text.parse().ok());
    // it may be an empty object: .NET's type has no public members
    let etag = property("ETag").filter(|etag| !etag.starts_with('{') && !etag.is_empty());
    parts.etag = etag.map(|etag| unquoted(&etag));
    let time = property("LastModified").and_then(|text| super::dates::rfc3339(&text));
    let version = parts.etag.clone().or_else(|| time.clone());
    let version = version.unwrap_or_else(|| delivery.id_of(item.place));
    let source = source(&item.metadata, &bucket, delivery);
    let mut builder = Event::builder(
        delivery.name.clone(),
        Text::from(format!("{key}#{version}")),
        source,
        TYPE,
    )
    .subject(Some(key.clone()))
    .time(time)
    .dedup_key(format!("{bucket}/{key}#created#{version}"))
    .native(item.native);
    parts.bucket = bucket;
    parts.key = key;
    let data = item.content.into_bytes();
    builder = match property("ContentType").filter(|kind| !kind.is_empty()) {
        Some(kind) => builder.data(kind, data),
        None => builder.untyped_data(data),
    };
    Ok(builder.object(parts).build())
}

/// The blob by its URL; where the blob's own JSON has overwritten that, by the path pattern.
fn which(delivery: &Delivery<'_>, metadata: &Metadata) -> Option<(Text, Text)> {
    let by_uri = metadata.text("Uri").and_then(|uri| of_uri(&uri));
    by_uri.or_else(|| of_pattern(&delivery.function.trigger.path, |name| metadata.text(name)))
}

/// The container's URL, else its name.
fn source(metadata: &Metadata, bucket: &Text, delivery: &Delivery<'_>) -> Text {
    let uri = metadata.text("Uri");
    let container = uri.as_ref().and_then(|uri| {
        let end = uri.find(&format!("/{bucket}/"))? + bucket.len() + 1;
        Some(uri.slice_ref(uri.get(..end)?))
    });
    container.unwrap_or_else(|| delivery.function.trigger.source.clone())
}

fn unknown(delivery: &Delivery<'_>) -> Error {
    delivery.wrong(
        &"Metadata.Uri does not tell which blob it is; where the blob's own JSON has a property \
          Uri, the host has put that in its place: set dataType to binary in function.json",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoded, failed};
    use isobar_core::{Event, Object};
    use serde_json::{Value, json};

    const FUNCTION: &str = r#"{"type": "blobTrigger", "name": "b", "path": "uploads/{name}"}"#;

    fn metadata() -> Value {
        json!({"Uri": "\"https://acct.blob.core.windows.net/uploads/a/b%20c.txt\"", "name": "\"a/b c.txt\"",
            "Properties": {"ContentLength": 9, "ETag": "\"0x8D4\"", "ContentType": "text/plain",
            "LastModified": "2026-01-02T03:04:05+00:00"}, "Metadata": {}})
    }

    fn one(function: &str, data: &str) -> Event {
        decoded(
            function,
            &json!({"Data": {"b": data}, "Metadata": metadata()}),
        )
        .events
        .remove(0)
    }

    #[test]
    fn a_blob_is_an_object_with_its_content() {
        let event = one(FUNCTION, "\"file text\"");
        let object = Object::of(&event).unwrap();
        assert_eq!((object.bucket(), object.key()), ("uploads", "a/b c.txt"));
        assert_eq!((object.size(), object.etag()), (Some(9), Some("0x8D4")));
        assert!(!object.is_deleted());
        assert_eq!(event.source(), "https://acct.blob.core.windows.net/uploads");
        assert_eq!(
            (event.subject(), event.time()),
            (Some("a/b c.txt"), Some("2026-01-02T03:04:05+00:00"))
        );
        assert_eq!(
            (event.data().unwrap(), event.data_content_type()),
            (&"file text".into(), Some("text/plain"))
        );
        assert_eq!(event.dedup_key(), "uploads/a/b c.txt#created#0x8D4");
    }

    #[test]
    fn binary_content_is_exact() {
        let binary = FUNCTION.replace("\"b\"", "\"b\", \"dataType\": \"binary\"");
        assert_eq!(one(&binary, "AP8=").data().unwrap(), &b"\0\xff"[..]);
    }

    #[test]
    fn a_blob_that_names_another_is_known_by_the_path() {
        let forged = json!(r#"{"Uri":"https://x/other/blob"}"#).to_string();
        let event = one(FUNCTION, &forged);
        assert_eq!(Object::of(&event).unwrap().key(), "a/b c.txt");
        let both = json!(r#"{"uri":"https://x/other/blob","name":"other"}"#).to_string();
        let error = failed(
            FUNCTION,
            &json!({"Data": {"b": both}, "Metadata": metadata()}),
        );
        assert!(
            error.contains("f (blobTrigger)") && error.contains("dataType"),
            "{error}"
        );
    }
}
