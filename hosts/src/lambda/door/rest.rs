//! REST APIs: payload 1.0.

use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::arrival::{Arrival, Outside, all_of, form_decoded, last_of};
use super::envelope::{self, Envelope};
use crate::headers::title;
use crate::lambda::{Answer, Kind};
use crate::{Body, calendar, ids};

pub(super) const OUTSIDE: Outside = Outside {
    host: "70ixmpl4fl.execute-api.eu-west-1.amazonaws.com",
    scheme: "https",
    port: "443",
};

/// The settings of a REST API.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub(super) stage: String,
    /// `binaryMediaTypes` has `*/*`.
    pub(super) binary: bool,
    pub(super) streams: bool,
    pub(super) base_path: String,
}

impl Rest {
    pub(super) fn new(stage: &str) -> Self {
        Self {
            stage: stage.to_owned(),
            binary: true,
            streams: false,
            base_path: String::new(),
        }
    }

    pub(super) fn streaming(mut self) -> Self {
        self.streams = true;
        self
    }

    /// The event: paths raw and without the stage, the query decoded and its raw form lost.
    pub(super) fn event(&self, arrival: &Arrival) -> Value {
        let path = format!("{}{}", self.base_path, arrival.path);
        let root = arrival.path == "/";
        let resource = if root { "/" } else { "/{proxy+}" };
        let proxy = arrival.path.trim_start_matches('/');
        let parameters = if root {
            Value::Null
        } else {
            json!({"proxy": proxy})
        };
        let pairs = || {
            arrival
                .pairs()
                .map(|(n, v)| (form_decoded(n), form_decoded(v)))
        };
        let (mut headers, mut multi) = (arrival.last(title), arrival.all(title));
        headers.remove("Content-Length");
        multi.remove("Content-Length");
        let (body, encoded) = self.body(arrival);
        json!({
            "resource": resource,
            "path": path,
            "httpMethod": arrival.method,
            "headers": headers,
            "multiValueHeaders": multi,
            "queryStringParameters": last_of(pairs()),
            "multiValueQueryStringParameters": all_of(pairs()),
            "pathParameters": parameters,
            "stageVariables": null,
            "requestContext": self.context(arrival, resource),
            "body": body,
            "isBase64Encoded": encoded,
        })
    }

    fn context(&self, arrival: &Arrival, resource: &str) -> Value {
        let (now, stage) = (ids::now(), &self.stage);
        let path = if self.base_path.is_empty() {
            format!("/{stage}{}", arrival.path)
        } else {
            format!("{}{}", self.base_path, arrival.path)
        };
        let mut context = json!({
            "resourceId": "2gxmpl",
            "resourcePath": resource,
            "httpMethod": arrival.method,
            "extendedRequestId": "JJbxmplHYosFVYQ=",
            "requestTime": calendar::common_log(now),
            "requestTimeEpoch": u64::try_from(now.as_millis()).unwrap_or_default(),
            "path": path,
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": stage,
            "domainPrefix": arrival.host.split('.').next(),
            "domainName": arrival.host,
            "apiId": "70ixmpl4fl",
            "requestId": ids::uuid(),
            "identity": {
                "sourceIp": arrival.client,
                "userAgent": arrival.user_agent,
                "user": null,
                "accountId": null,
                "caller": null,
                "apiKey": null,
            },
        });
        if let (Some(authorizer), Some(context)) = (&arrival.authorizer, context.as_object_mut()) {
            context.insert("authorizer".to_owned(), authorizer.clone());
        }
        context
    }

    /// Every body is base64 with binary media types, and none without: bytes are lost then.
    fn body(&self, arrival: &Arrival) -> (Value, bool) {
        if arrival.body.is_empty() {
            return (Value::Null, false);
        }
        if self.binary {
            let (text, encoded) = arrival.text_or_base64(true);
            return (text.into(), encoded);
        }
        (String::from_utf8_lossy(&arrival.body).into(), false)
    }

    pub(super) fn answer(&self, answer: &Answer) -> Response<Body> {
        if answer.kind != Kind::Response {
            return failure();
        }
        let envelope = envelope::object(&answer.bytes).and_then(|map| self.envelope(&map));
        envelope
            .and_then(Envelope::response)
            .unwrap_or_else(failure)
    }

    fn envelope(&self, answer: &Map<String, Value>) -> Option<Envelope> {
        const KNOWN: [&str; 5] = [
            "statusCode",
            "headers",
            "multiValueHeaders",
            "body",
            "isBase64Encoded",
        ];
        if answer.keys().any(|key| !KNOWN.contains(&key.as_str())) {
            return None;
        }
        let envelope = Envelope {
            status: envelope::status(answer.get("statusCode"), true)?,
            headers: headers(answer)?,
            body: envelope::content(answer, "isBase64Encoded", self.binary)?,
        };
        Some(envelope.or_type("application/json"))
    }
}

/// Both maps merged: a pair that stands in both counts once. Some names come out under others.
pub(super) fn headers(answer: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let mut all = envelope::lists(answer.get("multiValueHeaders"), true)?;
    for single in envelope::singles(answer.get("headers"), true)? {
        if !all.contains(&single) {
            all.push(single);
        }
    }
    for (name, _) in &mut all {
        if is_remapped(name) {
            *name = format!("x-amzn-Remapped-{name}");
        }
    }
    Some(all)
}

fn is_remapped(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "authorization",
        "connection",
        "content-length",
        "date",
        "host",
        "server",
        "user-agent",
        "www-authenticate",
    ];
    NAMES.iter().any(|own| name.eq_ignore_ascii_case(own))
}

pub(super) fn failure() -> Response<Body> {
    envelope::own(StatusCode::BAD_GATEWAY, "Internal server error")
}
