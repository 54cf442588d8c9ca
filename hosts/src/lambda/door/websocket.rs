//! The events of a WebSocket API. They come by [`crate::lambda::Sandbox::invoke`]: there is no
//! socket here, and a function answers messages by the management API.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{calendar, ids};

/// The event of a connection that is being made; its answer's `statusCode` lets it in or not.
pub fn connect(connection: &str, headers: &[(&str, &str)]) -> Bytes {
    let mut event = event("$connect", "CONNECT", connection);
    let single = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()));
    let lists = headers.iter().map(|(name, _)| {
        let same = headers.iter().filter(|(n, _)| n == name);
        let values: Vec<&str> = same.map(|(_, value)| *value).collect();
        ((*name).to_owned(), values.into())
    });
    if let Some(event) = event.as_object_mut() {
        event.insert("headers".to_owned(), Value::Object(single.collect()));
        event.insert(
            "multiValueHeaders".to_owned(),
            Value::Object(lists.collect()),
        );
    }
    event.to_string().into()
}

/// The event of a message of text.
pub fn message(connection: &str, text: &str) -> Bytes {
    let mut event = event("$default", "MESSAGE", connection);
    if let Some(event) = event.as_object_mut() {
        event.insert("body".to_owned(), text.into());
    }
    with(event, "messageId", "JKJaXmPLvHcESHA=".into())
}

/// The event of a connection that has ended.
pub fn disconnect(connection: &str) -> Bytes {
    let event = event("$disconnect", "DISCONNECT", connection);
    with(event, "disconnectStatusCode", 1000.into())
}

/// Adds to the request context.
fn with(mut event: Value, name: &str, value: Value) -> Bytes {
    let context = event
        .get_mut("requestContext")
        .and_then(Value::as_object_mut);
    if let Some(context) = context {
        context.insert(name.to_owned(), value);
    }
    event.to_string().into()
}

fn event(route: &str, kind: &str, connection: &str) -> Value {
    let now = ids::now();
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    json!({
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "messageDirection": "IN",
            "extendedRequestId": "JJbxmplHYosFVYQ=",
            "requestTime": calendar::common_log(now),
            "requestTimeEpoch": millis,
            "connectedAt": millis,
            "requestId": ids::uuid(),
            "connectionId": connection,
            "domainName": "ws.execute-api.eu-west-1.amazonaws.com",
            "apiId": "ws",
            "stage": "production",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "curl/8.4.0"},
        },
        "isBase64Encoded": false,
    })
}
