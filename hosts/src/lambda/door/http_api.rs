//! HTTP APIs and function URLs: payload 2.0.

use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::arrival::{Arrival, Outside, decoded, form_decoded, joined_of};
use super::envelope::{self, Envelope};
use crate::lambda::{Answer, Kind};
use crate::{Body, calendar, ids};

pub(super) const API: Outside = Outside {
    host: "id.execute-api.eu-west-1.amazonaws.com",
    scheme: "https",
    port: "443",
};
pub(super) const URL: Outside = Outside {
    host: "abcdefg.lambda-url.eu-west-1.on.aws",
    scheme: "https",
    port: "443",
};

/// An HTTP API's event: the path decoded, and cut where a `?` comes out of it; cookies apart.
pub(super) fn api_event(arrival: &Arrival, stage: &str) -> Value {
    let path = decoded(&arrival.path);
    let path = path.split('?').next().unwrap_or_default();
    let path = match stage {
        "$default" => path.to_owned(),
        stage => format!("/{stage}{path}"),
    };
    let context = context(arrival, stage, &arrival.host, &path);
    event(arrival, &path, &context, &arrival.joined(&["cookie"]))
}

/// A function URL's event: the path as it was sent; cookies apart and in their header too.
pub(super) fn url_event(arrival: &Arrival) -> Value {
    let path = decoded(&arrival.path).into_owned();
    let mut context = context(arrival, "$default", URL.host, &path);
    if let Some(context) = context.as_object_mut() {
        let account = if arrival.authorizer.is_some() {
            "123456789012"
        } else {
            "anonymous"
        };
        context.insert("accountId".to_owned(), account.into());
        context.insert("apiId".to_owned(), "abcdefg".into());
        context.insert("domainPrefix".to_owned(), "abcdefg".into());
    }
    event(arrival, &arrival.path, &context, &arrival.joined(&[]))
}

fn event(arrival: &Arrival, path: &str, context: &Value, headers: &Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": arrival.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": false,
    });
    let Some(map) = event.as_object_mut() else {
        return event;
    };
    let cookies = arrival.cookies();
    if !cookies.is_empty() {
        map.insert("cookies".to_owned(), cookies.into());
    }
    let pairs = arrival
        .pairs()
        .map(|(n, v)| (form_decoded(n), form_decoded(v)));
    if let Some(pairs) = joined_of(pairs) {
        map.insert("queryStringParameters".to_owned(), pairs.into());
    }
    if !arrival.body.is_empty() {
        let (body, encoded) = arrival.text_or_base64(arrival.is_binary());
        map.insert("body".to_owned(), body.into());
        map.insert("isBase64Encoded".to_owned(), encoded.into());
    }
    event
}

fn context(arrival: &Arrival, stage: &str, domain: &str, path: &str) -> Value {
    let now = ids::now();
    let mut context = json!({
        "accountId": "123456789012",
        "apiId": "id",
        "domainName": domain,
        "domainPrefix": domain.split('.').next(),
        "http": {
            "method": arrival.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": arrival.client,
            "userAgent": arrival.user_agent,
        },
        "requestId": ids::uuid(),
        "routeKey": "$default",
        "stage": stage,
        "time": calendar::common_log(now),
        "timeEpoch": u64::try_from(now.as_millis()).unwrap_or_default(),
    });
    if let (Some(authorizer), Some(context)) = (&arrival.authorizer, context.as_object_mut()) {
        context.insert("authorizer".to_owned(), authorizer.clone());
    }
    context
}

/// An HTTP API's answer: what fails is a 500.
pub(super) fn api_answer(answer: &Answer) -> Response<Body> {
    let response = read(answer, "text/plain; charset=utf-8");
    response.unwrap_or_else(|| {
        envelope::own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    })
}

/// A function URL's answer: what fails is a 502.
pub(super) fn url_answer(answer: &Answer) -> Response<Body> {
    read(answer, "application/json").unwrap_or_else(failure)
}

pub(super) fn failure() -> Response<Body> {
    envelope::own(StatusCode::BAD_GATEWAY, "Internal Server Error")
}

fn read(answer: &Answer, kind: &str) -> Option<Response<Body>> {
    if answer.kind != Kind::Response {
        return None;
    }
    let value: Value = serde_json::from_slice(&answer.bytes).ok()?;
    match value
        .as_object()
        .filter(|map| map.contains_key("statusCode"))
    {
        Some(map) => described(map)?.or_type(kind).response(),
        None => inferred(answer).response(),
    }
}

/// Whatever is no envelope is itself the body, of a 200.
fn inferred(answer: &Answer) -> Envelope {
    let envelope = Envelope {
        status: 200,
        headers: Vec::new(),
        body: answer.bytes.clone(),
    };
    envelope.or_type("application/json")
}

fn described(answer: &Map<String, Value>) -> Option<Envelope> {
    let mut headers = envelope::singles(answer.get("headers"), true)?;
    let cookies = envelope::list(answer.get("cookies"))?;
    headers.extend(
        cookies
            .into_iter()
            .map(|cookie| ("set-cookie".to_owned(), cookie)),
    );
    Some(Envelope {
        status: envelope::status(answer.get("statusCode"), true)?,
        headers,
        body: envelope::content(answer, "isBase64Encoded", true)?,
    })
}
