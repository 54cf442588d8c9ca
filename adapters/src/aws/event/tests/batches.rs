//! Queues, streams and brokers.

use isobar_core::{Kind, Message, Order, Raw};

use super::*;

fn message(event: &Event) -> Message<Raw> {
    Message::of(event).unwrap().unwrap()
}

#[test]
fn a_queues_message_is_a_message() {
    let more = json!({
        "messageAttributes": {
            "k": {"stringValue": "v", "dataType": "String"},
            "n": {"stringValue": "1", "dataType": "Number"},
            "b": {"binaryValue": "AAE=", "dataType": "Binary"},
        },
        "attributes": {"AWSTraceHeader": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"},
    });
    let event = only(&records(vec![sqs("m1", "hello", more)]));
    let message = message(&event);
    assert_eq!(event.kind(), Kind::Message);
    assert_eq!((event.name(), event.id()), ("orders", "m1"));
    assert_eq!(event.source(), "arn:aws:sqs:us-east-2:123456789012:orders");
    assert_eq!(event.ty(), "com.amazonaws.sqs.message");
    assert_eq!(event.time(), Some("2018-12-17T21:37:29.183Z"));
    assert_eq!(message.sent(), event.time());
    assert_eq!(message.body().0, "hello");
    assert_eq!(message.delivery_count(), Some(2));
    assert_eq!(message.source_name(), "orders");
    let attributes: Vec<_> = message.attributes().collect();
    assert_eq!(attributes, [("b", "AAE="), ("k", "v"), ("n", "1")]);
    let trace = "00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01";
    assert_eq!(event.extension("traceparent"), Some(trace));
    assert_eq!(event.dedup_key(), format!("{}#m1", event.source()));
}

/// As the events crate has it, and all other names here.
#[test]
fn of_an_attribute_that_stands_twice_the_last_counts() {
    let whole = r#"{"Records":[{"messageId":"m1","body":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-2:1:orders",
        "messageAttributes":{"k":{"stringValue":"first","dataType":"String"},"k":{"stringValue":"last","dataType":"String"}}}]}"#;
    let (_, delivery) = try_decode(whole, []).unwrap();
    let message = message(&delivery.batch.events[0]);
    assert_eq!(message.attribute("k"), Some("last"));
}

#[test]
fn a_bodys_type_is_json_if_it_is() {
    for (body, ty) in [
        ("hello", "text/plain"),
        ("", "text/plain"),
        ("{\"a\":1}", "application/json"),
        (" [1]", "application/json"),
        ("17", "application/json"),
        ("{\"a\":1", "text/plain"),
        ("{} {}", "text/plain"),
    ] {
        let event = only(&records(vec![sqs("m1", body, json!({}))]));
        assert_eq!(event.data_content_type(), Some(ty), "{body}");
        assert_eq!(event.data().unwrap(), body);
    }
}

#[test]
fn the_native_form_is_the_records_own_slice_of_the_payload() {
    let batch = records(vec![sqs("m1", "a", json!({})), sqs("m2", "b", json!({}))]);
    let (payload, delivery) = try_decode(&batch.to_string(), []).unwrap();
    let within = payload.as_bytes().as_ptr_range();
    for (event, record) in delivery
        .batch
        .events
        .iter()
        .zip(batch["Records"].as_array().unwrap())
    {
        let native = event.native().as_ptr_range();
        assert!(within.start <= native.start && native.end <= within.end);
        assert_eq!(event.native_as::<Value>().unwrap(), *record);
        let native: aws_lambda_events::sqs::SqsMessage = event.native_as().unwrap();
        assert_eq!(native.message_id.as_deref(), Some(event.id()));
        let data = event.data().unwrap().as_ptr_range();
        assert!(within.start <= data.start && data.end <= within.end);
    }
}

#[test]
fn a_standard_queue_has_no_order_and_a_fifo_queue_that_of_its_groups() {
    let fair = json!({"attributes": {"MessageGroupId": "tenant"}});
    let standard = delivery(&records(vec![
        sqs("m1", "a", fair.clone()),
        sqs("m2", "b", fair),
    ]));
    assert_eq!(standard.batch.order, Order::Any);
    assert_eq!(message(&standard.batch.events[0]).ordering_key(), None);
    assert_eq!(
        standard.batch.events[0].extension("partitionkey"),
        Some("tenant")
    );

    let fifo = delivery(&records(vec![
        fifo("m1", "A", "a"),
        fifo("m2", "B", "b"),
        fifo("m3", "A", "c"),
    ]));
    assert_eq!(fifo.batch.order, Order::PerKey);
    assert_eq!(fifo.batch.lanes, [0, 1, 0]);
    let first = &fifo.batch.events[0];
    assert_eq!(message(first).ordering_key(), Some("A"));
    assert_eq!(first.extension("sequence"), Some("18"));
    assert_eq!(first.name(), "orders.fifo");
}

#[test]
fn a_message_that_can_not_be_read_fails_alone_or_stops_its_group() {
    let broken = json!({"body": 7, "messageId": "m2"});
    let broken = with(
        fifo("m2", "A", ""),
        json!({"body": {"no": "text"}, "x": broken}),
    );
    let delivery = delivery(&records(vec![
        fifo("m1", "A", "a"),
        broken,
        fifo("m3", "A", "c"),
        fifo("m4", "B", "d"),
    ]));
    let ids: Vec<_> = delivery.batch.events.iter().map(Event::id).collect();
    assert_eq!(ids, ["m1", "m4"]);
    assert_eq!(
        answer(&delivery, "dd"),
        Ok(failures(&[json!("m2"), json!("m3")]))
    );
}

#[test]
fn a_streams_record_is_a_message_in_order() {
    let delivery = delivery(&records(vec![
        kinesis("100", "YQ=="),
        kinesis("101", "eyJhIjoxfQ=="),
    ]));
    assert_eq!(delivery.batch.lanes, [0, 0]);
    let [event, second] = &*delivery.batch.events else {
        panic!()
    };
    assert_eq!(
        (event.name(), event.id()),
        ("clicks", "shardId-000000000006:100")
    );
    assert_eq!(event.ty(), "com.amazonaws.kinesis.record");
    assert_eq!(event.subject(), Some("p1"));
    assert_eq!(event.time(), Some("2018-12-17T22:10:50.987Z"));
    assert_eq!(event.extension("partitionkey"), Some("p1"));
    assert_eq!(event.extension("sequence"), Some("100"));
    assert_eq!(message(event).ordering_key(), Some("p1"));
    assert_eq!(
        (event.data().unwrap().as_ref(), event.data_content_type()),
        (&b"a"[..], None)
    );
    assert_eq!(second.data_content_type(), Some("application/json"));
}

#[test]
fn a_stream_stops_at_what_it_can_not_read() {
    let delivery = delivery(&records(vec![
        kinesis("100", "YQ=="),
        kinesis("101", "not base64!"),
        kinesis("102", "Yw=="),
    ]));
    assert_eq!(delivery.batch.events.len(), 1);
    assert_eq!(answer(&delivery, "d"), Ok(failures(&[json!("101")])));
    assert_eq!(answer(&delivery, "r"), Ok(failures(&[json!("100")])));
}

#[test]
fn a_clusters_record_is_a_message_and_its_partition_keeps_the_order() {
    let record = |more| {
        let record = json!({"topic": "t", "partition": 0, "offset": 15, "timestamp": 1_545_084_650_987_u64,
            "timestampType": "CREATE_TIME", "key": "azE=", "value": "eyJhIjoxfQ==",
            "headers": [{"h": [104, 105]}, {"bin": [-1, 0]}]});
        with(record, more)
    };
    for (source, arn) in [
        (
            "aws:kafka",
            json!({"eventSourceArn": "arn:aws:kafka:us-west-2:1:cluster/c/e9f7-4"}),
        ),
        ("SelfManagedKafka", json!({})),
    ] {
        let batch = json!({
            "eventSource": source, "bootstrapServers": "b-1:9092,b-2:9092",
            "records": {"t-0": [record(json!({})), record(json!({"offset": 16, "value": null, "key": "/w=="}))], "t-1": [record(json!({}))]},
        });
        let delivery = delivery(&with(batch, arn.clone()));
        assert_eq!(delivery.batch.lanes, [0, 0, 1]);
        let [event, tombstone, _] = &*delivery.batch.events else {
            panic!()
        };
        let source = arn["eventSourceArn"]
            .as_str()
            .unwrap_or("b-1:9092,b-2:9092");
        assert_eq!(
            (event.source(), event.id(), event.name()),
            (source, "t-0@15", "t")
        );
        assert_eq!(event.time(), Some("2018-12-17T22:10:50.987Z"));
        assert_eq!(event.data().unwrap(), "{\"a\":1}");
        let attributes = message(event);
        let attributes: Vec<_> = attributes.attributes().collect();
        assert_eq!(attributes, [("h", "hi"), ("bin", "/wA=")]);
        assert_eq!(message(event).ordering_key(), Some("k1"));
        assert_eq!(
            (tombstone.data(), message(tombstone).ordering_key()),
            (None, Some("/w=="))
        );
    }
}

#[test]
fn a_brokers_message_is_a_message() {
    let active = json!({
        "eventSource": "aws:mq", "eventSourceArn": "arn:aws:mq:us-west-2:1:broker:b:b-0f5b",
        "messages": [{"messageID": "ID:1", "messageType": "jms/text-message", "timestamp": 1_545_084_650_987_u64,
            "redelivered": false, "destination": {"physicalName": "orders"}, "data": "aGk=",
            "properties": {"k": "v", "n": 1}}],
    });
    let event = only(&active);
    let message_of = message(&event);
    assert_eq!(
        (event.name(), event.id(), event.data().unwrap().as_ref()),
        ("orders", "ID:1", &b"hi"[..])
    );
    assert_eq!(
        message_of.attributes().collect::<Vec<_>>(),
        [("k", "v"), ("n", "1")]
    );
    assert_eq!(message_of.delivery_count(), Some(1));

    let rabbit = json!({
        "eventSource": "aws:rmq", "eventSourceArn": "arn:aws:mq:us-west-2:1:broker:b:b-9bcf",
        "rmqMessagesByQueue": {"orders::/": [
            {"basicProperties": {"contentType": "text/x", "messageId": null, "headers": {"h": {"bytes": [104, 105]}, "n": 10}},
                "redelivered": true, "data": "aGk="},
            {"basicProperties": {"messageId": "own"}, "data": "aGk="},
        ]},
    });
    let events = events(&rabbit);
    assert_eq!(
        (events[0].name(), events[0].id()),
        ("orders", "r-1/orders:://0")
    );
    assert_eq!(events[0].data_content_type(), Some("text/x"));
    let first = message(&events[0]);
    assert_eq!(
        first.attributes().collect::<Vec<_>>(),
        [("h", "hi"), ("n", "10")]
    );
    assert_eq!(first.delivery_count(), None);
    assert_eq!(events[1].id(), "own");
}

#[test]
fn a_deployments_names_stand_for_the_hosts() {
    let batch = records(vec![sqs("m1", "a", json!({}))]);
    let names = [("ISOBAR_NAMES", "jobs=orders")];
    let (_, delivery) = try_decode(&batch.to_string(), names).unwrap();
    let event = &delivery.batch.events[0];
    assert_eq!(
        (event.name(), message(event).source_name()),
        ("jobs", "orders")
    );
    assert_eq!(delivery.batch.limit, 32);
}

#[test]
fn what_can_not_be_read_counts_as_failed() {
    let batch = records(vec![
        sqs("m0", "a", json!({})),
        sqs("m1", "b", json!({"body": null})),
    ]);
    let delivery = delivery(&batch);
    assert_eq!(
        (delivery.batch.events.len(), delivery.batch.unreadable),
        (1, 1)
    );
    assert_eq!(answer(&delivery, "d"), Ok(failures(&[json!("m1")])));
}
