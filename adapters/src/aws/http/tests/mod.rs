//! The traps of HTTP events, by name; the whole vectors are the suite's.

mod answers;
mod identity;
mod requests;
mod target;

use bytestring::ByteString;
use serde_json::{Value, json};

use super::Incoming;
use crate::aws::context::Call;
use crate::aws::incoming::{self, Refused};
use crate::aws::settings::{Options, Settings};
use crate::config::Environment;

#[expect(clippy::panic_in_result_fn, reason = "a test fails by panicking")]
fn decode<const N: usize>(
    payload: &str,
    variables: [(&str, &str); N],
) -> Result<Incoming, Refused> {
    let settings = Settings::new(&Environment::of(variables), &Options::default()).unwrap();
    let payload = ByteString::from(payload);
    match incoming::decode(&payload, &settings, &Call::default())? {
        incoming::Incoming::Request(request) => Ok(*request),
        incoming::Incoming::Events(events) => panic!("no request, but {events:?}"),
    }
}

fn try_decode(event: &Value) -> Result<Incoming, Refused> {
    decode(&event.to_string(), [])
}

fn decoded(event: &Value) -> Incoming {
    try_decode(event).unwrap()
}

/// A payload 1.0 event, with other members than usual.
fn v1(more: Value) -> Value {
    let event = json!({
        "resource": "/{proxy+}", "path": "/hello", "httpMethod": "GET",
        "headers": {"Host": "api.example"}, "multiValueHeaders": null,
        "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "requestContext": {"stage": "prod", "path": "/prod/hello", "identity": {"sourceIp": "203.0.113.7"}},
        "body": null, "isBase64Encoded": false,
    });
    with(event, more)
}

/// A payload 2.0 event, with other members than usual.
fn v2(more: Value) -> Value {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/hello", "rawQueryString": "",
        "headers": {"host": "api.example", "x-forwarded-proto": "https"},
        "requestContext": {"stage": "$default", "domainName": "api.example",
            "http": {"method": "GET", "path": "/hello", "sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    });
    with(event, more)
}

/// A load balancer's event, with other members than usual.
fn alb(more: Value) -> Value {
    let event = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/hello",
        "queryStringParameters": {}, "headers": {"host": "lb.example"}, "body": "", "isBase64Encoded": false,
    });
    with(event, more)
}

fn lattice(more: Value) -> Value {
    let event = json!({
        "version": "2.0", "path": "/hello", "method": "GET", "headers": {"host": ["svc.example"]},
        "requestContext": {"serviceArn": "arn", "identity": {}},
    });
    with(event, more)
}

/// Objects are merged, all else is replaced.
fn with(mut event: Value, more: Value) -> Value {
    match (&mut event, more) {
        (Value::Object(map), Value::Object(more)) => {
            for (key, value) in more {
                let old = map.remove(&key).unwrap_or_default();
                let new = if value.is_object() && key != "headers" {
                    with(old, value)
                } else {
                    value
                };
                map.insert(key, new);
            }
            event
        }
        (_, more) => more,
    }
}

fn header<'a>(incoming: &'a Incoming, name: &str) -> Vec<&'a str> {
    let values = incoming.request.headers().get_all(name);
    values.iter().map(|value| value.to_str().unwrap()).collect()
}

fn uri(incoming: &Incoming) -> String {
    incoming.request.uri().to_string()
}
