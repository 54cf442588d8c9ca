//! Sources that deliver one event, and direct invokes.

use isobar_core::{Kind, Message, Object, Raw, Schedule};

use super::*;

#[test]
fn a_topics_message_is_a_message() {
    let record = json!({"EventVersion": "1.0", "EventSource": "aws:sns",
        "EventSubscriptionArn": "arn:aws:sns:us-east-1:123456789012:news:21be", "Sns": notification("hello")});
    let event = only(&records(vec![record]));
    let message: Message<Raw> = Message::of(&event).unwrap().unwrap();
    assert_eq!((event.name(), event.id()), ("news", "95df"));
    assert_eq!(
        event.source(),
        "arn:aws:sns:us-east-1:123456789012:news:21be"
    );
    assert_eq!(event.ty(), "com.amazonaws.sns.Notification");
    assert_eq!(event.subject(), Some("Hi"));
    assert_eq!(event.time(), Some("2019-01-02T12:45:07.000Z"));
    assert_eq!(message.body().0, "hello");
    assert_eq!(message.attribute("k"), Some("v"));
}

#[test]
fn trap_36_an_objects_key_is_decoded_and_its_subject_is_as_it_came() {
    let event = only(&records(vec![s3(
        "my+photo%281%29.jpg",
        "ObjectCreated:Put",
    )]));
    let object = Object::of(&event).unwrap();
    assert_eq!((event.name(), event.id()), ("uploads", "D82B.vlR7"));
    assert_eq!(event.source(), "aws:s3.us-east-2.uploads");
    assert_eq!(event.ty(), "com.amazonaws.s3.ObjectCreated:Put");
    assert_eq!(event.subject(), Some("my+photo%281%29.jpg"));
    assert_eq!(
        (object.bucket(), object.key()),
        ("uploads", "my photo(1).jpg")
    );
    assert_eq!(
        (object.size(), object.etag(), object.version()),
        (Some(1_305_107), Some("b21b"), Some("v1"))
    );
    assert_eq!(
        event.dedup_key(),
        "s3:uploads/my photo(1).jpg#0C0F#ObjectCreated:Put"
    );
}

#[test]
fn an_object_is_made_or_deleted_and_anything_else_is_another_event() {
    for (name, deleted) in [
        ("ObjectCreated:CompleteMultipartUpload", Some(false)),
        ("ObjectRemoved:DeleteMarkerCreated", Some(true)),
        ("LifecycleExpiration:Delete", Some(true)),
        ("ObjectTagging:Put", None),
        ("ObjectRestore:Completed", None),
        ("ReducedRedundancyLostObject", None),
    ] {
        let event = only(&records(vec![s3("a", name)]));
        let got = Object::of(&event).map(|object| object.is_deleted());
        assert_eq!(got, deleted, "{name}");
        assert_eq!(event.ty(), format!("com.amazonaws.s3.{name}"));
    }
}

#[test]
fn a_bus_brings_schedules_objects_and_an_applications_own_events() {
    let rule = json!(["arn:aws:events:us-east-1:123456789012:rule/nightly"]);
    let event = only(&eventbridge(
        "aws.events",
        "Scheduled Event",
        rule,
        json!({}),
    ));
    let schedule = Schedule::of(&event).unwrap();
    assert_eq!((event.name(), schedule.name()), ("nightly", "nightly"));
    assert_eq!(schedule.due(), Some("2015-10-08T16:53:06Z"));
    assert_eq!(
        event.dedup_key(),
        "arn:aws:events:us-east-1:123456789012:rule/nightly#2015-10-08T16:53:06Z"
    );

    let scheduler = json!(["arn:aws:scheduler:us-east-1:123456789012:schedule/default/weekly"]);
    let event = only(&eventbridge(
        "aws.scheduler",
        "Scheduled Event",
        scheduler,
        json!("{}"),
    ));
    assert_eq!((event.kind(), event.name()), (Kind::Schedule, "weekly"));

    let detail = json!({"version": "0", "bucket": {"name": "uploads"}, "object": {"key": "a+b%20c", "size": 5,
        "etag": "b1", "version-id": "v", "sequencer": "0061"}});
    for (ty, deleted) in [("Object Created", false), ("Object Deleted", true)] {
        let bucket = json!(["arn:aws:s3:::uploads"]);
        let event = only(&eventbridge("aws.s3", ty, bucket, detail.clone()));
        let object = Object::of(&event).unwrap();
        assert_eq!(
            (event.name(), object.key(), object.size()),
            ("uploads", "a+b%20c", Some(5))
        );
        assert_eq!(object.is_deleted(), deleted);
        assert_eq!(event.subject(), Some("arn:aws:s3:::uploads"));
    }

    let event = only(&eventbridge(
        "com.example.shop",
        "order.created",
        json!([]),
        json!({"id": 7}),
    ));
    assert_eq!(
        (event.kind(), event.ty(), event.source()),
        (Kind::Other, "order.created", "com.example.shop")
    );
    assert_eq!((event.id(), event.name()), ("53dc", "com.example.shop"));
    assert_eq!(event.data().unwrap(), "{\"id\":7}");
    assert_eq!(event.extension("region"), Some("us-east-1"));
    assert_eq!(event.extension("account"), Some("123456789012"));
}

#[test]
fn a_notifications_test_is_no_event() {
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"});
    let delivery = delivery(&test);
    assert!(delivery.batch.events.is_empty());
    assert_eq!(answer(&delivery, ""), Ok(Value::Null));
}

fn packed(bytes: &[u8]) -> Value {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    let data = base64_simd::STANDARD.encode_to_string(packer.finish().unwrap());
    json!({"awslogs": {"data": data}})
}

#[test]
fn logs_are_unpacked_up_to_a_limit() {
    let lines = json!({"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/lambda/shop", "logStream": "s1",
        "subscriptionFilters": ["f"], "logEvents": [{"id": "31953", "timestamp": 1_545_084_650_987_u64, "message": "hi"}]});
    let event = only(&packed(lines.to_string().as_bytes()));
    assert_eq!(
        (event.kind(), event.name(), event.id()),
        (Kind::Other, "/aws/lambda/shop", "31953")
    );
    assert_eq!(event.ty(), "com.amazonaws.logs.event");
    assert_eq!(
        (event.source(), event.subject()),
        ("/aws/lambda/shop/s1", Some("s1"))
    );
    assert_eq!(event.time(), Some("2018-12-17T22:10:50.987Z"));
    assert_eq!(event.data_as::<Value>().unwrap(), lines);

    let control = json!({"messageType": "CONTROL_MESSAGE", "logEvents": []});
    assert!(events(&packed(control.to_string().as_bytes())).is_empty());

    for (payload, wanted) in [
        (
            packed(&vec![b' '; (64 << 20) + 1]),
            "unpacks to more than 64 MiB",
        ),
        (packed(b"{}"), "messageType"),
        (packed(b"\xff"), "is not UTF-8"),
        (json!({"awslogs": {"data": "AAAA"}}), "cannot be read"),
        (json!({"awslogs": {"data": "!"}}), "is not base64"),
        (json!({"awslogs": {}}), "awslogs.data is missing"),
    ] {
        let error = refusal(&payload);
        assert!(
            error.contains("CloudWatch Logs") && error.contains(wanted),
            "{error}"
        );
    }
}

#[test]
fn a_mail_is_another_event() {
    let mail = json!({"messageId": "6n4t", "timestamp": "1970-01-01T00:00:00.123Z", "commonHeaders": {"subject": "Hi"}});
    let event = only(&records(vec![
        json!({"eventSource": "aws:ses", "ses": {"mail": mail, "receipt": {}}}),
    ]));
    assert_eq!(
        (event.kind(), event.name(), event.id()),
        (Kind::Other, "ses", "6n4t")
    );
    assert_eq!(
        (event.ty(), event.subject()),
        ("com.amazonaws.ses.mail", Some("Hi"))
    );
}

#[test]
fn anything_else_is_a_direct_invoke() {
    for payload in [
        json!({"seats": 2}),
        json!([1, 2]),
        json!("text"),
        json!(null),
        json!({"source": "shop"}),
        json!({"triggerSource": "PreSignUp_SignUp"}),
    ] {
        let event = only(&payload);
        assert_eq!(
            (event.kind(), event.name(), event.id()),
            (Kind::Invoke, "price", "r-1"),
            "{payload}"
        );
        assert_eq!(event.ty(), "com.amazonaws.lambda.invoke");
        assert_eq!(
            event.source(),
            "arn:aws:lambda:eu-west-1:123456789012:function:price:live"
        );
        assert_eq!(event.data_as::<Value>().unwrap(), payload);
    }
}

#[test]
fn a_user_pools_trigger_gets_its_own_event_back() {
    let trigger = json!({
        "version": "1", "triggerSource": "PreSignUp_SignUp", "region": "eu-west-1", "userPoolId": "eu-west-1_abc",
        "userName": "ada", "callerContext": {}, "request": {"userAttributes": {}}, "response": {},
    });
    let event = only(&trigger);
    assert_eq!(
        (event.kind(), event.ty(), event.subject(), event.source()),
        (
            Kind::Invoke,
            "com.amazonaws.cognito.PreSignUp_SignUp",
            Some("ada"),
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc"
        )
    );
    assert_eq!(answer(&delivery(&trigger), "d"), Ok(json!("own")));
    assert!(answer(&delivery(&trigger), "x").is_err());
    let mut other = trigger;
    other.as_object_mut().unwrap().remove("request");
    assert_eq!(only(&other).ty(), "com.amazonaws.lambda.invoke");
}
