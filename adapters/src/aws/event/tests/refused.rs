//! What is of no known source, or cannot be read as a whole.

use super::*;

#[test]
fn trap_14_what_is_not_known_for_certain_is_refused() {
    for (payload, wanted) in [
        (records(vec![]), "a batch without records"),
        (records(vec![json!({"x": 1})]), "a batch of no known source"),
        (
            records(vec![json!({"eventSource": "aws:codecommit"})]),
            "aws:codecommit",
        ),
        (
            json!({"eventSource": "aws:docdb", "events": []}),
            "aws:docdb",
        ),
        (json!({"requestContext": {}}), "no HTTP front door's shape"),
        (
            json!({"Records": [{"eventSource": "aws:kinesis"}], "window": {}, "state": {}}),
            "a time window of a stream",
        ),
    ] {
        let error = refusal(&payload);
        assert!(error.contains(wanted), "{error}");
    }
    match try_decode("{", []) {
        Err(Refused::Foreign(what)) => assert!(what.contains("no JSON"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_delivery_that_can_not_be_read_names_trigger_field_and_remedy() {
    let bus = |key: &str| {
        let mut event = eventbridge("shop", "t", json!([]), json!({}));
        event.as_object_mut().unwrap().remove(key);
        event
    };
    for (payload, wanted) in [
        (bus("id"), ["EventBridge", "id is missing"]),
        (
            eventbridge("aws.events", "Scheduled Event", json!([]), json!({})),
            ["EventBridge", "resources[0] is missing"],
        ),
        (
            eventbridge(
                "aws.s3",
                "Object Created",
                json!([]),
                json!({"bucket": {"name": "b"}}),
            ),
            ["EventBridge", "detail.object.key is missing"],
        ),
        (
            json!({"eventSource": "aws:kafka", "records": {}}),
            ["Kafka", "eventSourceArn is missing"],
        ),
        (
            json!({"eventSource": "aws:mq"}),
            ["ActiveMQ", "eventSourceArn is missing"],
        ),
        (
            json!({"eventSource": "aws:rmq"}),
            ["RabbitMQ", "eventSourceArn is missing"],
        ),
    ] {
        let error = refusal(&payload);
        assert!(wanted.iter().all(|part| error.contains(part)), "{error}");
        assert!(
            error.contains("compare it with https://docs.aws.amazon.com/"),
            "{error}"
        );
    }
}

#[test]
fn a_batch_of_two_sources_fails_what_is_not_of_the_first() {
    let odd = with(sqs("m2", "b", json!({})), json!({"eventSource": "aws:s3"}));
    let delivery = delivery(&records(vec![sqs("m1", "a", json!({})), odd]));
    assert_eq!(delivery.batch.events.len(), 1);
    assert_eq!(answer(&delivery, "d"), Ok(failures(&[json!("m2")])));
}

#[test]
fn a_program_without_event_handlers_refuses_them_at_once() {
    use isobar_core::Routes;
    let batch = delivery(&records(vec![sqs("m1", "a", json!({}))]));
    let failure = batch.refusal(&Routes::http()).unwrap();
    assert_eq!(failure.error_type, "Runtime.InvalidEvent");
    assert!(
        failure.error_message.contains("messages of SQS"),
        "{failure:?}"
    );
    assert!(batch.refusal(&Routes::none().event_type("*")).is_none());
    assert!(batch.refusal(&Routes::http().ignore_unknown()).is_none());
    let test = delivery(&json!({"Service": "Amazon S3", "Event": "s3:TestEvent"}));
    assert!(test.refusal(&Routes::http()).is_none());
}
