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

fn cloud_event(more: Value) -> Value {
    let event = json!({
        "specversion": "1.0", "id": "ce-1", "source": "/shop", "type": "com.example.order", "subject": "s",
        "time": "2020-01-01T00:00:00Z", "datacontenttype": "application/json", "data": {"a": 1}, "tenant": 7,
    });
    with(event, more)
}

#[test]
fn a_cloud_event_says_itself_what_it_is() {
    let cloud_event = cloud_event(json!({}));
    let bus = eventbridge("shop", "t", json!([]), cloud_event.clone());
    for (payload, name, kind) in [
        (in_sqs(&cloud_event), "orders", Kind::Message),
        (in_sns(&cloud_event), "news", Kind::Message),
        (
            in_sqs(&notification(&cloud_event.to_string())),
            "news",
            Kind::Message,
        ),
        (bus.clone(), "shop", Kind::Other),
        (in_sqs(&bus), "shop", Kind::Other),
    ] {
        let event = only(&payload);
        assert_eq!((event.name(), event.kind()), (name, kind));
        assert_eq!(
            (
                event.id(),
                event.source(),
                event.ty(),
                event.subject(),
                event.time()
            ),
            (
                "ce-1",
                "/shop",
                "com.example.order",
                Some("s"),
                Some("2020-01-01T00:00:00Z")
            )
        );
        assert_eq!(event.data().unwrap(), r#"{"a":1}"#);
        assert!(event.extensions().any(|pair| pair == ("tenant", "7")));
    }
    let off = try_decode(&in_sqs(&cloud_event).to_string(), [("ISOBAR_UNWRAP", "0")]);
    assert_eq!(off.unwrap().1.batch.events[0].id(), "m1");
}

#[test]
fn a_cloud_events_data_is_a_value_a_text_or_bytes() {
    for (more, wanted) in [
        (
            json!({"datacontenttype": "text/plain", "data": "a\"b"}),
            "a\"b",
        ),
        (json!({"datacontenttype": null, "data": "a"}), "\"a\""),
        (json!({"data": null, "data_base64": "aGk="}), "hi"),
    ] {
        let event = only(&in_sqs(&cloud_event(more)));
        assert_eq!(
            (event.id(), event.data().unwrap().as_ref()),
            ("ce-1", wanted.as_bytes())
        );
    }
    let empty = only(&in_sqs(&cloud_event(json!({"data": null}))));
    assert!(empty.data().is_none());
    for more in [
        json!({"specversion": "0.3"}),
        json!({"source": ""}),
        json!({"type": null}),
        json!({"data_base64": "aGk="}),
        json!({"data": null, "data_base64": "!"}),
    ] {
        assert_eq!(only(&in_sqs(&cloud_event(more))).id(), "m1");
    }
}

#[test]
fn what_a_carrier_says_is_said_of_what_is_in_it() {
    let trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
    let more = json!({"eventSourceARN": "arn:aws:sqs:us-east-2:1:orders.fifo",
        "attributes": {"MessageGroupId": "g", "AWSTraceHeader": trace, "ApproximateReceiveCount": "1"}});
    let one = records(vec![s3("a", "ObjectCreated:Put")]);
    for inner in [
        notification("hello"),
        one,
        eventbridge("shop", "t", json!([]), json!({})),
        cloud_event(json!({})),
    ] {
        let event = only(&records(vec![sqs("m1", &inner.to_string(), more.clone())]));
        for pair in [
            ("partitionkey", "g"),
            (
                "traceparent",
                "00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01",
            ),
        ] {
            assert!(event.extensions().any(|own| own == pair), "{event:?}");
        }
    }
}

#[test]
fn a_subscription_that_is_to_be_confirmed_is_of_the_topic() {
    let asked = with(
        notification("hello"),
        json!({"Type": "SubscriptionConfirmation"}),
    );
    let record = json!({"EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:x:1:news:2", "Sns": asked});
    let event = only(&records(vec![record]));
    assert_eq!(
        (event.ty(), event.source(), event.subject()),
        (
            "com.amazonaws.sns.SubscriptionConfirmation",
            "arn:aws:sns:us-east-1:123456789012:news",
            None
        )
    );
}
