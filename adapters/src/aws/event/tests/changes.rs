//! `DynamoDB`'s streams.

use isobar_core::{Change, Kind, Operation, Raw};

use super::*;

fn record(name: &str, more: Value) -> Value {
    let record = json!({
        "eventID": "e1", "eventName": name, "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/customers/stream/2015-05-11T21:21:33.291",
        "dynamodb": {"ApproximateCreationDateTime": 1_479_499_740, "Keys": {"Id": {"N": "101"}},
            "SequenceNumber": "1111", "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    with(record, more)
}

#[test]
fn a_change_has_plain_documents_before_and_after() {
    let more = json!({"dynamodb": {
        "OldImage": {"Id": {"N": "101"}, "Price": {"N": "12.3400000000000000000000000000000001"}},
        "NewImage": {"Id": {"N": "101"}, "Tags": {"SS": ["a"]}},
    }});
    let event = only(&records(vec![record("MODIFY", more)]));
    let change: Change<Raw> = Change::of(&event).unwrap().unwrap();
    assert_eq!(event.kind(), Kind::Change);
    assert_eq!((event.name(), event.id()), ("customers", "e1"));
    assert_eq!(event.ty(), "com.amazonaws.dynamodb.MODIFY");
    assert_eq!(event.time(), Some("2016-11-18T20:09:00.000Z"));
    assert_eq!(change.source_name(), "customers");
    assert_eq!(change.operation(), Operation::Update);
    assert_eq!(change.keys().unwrap(), "{\"Id\":101}");
    let before = r#"{"Id":101,"Price":12.3400000000000000000000000000000001}"#;
    assert_eq!(change.before().unwrap().0, before);
    assert_eq!(change.after().unwrap().0, r#"{"Id":101,"Tags":["a"]}"#);
    assert_eq!(change.sequence(), Some("1111"));
    assert_eq!(event.extension("sequence"), Some("1111"));
}

#[test]
fn each_name_is_an_operation_and_an_unknown_one_stops_the_shard() {
    for (name, operation) in [
        ("INSERT", Operation::Insert),
        ("MODIFY", Operation::Update),
        ("REMOVE", Operation::Delete),
    ] {
        let event = only(&records(vec![record(name, json!({}))]));
        let change: Change<Raw> = Change::of(&event).unwrap().unwrap();
        assert_eq!(change.operation(), operation);
        assert!(change.before().is_none() && change.after().is_none());
    }
    let delivery = delivery(&records(vec![
        record("TRUNCATE", json!({})),
        record("INSERT", json!({})),
    ]));
    assert!(delivery.batch.events.is_empty());
    assert_eq!(answer(&delivery, ""), Ok(failures(&[json!("1111")])));
}

#[test]
fn a_record_of_another_stream_names_its_table_itself() {
    let more = json!({"eventSourceARN": null, "tableName": "examples", "dynamodb": {"SequenceNumber": null}});
    let delivery = delivery(&records(vec![record("INSERT", more)]));
    assert_eq!(delivery.batch.events[0].name(), "examples");
    // without a sequence number its failure is that of the whole
    assert_eq!(answer(&delivery, "d"), Ok(failures(&[])));
    assert_eq!(
        answer(&delivery, "r").unwrap_err().0,
        "Function.HandlerError"
    );
}
