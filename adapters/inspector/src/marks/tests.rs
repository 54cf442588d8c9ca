use serde_json::{Value, json};

use super::*;
use crate::{Answer, Blob, Item, Native, Request};

fn event(body: &Value) -> Native {
    Native {
        line: "event".to_owned(),
        headers: vec![(
            "lambda-runtime-aws-request-id".to_owned(),
            "8476a536-e9f4".to_owned(),
        )],
        body: Blob::of(body.to_string().as_bytes()),
    }
}

fn request(uri: &str, headers: &[(&str, &str)], body: &[u8]) -> Portable {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Portable::Request(Request {
        method: "POST".to_owned(),
        uri: uri.to_owned(),
        headers: headers.iter().map(pair).collect(),
        body: Blob::of(body),
    })
}

fn told(marks: &[Mark]) -> Vec<String> {
    let path = |path: &Option<String>| path.clone().unwrap_or_else(|| "-".to_owned());
    let line = |mark: &Mark| {
        format!(
            "{} {} {} > {}",
            mark.side,
            mark.what,
            path(&mark.native),
            path(&mark.portable)
        )
    };
    marks.iter().map(line).collect()
}

#[track_caller]
fn has(marks: &[Mark], wanted: &[&str]) {
    let told = told(marks);
    for wanted in wanted {
        assert!(
            told.iter().any(|told| told == wanted),
            "{wanted}\n{told:#?}"
        );
    }
}

#[test]
fn a_request_through_a_function_url_shows_what_was_joined_decoded_and_moved() {
    let record = Record {
        host: "aws".to_owned(),
        native_in: event(&json!({
            "version": "2.0", "rawPath": "/prod/a%2Fb", "rawQueryString": "x=1&x=2",
            "cookies": ["a=1", "b=2"],
            "headers": {"host": "shop.example", "x-a": "1", "content-length": "4"},
            "requestContext": {"http": {"method": "POST", "sourceIp": "203.0.113.7"}, "stage": "prod",
                "accountId": "123456789012", "apiId": "abc"},
            "body": "aGVsbG8gd29ybGQ=", "isBase64Encoded": true,
        })),
        portable: request(
            "https://shop.example/a%2Fb?x=1&x=2",
            &[("cookie", "a=1; b=2"), ("x-a", "1")],
            b"hello world",
        ),
        context: [
            ("client_ip", "203.0.113.7"),
            ("request_id", "8476a536-e9f4"),
            ("stage", "prod"),
        ]
        .map(|(name, value)| (name.to_owned(), value.into()))
        .into_iter()
        .collect(),
        ..Record::default()
    };
    let marks = marks(&record);
    has(
        &marks,
        &[
            "in joined /cookies/0 > header:cookie",
            "in decoded /body > body",
            "in cut /rawPath > uri",
            "in moved /rawQueryString > uri",
            "in moved /requestContext/http/sourceIp > context:client_ip",
            "in moved header:lambda-runtime-aws-request-id > context:request_id",
            "in dropped /headers/content-length > -",
            "in dropped /isBase64Encoded > -",
        ],
    );
    // what is the same is no difference
    assert!(
        !told(&marks).iter().any(|told| told.contains("header:x-a")),
        "{marks:#?}"
    );
}

#[test]
fn a_queues_batch_is_compared_record_by_record() {
    let message = |id: &str, body: &str| {
        json!({"messageId": id, "receiptHandle": "AQEB-long-handle", "body": body,
            "attributes": {"ApproximateReceiveCount": "3", "SentTimestamp": "1791568711000"},
            "messageAttributes": {"tenant": {"stringValue": "acme", "dataType": "String"}},
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:1:orders"})
    };
    let item = |id: &str, body: &str| Item {
        view: json!({"kind": "message", "name": "orders", "id": id, "time": "2026-10-09T17:58:31Z",
            "attributes": {"tenant": "acme"}, "delivery_count": 3})
        .as_object()
        .unwrap()
        .clone(),
        data: Some(Blob::of(body.as_bytes())),
        outcome: None,
    };
    let record = Record {
        host: "aws".to_owned(),
        native_in: event(&json!({"Records": [message("id-1", "one"), message("id-2", "two")]})),
        portable: Portable::Events(vec![item("id-1", "one"), item("id-2", "two")]),
        ..Record::default()
    };
    let marks = marks(&record);
    has(
        &marks,
        &[
            "in moved /Records/0/messageId > 0/id",
            "in moved /Records/1/messageId > 1/id",
            "in decoded /Records/1/attributes/SentTimestamp > 1/time",
            "in moved /Records/0/attributes/ApproximateReceiveCount > 0/delivery_count",
            "in moved /Records/0/messageAttributes/tenant/stringValue > 0/attributes/tenant",
            "in dropped /Records/0/receiptHandle > -",
        ],
    );
    let handle = marks
        .iter()
        .find(|mark| mark.native.as_deref() == Some("/Records/0/receiptHandle"));
    assert!(handle.unwrap().why.contains("acknowledges by itself"));
}

#[test]
fn a_pushed_message_was_base64_and_azures_was_json_within_a_text() {
    let item = Item {
        view: json!({"kind": "message", "id": "17"})
            .as_object()
            .unwrap()
            .clone(),
        data: Some(Blob::of(b"{\"seats\":2}")),
        outcome: None,
    };
    let of = |host: &str, body: Value| Record {
        host: host.to_owned(),
        native_in: Native {
            line: "POST /events HTTP/1.1".to_owned(),
            headers: Vec::new(),
            body: Blob::of(body.to_string().as_bytes()),
        },
        portable: Portable::Events(vec![item.clone()]),
        ..Record::default()
    };
    let pushed = of(
        "gcp",
        json!({"message": {"data": "eyJzZWF0cyI6Mn0=", "messageId": "17"}}),
    );
    has(
        &marks(&pushed),
        &[
            "in decoded /message/data > 0/data",
            "in moved /message/messageId > 0/id",
        ],
    );
    let text = json!({"Data": {"item": "\"{\\\"seats\\\":2}\""}, "Metadata": {"Id": "\"17\""}});
    has(
        &marks(&of("azure", text)),
        &[
            "in decoded /Data/item > 0/data",
            "in decoded /Metadata/Id > 0/id",
        ],
    );
}

#[test]
fn an_answer_shows_what_the_front_door_makes_of_it() {
    let record = Record {
        native_in: event(&json!({})),
        portable: request("/", &[], b""),
        answer: Some(Answer {
            status: 201,
            headers: vec![
                ("set-cookie".to_owned(), "a=1".to_owned()),
                ("x-secret".to_owned(), "not carried".to_owned()),
            ],
            body: Blob::of(b"\xff\xfe\xfd\xfc"),
            error: None,
        }),
        native_out: Some(Native {
            line: "response".to_owned(),
            headers: Vec::new(),
            body: Blob::of(
                json!({"statusCode": 201, "cookies": ["a=1"], "body": "//79/A==",
                "isBase64Encoded": true})
                .to_string()
                .as_bytes(),
            ),
        }),
        ..Record::default()
    };
    has(
        &marks(&record),
        &[
            "out moved /statusCode > status",
            "out encoded /body > body",
            "out added /isBase64Encoded > -",
            "out dropped - > header:x-secret",
        ],
    );
}

#[test]
fn what_is_no_document_is_compared_all_the_same() {
    let record = Record {
        native_in: event(&Value::Null),
        portable: request("not a uri", &[("a", "")], b"\xff"),
        native_out: Some(Native::default()),
        ..Record::default()
    };
    assert!(marks(&record).iter().all(|mark| mark.side == "in"));
    assert!(marks(&Record::default()).is_empty());
}
