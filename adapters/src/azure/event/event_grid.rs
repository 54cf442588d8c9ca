//! `eventGridTrigger`: events in Event Grid's own schema, and which are CloudEvents.
//!
//! Source: <https://learn.microsoft.com/azure/event-grid/event-schema>.

use isobar_core::{Bytes, Error, Event, EventBuilder, ObjectParts, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::blob_name;
use super::cloud_event::cloud_event;
use super::dates;
use super::delivery::Delivery;
use super::messages::elements;
use super::value::Json;
use crate::azure::text::Str;

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let value = delivery.value.unwrapped();
    if value.is_list() {
        let elements = elements(delivery)?.into_iter();
        return elements
            .map(|element| {
                let native = element.raw().as_bytes().clone();
                event(delivery, &element, native)
            })
            .collect();
    }
    Ok(vec![event(delivery, &value, delivery.native())?])
}

fn event(delivery: &Delivery<'_>, json: &Json, native: Bytes) -> Result<Event, Error> {
    let read = match schema(json) {
        Some(Schema::CloudEvents) => cloud_event(delivery, json),
        Some(Schema::EventGrid) => grid_event(delivery, json),
        None => Err(
            "an event is wanted, an object with eventType (Event Grid schema) or \
                     specversion (CloudEvents)"
                .into(),
        ),
    };
    let builder = read.map_err(|problem| delivery.wrong(&problem))?;
    let event = builder.native(native).build();
    if event.id().is_empty() || event.source().is_empty() || event.ty().is_empty() {
        return Err(delivery.wrong(&"an event's id, source and type cannot be empty"));
    }
    Ok(event)
}

enum Schema {
    CloudEvents,
    EventGrid,
}

fn schema(json: &Json) -> Option<Schema> {
    let members = json.members()?;
    let has = |name: &str| members.iter().any(|(own, _)| own == name);
    if has("specversion") {
        return Some(Schema::CloudEvents);
    }
    has("eventType").then_some(Schema::EventGrid)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridEvent<'e> {
    #[serde(borrow)]
    id: Str<'e>,
    event_type: Str<'e>,
    topic: Option<Str<'e>>,
    subject: Option<Str<'e>>,
    event_time: Option<Str<'e>>,
    data: Option<&'e RawValue>,
    data_version: Option<Str<'e>>,
}

fn grid_event(delivery: &Delivery<'_>, json: &Json) -> Result<EventBuilder, String> {
    let event: GridEvent<'_> = serde_json::from_str(json.raw()).map_err(|e| e.to_string())?;
    let own = |text: Str<'_>| super::value::slice(json.raw(), text.0);
    let ty = own(event.event_type);
    let subject = event.subject.map(own);
    let data = event.data.map(|data| Json::within(json.raw(), data));
    let object = object(&ty, subject.as_ref(), data.as_ref());
    let source = { event.topic.map(own) }.filter(|topic| !topic.is_empty());
    let source = source.unwrap_or_else(|| delivery.function.trigger.source.clone());
    let mut builder = Event::builder(delivery.name.clone(), own(event.id), source, ty)
        .subject(subject)
        .time(event.event_time.and_then(|time| dates::rfc3339(&own(time))));
    if let Some(data) = data {
        builder = builder.data("application/json", data.raw().as_bytes().clone());
    }
    if let Some(version) = event.data_version.map(own).filter(|text| !text.is_empty()) {
        builder = builder.extension("dataversion", version);
    }
    Ok(with_object(builder, object))
}

pub(super) fn with_object(
    builder: EventBuilder,
    object: Option<(ObjectParts, Text)>,
) -> EventBuilder {
    match object {
        Some((parts, key)) => builder.object(parts).dedup_key(key),
        None => builder,
    }
}

/// What is said of a blob that was made or deleted, and the key against repeats: there may be an
/// event of Event Grid and a poll of the same blob.
///
/// Source: <https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage>.
pub(super) fn object(
    ty: &Text,
    subject: Option<&Text>,
    data: Option<&Json>,
) -> Option<(ObjectParts, Text)> {
    let deleted = match &**ty {
        "Microsoft.Storage.BlobCreated" => false,
        "Microsoft.Storage.BlobDeleted" => true,
        _ => return None,
    };
    let member = |name: &str| data.and_then(|data| data.member(name)?.shown());
    let url = member("url");
    let (bucket, key) =
        { subject.and_then(blob_name::of_subject) }.or_else(|| blob_name::of_uri(url.as_ref()?))?;
    let mut parts = ObjectParts::default();
    parts.size = member("contentLength").and_then(|text| text.parse().ok());
    parts.etag = member("eTag").map(|etag| blob_name::unquoted(&etag));
    parts.deleted = deleted;
    let version = { member("sequencer") }.or_else(|| parts.etag.clone());
    let change = if deleted { "deleted" } else { "created" };
    let version = version.as_deref().unwrap_or_default();
    let dedup = format!("{bucket}/{key}#{change}#{version}");
    parts.bucket = bucket;
    parts.key = key;
    Some((parts, dedup.into()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoded, failed};
    use isobar_core::{Event, Kind, Object, Order};
    use serde_json::{Value, json};

    const FUNCTION: &str = r#"{"type": "eventGridTrigger", "name": "e"}"#;

    fn one(event: &Value) -> Event {
        let json = json!({"Data": {"e": event}, "Metadata": {"data": event["data"]}});
        decoded(FUNCTION, &json).events.remove(0)
    }

    fn blob(ty: &str) -> Value {
        json!({"id": "1", "topic": "/subscriptions/s/acct", "eventType": ty, "eventTime": "2026-01-02T03:04:05.123Z",
            "subject": "/blobServices/default/containers/uploads/blobs/a/b c+%20.txt",
            "data": {"api": "PutBlob", "url": "https://acct.blob.core.windows.net/uploads/a/b%20c%2B%2520.txt",
                "eTag": "0x8D4", "contentLength": 9, "sequencer": "0017"},
            "dataVersion": "2", "metadataVersion": "1"})
    }

    #[test]
    fn the_grids_own_schema_becomes_a_cloud_event() {
        let mut event = blob("Shop.Sold");
        event["subject"] = json!("seat/1");
        let event = one(&event);
        assert_eq!(
            (event.kind(), event.id(), event.ty()),
            (Kind::Other, "1", "Shop.Sold")
        );
        assert_eq!(
            (event.source(), event.subject()),
            ("/subscriptions/s/acct", Some("seat/1"))
        );
        assert_eq!(event.time(), Some("2026-01-02T03:04:05.123Z"));
        assert_eq!(event.extension("dataversion"), Some("2"));
        assert_eq!(event.data_as::<Value>().unwrap()["api"], "PutBlob");
    }

    #[test]
    fn a_cloud_event_keeps_its_attributes_and_extensions() {
        let event = one(
            &json!({"specversion": "1.0", "id": "e1", "source": "/shop", "type": "order.created",
            "time": "2026-10-09T17:58:32Z", "dataschema": "#1", "data": {"id": 7}, "partitionkey": "k", "n": 1}),
        );
        assert_eq!(
            (event.name(), event.id(), event.source()),
            ("f", "e1", "/shop")
        );
        assert_eq!(event.data_content_type(), Some("application/json"));
        assert_eq!(
            (event.extension("partitionkey"), event.extension("n")),
            (Some("k"), Some("1"))
        );
        assert_eq!(event.extension("specversion"), None);
        assert_eq!(event.data().unwrap(), "{\"id\":7}");
    }

    #[test]
    fn data_of_a_cloud_event_is_text_or_bytes_where_it_says_so() {
        let with = |more: Value| {
            let mut event = json!({"specversion": "1.0", "id": "1", "source": "/x", "type": "t"});
            event
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            one(&event).data().map(|data| data.to_vec())
        };
        assert_eq!(
            with(json!({"data": "a", "datacontenttype": "text/plain"})).unwrap(),
            b"a"
        );
        assert_eq!(with(json!({"data": "a"})).unwrap(), b"\"a\"");
        assert_eq!(with(json!({"data_base64": "AP8="})).unwrap(), b"\0\xff");
        assert_eq!(with(json!({})), None);
    }

    #[test]
    fn a_blob_that_is_made_or_deleted_is_an_object_in_both_schemas() {
        for (ty, deleted) in [
            ("Microsoft.Storage.BlobCreated", false),
            ("Microsoft.Storage.BlobDeleted", true),
        ] {
            let grid = blob(ty);
            let cloud = json!({"specversion": "1.0", "id": "1", "source": "/x", "type": ty, "subject": grid["subject"],
                "data": grid["data"]});
            for event in [grid, cloud] {
                let event = one(&event);
                let object = Object::of(&event).unwrap();
                assert_eq!(
                    (object.bucket(), object.key()),
                    ("uploads", "a/b c+%20.txt")
                );
                assert_eq!((object.size(), object.etag()), (Some(9), Some("0x8D4")));
                assert_eq!(object.is_deleted(), deleted);
                assert!(event.dedup_key().ends_with("0017"), "{}", event.dedup_key());
            }
        }
    }

    #[test]
    fn without_a_subject_the_url_tells_which_blob() {
        let mut event = blob("Microsoft.Storage.BlobCreated");
        event["subject"] = json!("x");
        let object = Object::of(&one(&event)).unwrap();
        assert_eq!(
            (object.bucket(), object.key()),
            ("uploads", "a/b c+%20.txt")
        );
        event["data"] = json!(null);
        assert_eq!(one(&event).kind(), Kind::Other);
    }

    #[test]
    fn a_batch_is_free_in_its_order() {
        let cloud = json!({"specversion": "1.0", "id": "2", "source": "/x", "type": "t"});
        let list = json!([blob("Shop.Sold"), cloud]);
        for data in [list.clone(), json!(list.to_string())] {
            let batch = decoded(FUNCTION, &json!({"Data": {"e": data}, "Metadata": {}}));
            let ids: Vec<_> = batch.events.iter().map(Event::id).collect();
            assert_eq!((ids, batch.order), (vec!["1", "2"], Order::Any));
        }
    }

    #[test]
    fn what_is_no_event_is_named() {
        for data in [
            json!({"id": "1"}),
            json!("\"x\""),
            json!(1),
            json!({"specversion": "1.0"}),
            json!({"eventType": 1}),
            json!({"eventType": "", "id": "1"}),
            json!([1]),
        ] {
            let error = failed(FUNCTION, &json!({"Data": {"e": data}}));
            assert!(
                error.contains("f (eventGridTrigger)") && error.contains("Data.e"),
                "{error}"
            );
        }
    }
}
