//! How each source hears of what became of its events.

use super::*;

const OFF: [(&str, &str); 1] = [("ISOBAR_BATCH_ITEM_FAILURES", "0")];

#[test]
fn a_queue_is_told_each_failed_message() {
    let batch = records(vec![
        sqs("m1", "a", json!({})),
        sqs("m2", "b", json!({})),
        sqs("m3", "c", json!({})),
    ]);
    let delivery = delivery(&batch);
    for (letters, ids) in [
        ("ddd", &[][..]),
        ("drd", &["m2"]),
        ("rxn", &["m1", "m3"]),
        ("nnn", &["m1", "m2", "m3"]),
    ] {
        let ids: Vec<_> = ids.iter().map(|id| json!(id)).collect();
        assert_eq!(answer(&delivery, letters), Ok(failures(&ids)), "{letters}");
    }
}

#[test]
fn trap_34_without_item_failures_one_failure_fails_the_invocation() {
    let batch = records(vec![sqs("m1", "a", json!({})), sqs("m2", "b", json!({}))]);
    let (_, delivery) = try_decode(&batch.to_string(), OFF).unwrap();
    assert_eq!(answer(&delivery, "dx"), Ok(failures(&[])));
    let (ty, message) = answer(&delivery, "dr").unwrap_err();
    assert_eq!(ty, "Function.HandlerError");
    assert_eq!(
        message,
        "1 of 2 events failed; the first: 409 Conflict: sold out"
    );
    let (ty, message) = answer(&delivery, "dn").unwrap_err();
    assert_eq!(ty, "Function.Timeout");
    assert!(message.contains("took too long"), "{message}");
}

#[test]
fn a_shard_is_told_its_first_failure_alone() {
    let batch = records(vec![
        kinesis("100", "YQ=="),
        kinesis("101", "Yg=="),
        kinesis("102", "Yw=="),
    ]);
    let delivery = delivery(&batch);
    assert_eq!(answer(&delivery, "ddd"), Ok(failures(&[])));
    assert_eq!(answer(&delivery, "dxd"), Ok(failures(&[])));
    assert_eq!(answer(&delivery, "drn"), Ok(failures(&[json!("101")])));
    assert_eq!(answer(&delivery, "nnn"), Ok(failures(&[json!("100")])));
}

#[test]
fn a_cluster_is_told_by_a_failed_invocation_or_by_the_first_failure_of_each_partition() {
    let record = |partition: u32, offset: u32| json!({"topic": "t", "partition": partition, "offset": offset, "value": "YQ=="});
    let batch = json!({
        "eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:us-west-2:1:cluster/c/e9f7-4",
        "records": {"t-0": [record(0, 7), record(0, 8)], "t-1": [record(1, 3), record(1, 4)]},
    });
    let plain = delivery(&batch);
    assert_eq!(answer(&plain, "dddd"), Ok(failures(&[])));
    assert_eq!(
        answer(&plain, "ddrn").unwrap_err().0,
        "Function.HandlerError"
    );
    let lists = [("ISOBAR_BATCH_ITEM_FAILURES", "kafka")];
    let (_, listed) = try_decode(&batch.to_string(), lists).unwrap();
    let place = |partition, offset| json!({"partition": partition, "offset": offset});
    assert_eq!(
        answer(&listed, "drrn"),
        Ok(failures(&[place("t-0", 8), place("t-1", 3)]))
    );
}

#[test]
fn an_asynchronous_source_hears_by_a_failed_invocation() {
    let topic = json!({"EventSource": "aws:sns", "EventSubscriptionArn": "arn:aws:sns:x:1:news:2", "Sns": notification("hello")});
    for payload in [
        records(vec![topic]),
        records(vec![s3("a", "ObjectCreated:Put")]),
        eventbridge("shop", "order.created", json!([]), json!({})),
    ] {
        let delivery = delivery(&payload);
        assert_eq!(answer(&delivery, "d"), Ok(Value::Null));
        assert_eq!(answer(&delivery, "x"), Ok(Value::Null));
        let (ty, message) = answer(&delivery, "r").unwrap_err();
        assert_eq!(
            (&*ty, &*message),
            ("Function.HandlerError", "409 Conflict: sold out")
        );
        assert_eq!(answer(&delivery, "n").unwrap_err().0, "Function.Timeout");
    }
}

#[test]
fn a_call_hears_of_failures_for_good_too() {
    let delivery = delivery(&json!({"seats": 2}));
    assert_eq!(answer(&delivery, "d"), Ok(Value::Null));
    for letter in ["r", "x"] {
        assert_eq!(
            answer(&delivery, letter).unwrap_err().0,
            "Function.HandlerError"
        );
    }
}

#[test]
fn a_failed_item_without_an_id_fails_the_whole() {
    let batch = records(vec![sqs("m1", "a", json!({})), sqs("", "b", json!({}))]);
    let delivery = delivery(&batch);
    let (ty, message) = answer(&delivery, "d").unwrap_err();
    assert_eq!(ty, "Runtime.InvalidEvent");
    assert!(
        message.contains("SQS") && message.contains("messageId"),
        "{message}"
    );
}

#[test]
fn an_id_goes_back_as_it_came() {
    let odd = "m\"\\\u{e9}\n";
    let delivery = delivery(&records(vec![sqs(odd, "a", json!({}))]));
    assert_eq!(answer(&delivery, "r"), Ok(failures(&[json!(odd)])));
}
