//! Application Load Balancers.

use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::arrival::{Arrival, Outside, all_of, as_it_is, last_of};
use super::envelope::{self, Envelope};
use crate::lambda::{Answer, Kind};
use crate::{Body, body};

pub(super) const OUTSIDE: Outside = Outside {
    host: "lambda-alb-123578498.eu-west-1.elb.amazonaws.com",
    scheme: "http",
    port: "80",
};

/// The longest body each way.
pub(super) const LIMIT: u64 = 1024 * 1024;

const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a";

/// The event: path and query as they were sent, headers in one map or the other.
pub(super) fn event(arrival: &Arrival, multi: bool) -> Value {
    let (text, encoded) = arrival.text_or_base64(arrival.is_binary());
    let mut event = json!({
        "requestContext": {"elb": {"targetGroupArn": ARN}},
        "httpMethod": arrival.method,
        "path": arrival.path,
        "body": text,
        "isBase64Encoded": encoded,
    });
    let pairs = || arrival.pairs().map(|(n, v)| (n.to_owned(), v.to_owned()));
    let (headers, query, names) = if multi {
        let names = ("multiValueHeaders", "multiValueQueryStringParameters");
        (arrival.all(as_it_is), all_of(pairs()), names)
    } else {
        let names = ("headers", "queryStringParameters");
        (arrival.last(as_it_is), last_of(pairs()), names)
    };
    if let Some(event) = event.as_object_mut() {
        event.insert(names.0.to_owned(), headers.into());
        event.insert(names.1.to_owned(), query.unwrap_or_default().into());
    }
    event
}

/// A health check's event: it has a user agent and nothing else.
pub(super) fn health_check(path: &str, multi: bool) -> Value {
    let agent = "ELB-HealthChecker/2.0";
    let mut event = json!({
        "requestContext": {"elb": {"targetGroupArn": ARN}},
        "httpMethod": "GET",
        "path": path,
        "body": "",
        "isBase64Encoded": false,
    });
    if let Some(event) = event.as_object_mut() {
        if multi {
            event.insert(
                "multiValueHeaders".to_owned(),
                json!({"user-agent": [agent]}),
            );
            event.insert("multiValueQueryStringParameters".to_owned(), json!({}));
        } else {
            event.insert("headers".to_owned(), json!({"user-agent": agent}));
            event.insert("queryStringParameters".to_owned(), json!({}));
        }
    }
    event
}

pub(super) fn answer(answer: &Answer, multi: bool) -> Response<Body> {
    if answer.kind != Kind::Response || answer.bytes.len() as u64 > LIMIT {
        return failure();
    }
    let envelope = envelope::object(&answer.bytes).and_then(|map| read(&map, multi));
    envelope
        .and_then(Envelope::response)
        .unwrap_or_else(failure)
}

/// Every value has to be a string, in the kind of map that the request had, and the body not null.
fn read(answer: &Map<String, Value>, multi: bool) -> Option<Envelope> {
    let (own, other) = if multi {
        ("multiValueHeaders", "headers")
    } else {
        ("headers", "multiValueHeaders")
    };
    let present = |name: &str| answer.get(name).is_some_and(|value| !value.is_null());
    if present(other) && !present(own) {
        return None;
    }
    if answer.get("body").is_some_and(Value::is_null) {
        return None;
    }
    if answer
        .get("statusDescription")
        .is_some_and(|text| !text.is_string())
    {
        return None;
    }
    let own = answer.get(own);
    let headers = if multi {
        envelope::lists(own, false)
    } else {
        envelope::singles(own, false)
    };
    Some(Envelope {
        status: envelope::status(answer.get("statusCode"), false)?,
        headers: headers?,
        body: envelope::content(answer, "isBase64Encoded", true)?,
    })
}

pub(super) fn failure() -> Response<Body> {
    let html = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n";
    let mut response = Response::new(body::full(html));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    let kind = HeaderValue::from_static("text/html");
    response.headers_mut().insert("content-type", kind);
    response
}
