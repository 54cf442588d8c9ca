//! One source's event within another's message.

use isobar_core::{Kind, Message, Object, Raw};

use super::*;

fn in_sqs(inner: &Value) -> Value {
    records(vec![sqs("m1", &inner.to_string(), json!({}))])
}

fn in_sns(message: &Value) -> Value {
    records(vec![
        json!({"EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:x:1:news:2", "Sns": notification(&message.to_string())}),
    ])
}

#[test]
fn a_topics_message_in_a_queue_is_the_topics() {
    let event = only(&in_sqs(&notification("hello")));
    let message: Message<Raw> = Message::of(&event).unwrap().unwrap();
    assert_eq!(
        (event.name(), event.id(), message.body().0.as_ref()),
        ("news", "95df", &b"hello"[..])
    );
    assert_eq!(
        event.source(),
        "arn:aws:sns:us-east-1:123456789012:news:21be"
    );
    assert_eq!(message.attribute("k"), Some("v"));
    assert_eq!(message.delivery_count(), Some(2));
}

#[test]
fn objects_are_found_through_queue_and_topic() {
    let two = records(vec![
        s3("a+b", "ObjectCreated:Put"),
        s3("c", "ObjectRemoved:Delete"),
    ]);
    for payload in [
        in_sqs(&two),
        in_sns(&two),
        in_sqs(&notification(&two.to_string())),
    ] {
        let events = events(&payload);
        let keys: Vec<_> = events
            .iter()
            .map(|event| Object::of(event).unwrap().key().to_owned())
            .collect();
        assert_eq!(keys, ["a b", "c"]);
    }
}

#[test]
fn a_message_of_several_events_fails_as_one() {
    let two = records(vec![
        s3("a", "ObjectCreated:Put"),
        s3("b", "ObjectCreated:Put"),
    ]);
    let batch = records(vec![
        sqs("m1", "plain", json!({})),
        sqs("m2", &two.to_string(), json!({})),
        sqs("m3", "plain", json!({})),
    ]);
    let delivery = delivery(&batch);
    assert_eq!(delivery.batch.lanes, [0, 1, 1, 2]);
    assert_eq!(answer(&delivery, "dddd"), Ok(failures(&[])));
    for letters in ["drnd", "ddrd"] {
        assert_eq!(answer(&delivery, letters), Ok(failures(&[json!("m2")])));
    }
    assert_eq!(
        answer(&delivery, "ddrr"),
        Ok(failures(&[json!("m2"), json!("m3")]))
    );
}

#[test]
fn a_bus_event_in_a_queue_is_the_buss() {
    let event = only(&in_sqs(&eventbridge(
        "shop",
        "order.created",
        json!([]),
        json!({"id": 7}),
    )));
    assert_eq!((event.kind(), event.ty()), (Kind::Other, "order.created"));
    assert_eq!(event.data().unwrap(), "{\"id\":7}");
}

#[test]
fn a_notifications_test_is_acknowledged_wherever_it_arrives() {
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"});
    for (payload, told) in [
        (in_sqs(&test), failures(&[])),
        (in_sqs(&notification(&test.to_string())), failures(&[])),
        (in_sns(&test), Value::Null),
    ] {
        let delivery = delivery(&payload);
        assert!(delivery.batch.events.is_empty());
        assert_eq!(answer(&delivery, ""), Ok(told));
    }
}

#[test]
fn a_wrapped_event_keeps_its_groups_order() {
    let one = records(vec![s3("a", "ObjectCreated:Put")]);
    let delivery = delivery(&records(vec![
        fifo("m1", "A", "plain"),
        fifo("m2", "A", &one.to_string()),
        fifo("m3", "B", &notification("hello").to_string()),
    ]));
    assert_eq!(delivery.batch.lanes, [0, 0, 1]);
    let topic: Message<Raw> = Message::of(&delivery.batch.events[2]).unwrap().unwrap();
    assert_eq!(topic.ordering_key(), Some("B"));
}

#[test]
fn what_is_not_certain_stays_a_message() {
    let without = |mut value: Value, key: &str| {
        value.as_object_mut().unwrap().remove(key);
        value
    };
    for body in [
        without(notification("x"), "MessageId"),
        with(notification("x"), json!({"TopicArn": "news"})),
        with(notification("x"), json!({"Type": "Other"})),
        without(eventbridge("shop", "t", json!([]), json!({})), "detail"),
        without(eventbridge("shop", "t", json!([]), json!({})), "region"),
        json!({"Records": [{"eventSource": "aws:sqs"}]}),
        json!({"Records": []}),
        json!({"Event": "s3:TestEvent"}),
    ] {
        let event = only(&in_sqs(&body));
        assert_eq!((event.kind(), event.id()), (Kind::Message, "m1"), "{body}");
    }
}

#[test]
fn it_can_be_turned_off() {
    let one = records(vec![s3("a", "ObjectCreated:Put")]);
    for payload in [in_sqs(&notification("hello")), in_sqs(&one), in_sns(&one)] {
        let (_, delivery) = try_decode(&payload.to_string(), [("ISOBAR_UNWRAP", "0")]).unwrap();
        assert_eq!(delivery.batch.events[0].kind(), Kind::Message);
    }
}

#[test]
fn a_wrapped_event_that_can_not_be_read_fails_its_message_alone() {
    let broken = records(vec![with(
        s3("a", "ObjectCreated:Put"),
        json!({"s3": {"bucket": null}}),
    )]);
    let batch = records(vec![
        sqs("m1", &broken.to_string(), json!({})),
        sqs("m2", "b", json!({})),
    ]);
    let delivery = delivery(&batch);
    assert_eq!(delivery.batch.events.len(), 1);
    assert_eq!(answer(&delivery, "d"), Ok(failures(&[json!("m1")])));
}
