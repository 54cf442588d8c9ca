//! Each trigger as the host fires it, and the events that a program sees.

use isobar_hosts::functions::{Fired, Sent};
use serde_json::{Value, json};

use super::{Seeing, app, many, text};

/// The members of what was seen that a test names.
fn within(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => wanted
            .iter()
            .all(|(name, value)| got.get(name).is_some_and(|got| within(value, got))),
        _ => wanted == got,
    }
}

/// A trigger, what is fired, and the events that are seen.
type Case = (Value, Fired, Value);

fn queues() -> Vec<Case> {
    let bus = || Sent::service_bus("m1", "hello").with("SessionId", "s1");
    let binary = json!({"type": "queueTrigger", "dataType": "binary"});
    let forging = r#"{"Id":"forged","DequeueCount":9}"#;
    let one = json!([{"kind": "message", "message": {"id": "17", "body": "aGVsbG8=", "source_name": "orders", "delivery_count": 3}}]);
    let forged =
        json!([{"message": {"delivery_count": null, "sent": "2026-10-09T17:58:31+00:00"}}]);
    let both = json!([{"message": {"id": "m1", "ordering_key": "s1"}}, {"message": {"id": "m2", "ordering_key": null, "body": "Yg=="}}]);
    vec![
        (
            text("queueTrigger"),
            Sent::queue("17", "hello", 3).into(),
            one,
        ),
        (
            text("queueTrigger"),
            Sent::queue("17", forging, 3).into(),
            forged,
        ),
        (
            binary,
            Sent::queue("17", b"\0\xff", 1).into(),
            json!([{"message": {"id": "17", "body": "AP8="}}]),
        ),
        (
            text("serviceBusTrigger"),
            bus().into(),
            json!([{"message": {"id": "m1", "ordering_key": "s1", "sent": "2026-10-09T17:58:31Z"}}]),
        ),
        (
            many("serviceBusTrigger"),
            Fired::batch([bus(), Sent::service_bus("m2", "b")]),
            both,
        ),
    ]
}

fn streams() -> Vec<Case> {
    let hub = [Sent::event_hub(1, "a"), Sent::event_hub(2, "b")];
    let hub = Fired::batch(hub)
        .with("PartitionContext", json!({"PartitionId": "3"}))
        .retry(1, 2);
    let kafka = [
        Sent::kafka("clicks", 0, 7, "a").with("Key", "k"),
        Sent::kafka("clicks", 0, 8, "b"),
    ];
    vec![
        (
            many("eventHubTrigger"),
            hub,
            json!([{"message": {"id": "3/1", "delivery_count": 2}}, {"message": {"id": "3/2", "body": "Yg=="}}]),
        ),
        (
            text("kafkaTrigger"),
            kafka[0].clone().into(),
            json!([{"message": {"id": "clicks/0/7", "body": "YQ==", "ordering_key": "k"}}]),
        ),
        (
            many("kafkaTrigger"),
            Fired::batch(kafka),
            json!([{"message": {"body": "YQ=="}}, {"message": {"id": "clicks/0/8"}}]),
        ),
    ]
}

fn others() -> Vec<Case> {
    let blob = "https://a.blob.core.windows.net/uploads/a/b%20c.txt";
    let grid = json!({"id": "1", "topic": "/t", "subject": "/blobServices/default/containers/uploads/blobs/a b",
        "eventType": "Microsoft.Storage.BlobDeleted", "eventTime": "2026-01-02T03:04:05Z", "data": {}});
    let cloud = json!({"specversion": "1.0", "id": "e1", "source": "/shop", "type": "sold", "data": {"n": 1}});
    vec![
        (
            text("blobTrigger"),
            Fired::blob(blob, "text"),
            json!([{"kind": "object", "object": {"bucket": "uploads", "key": "a/b c.txt", "size": 4, "change": "created"}}]),
        ),
        (
            text("eventGridTrigger"),
            Fired::event_grid(grid.clone()),
            json!([{"object": {"bucket": "uploads", "key": "a b", "change": "deleted"}}]),
        ),
        (
            many("eventGridTrigger"),
            Fired::event_grid(json!([grid, cloud])),
            json!([{"kind": "object"}, {"kind": "other", "event": {"id": "e1", "source": "/shop", "type": "sold"}}]),
        ),
        (
            text("timerTrigger"),
            Fired::timer("2026-01-02T03:05:00+00:00"),
            json!([{"kind": "schedule", "schedule": {"name": "orders", "due": "2026-01-02T03:05:00+00:00"}}]),
        ),
        (
            text("cosmosDBTrigger"),
            Fired::cosmos_db(&[json!({"id": "1"}), json!({"id": "2"})]),
            json!([{"kind": "change", "change": {"operation": "write", "after": {"id": "1"}}}, {"change": {"after": {"id": "2"}}}]),
        ),
        (
            text("sqlTrigger"),
            Fired::sql(&[json!({"Operation": 2, "Item": {"Id": 1}})]),
            json!([{"change": {"operation": "delete", "keys": {"Id": 1}, "after": null}}]),
        ),
        (
            text("warmupTrigger"),
            Fired::warmup(),
            json!([{"kind": "other", "event": {"type": "com.microsoft.azure.functions.warmupTrigger"}}]),
        ),
    ]
}

#[tokio::test]
async fn every_trigger_reaches_its_handler_and_succeeds() {
    for (trigger, fired, wanted) in [queues(), streams(), others()].into_iter().flatten() {
        let host = Seeing::mirror(app(&trigger)).await;
        let outcome = host.fire("orders", fired).await;
        assert!(outcome.succeeded(), "{trigger}: {outcome:?}");
        let (wanted, seen) = (wanted.as_array().unwrap(), host.seen());
        assert_eq!(seen.len(), wanted.len(), "{trigger}: {seen:?}");
        for wanted in wanted {
            assert!(
                seen.iter().any(|seen| within(wanted, seen)),
                "{wanted}: {seen:?}"
            );
        }
    }
}
