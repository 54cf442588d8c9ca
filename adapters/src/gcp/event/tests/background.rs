//! Events in the form of before CloudEvents.

use super::*;

fn read(body: &str) -> Result<isobar_core::Event, String> {
    Ok(super::read(&[], "", body)?.remove(0))
}

fn body(ty: &str, resource: &str, more: &str) -> String {
    format!(
        r#"{{"context":{{"eventId":"e1","timestamp":"2020-09-29T11:32:00.123Z","eventType":"{ty}","resource":{resource}}},{more}}}"#
    )
}

#[test]
fn each_service_has_its_own_source_and_subject() {
    for (ty, resource, more, source, subject) in [
        (
            "google.storage.object.finalize",
            r#"{"service":"storage.googleapis.com","name":"projects/_/buckets/b/objects/folder/a#b.txt#1588778055917163"}"#,
            r#""data":{"bucket":"b","name":"folder/a#b.txt","generation":"1588778055917163"}"#,
            "//storage.googleapis.com/projects/_/buckets/b",
            Some("objects/folder/a#b.txt"),
        ),
        (
            "providers/cloud.storage/eventTypes/object.change",
            r#""projects/_/buckets/b/objects/a#12""#,
            r#""data":{"bucket":"b","name":"a#12","generation":"3"}"#,
            "//storage.googleapis.com/projects/_/buckets/b",
            Some("objects/a#12"),
        ),
        (
            "providers/cloud.firestore/eventTypes/document.write",
            r#""projects/p/databases/other/documents/users/ada""#,
            r#""data":{"value":{"fields":{}}}"#,
            "//firestore.googleapis.com/projects/p/databases/other",
            Some("documents/users/ada"),
        ),
        (
            "providers/firebase.auth/eventTypes/user.delete",
            r#""projects/p""#,
            r#""data":{"uid":"u1"}"#,
            "//firebaseauth.googleapis.com/projects/p",
            Some("users/u1"),
        ),
        (
            "providers/google.firebase.database/eventTypes/ref.create",
            r#""projects/_/instances/i/refs/a/b""#,
            r#""data":{},"domain":"europe-west1.firebasedatabase.app""#,
            "//firebasedatabase.googleapis.com/projects/_/locations/europe-west1/instances/i",
            Some("refs/a/b"),
        ),
        (
            "providers/google.firebase.analytics/eventTypes/event.log",
            r#""projects/p/events/open""#,
            r#""data":{"userDim":{"appInfo":{"appId":"app1"}}}"#,
            "//firebaseanalytics.googleapis.com/projects/p/apps/app1",
            Some("events/open"),
        ),
        (
            "providers/firebase.remoteConfig/remoteconfig.update",
            r#""projects/p""#,
            r#""data":{}"#,
            "//firebaseremoteconfig.googleapis.com/projects/p",
            None,
        ),
    ] {
        let event = read(&body(ty, resource, more)).unwrap();
        assert_eq!((event.source(), event.subject()), (source, subject), "{ty}");
        assert_eq!(
            (event.id(), event.time()),
            ("e1", Some("2020-09-29T11:32:00.123Z"))
        );
    }
}

#[test]
fn a_message_is_wrapped_and_a_message_of_the_portable_kind() {
    let ty = "google.pubsub.topic.publish";
    let resource = r#"{"service":"pubsub.googleapis.com","name":"projects/p/topics/orders"}"#;
    let more = r#""data":{"@type":"t","data":"aGk=","attributes":{"k":"v"},"messageId":"old"}"#;
    let event = read(&body(ty, resource, more)).unwrap();
    let message = message(&event);
    assert_eq!(
        (event.name(), message.body().0.as_ref()),
        ("orders", &b"hi"[..])
    );
    assert_eq!(message.attribute("k"), Some("v"));
    let native: serde_json::Value = event.native_as().unwrap();
    assert_eq!(native["message"]["messageId"], "e1");
    assert_eq!(native["message"]["publishTime"], "2020-09-29T11:32:00.123Z");
    assert_eq!(native["message"]["@type"], "t");
}

#[test]
fn what_the_conversion_lacks_is_named() {
    let domain = body(
        "providers/google.firebase.database/eventTypes/ref.create",
        r#""projects/_/instances/i/refs/a""#,
        r#""data":{}"#,
    );
    for (body, wanted) in [
        (domain, "background event: domain: is missing"),
        (
            body("unknown", r#""r""#, r#""data":{}"#),
            "eventType: is not known",
        ),
        (
            body("google.pubsub.topic.publish", "{}", r#""data":{}"#),
            "resource: has no name",
        ),
        (
            body("google.pubsub.topic.publish", r#""r""#, r#""data":7"#),
            "data: a message",
        ),
        (
            body("google.pubsub.topic.publish", r#""r""#, r#""x":7"#),
            "nothing that is known",
        ),
    ] {
        let error = read(&body).unwrap_err();
        assert!(error.contains(wanted), "{body}: {error}");
    }
}

#[test]
fn a_function_of_the_signature_event_has_the_older_form_as_native() {
    let event = [("FUNCTION_SIGNATURE_TYPE", "event")];
    let event = read_with(&event, &[], "", PUSH).unwrap().remove(0);
    let native: serde_json::Value = event.native_as().unwrap();
    assert_eq!(
        native["context"]["eventType"],
        "google.pubsub.topic.publish"
    );
    assert_eq!(
        native["context"]["resource"]["service"],
        "pubsub.googleapis.com"
    );
    assert_eq!(native["data"]["data"], "aGVsbG8=");
    assert_eq!(native["data"].get("messageId"), None);
}
