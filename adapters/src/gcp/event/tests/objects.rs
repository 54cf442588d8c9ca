//! Objects of Cloud Storage, by both ways.

use super::*;

#[test]
fn an_object_is_named_by_its_data() {
    let body = r#"{"bucket":"uploads","name":"a b/ü%20.txt","size":"352","etag":"CN=","generation":"15","metageneration":"1"}"#;
    let source = "//storage.googleapis.com/projects/_/buckets/uploads";
    for (what, gone) in [
        ("finalized", false),
        ("deleted", true),
        ("archived", true),
        ("metadataUpdated", false),
    ] {
        let ty = format!("google.cloud.storage.object.v1.{what}");
        let event = eventarc(&ty, source, &[("ce-subject", "objects/a%20b")], body).unwrap();
        let object = Object::of(&event).unwrap();
        assert_eq!((object.bucket(), object.key()), ("uploads", "a b/ü%20.txt"));
        assert_eq!(
            (object.size(), object.etag(), object.version()),
            (Some(352), Some("CN="), Some("15"))
        );
        assert_eq!(object.is_deleted(), gone, "{what}");
        assert_eq!(
            (event.name(), event.data().unwrap().len()),
            ("uploads", body.len())
        );
        assert!(
            event.dedup_key().ends_with(&format!("#15.1 {what}")),
            "{}",
            event.dedup_key()
        );
    }
    let ty = "google.cloud.storage.object.v1.finalized";
    let event = eventarc(ty, source, &[("ce-subject", "objects/x/y")], "{}").unwrap();
    assert_eq!(Object::of(&event).unwrap().key(), "x/y");
    let error = eventarc(ty, source, &[], "[]").unwrap_err();
    assert!(error.starts_with("Cloud Storage object: data"), "{error}");
}

#[test]
fn a_notification_is_an_object_and_no_message() {
    let notification = |ty: &str, more: &str, data: &str| {
        format!(
            r#"{{"subscription":"projects/p/subscriptions/s","message":{{"messageId":"1","publishTime":"2026-01-01T00:00:00Z","data":"{data}",
            "attributes":{{"eventType":"{ty}","bucketId":"uploads","objectId":"a/b c.txt","objectGeneration":"15","payloadFormat":"NONE"{more}}}}}}}"#
        )
    };
    let event = one(
        &[],
        &notification(
            "OBJECT_FINALIZE",
            "",
            "eyJzaXplIjoiMyIsIm1ldGFnZW5lcmF0aW9uIjoiMSJ9",
        ),
    );
    let object = Object::of(&event).unwrap();
    assert_eq!(
        (object.bucket(), object.key(), object.size()),
        ("uploads", "a/b c.txt", Some(3))
    );
    assert_eq!((object.version(), object.is_deleted()), (Some("15"), false));
    assert_eq!(
        (event.ty(), event.name()),
        ("google.cloud.storage.object.v1.finalized", "uploads")
    );
    assert_eq!(event.subject(), Some("objects/a/b c.txt"));
    for (ty, more, gone) in [
        ("OBJECT_DELETE", "", true),
        ("OBJECT_ARCHIVE", "", true),
        ("OBJECT_DELETE", r#","overwrittenByGeneration":"16""#, false),
        ("OBJECT_METADATA_UPDATE", "", false),
    ] {
        let event = one(&[], &notification(ty, more, ""));
        assert_eq!(Object::of(&event).unwrap().is_deleted(), gone, "{ty}");
    }
    assert_eq!(
        one(&[], &notification("ELSE", "", "")).kind(),
        Kind::Message
    );
}
