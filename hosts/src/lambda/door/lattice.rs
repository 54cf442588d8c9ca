//! VPC Lattice.

use http::{HeaderMap, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::arrival::{Arrival, Outside, all_of, as_it_is, last_of};
use super::envelope::{self, Envelope};
use crate::lambda::{Answer, Kind};
use crate::{Body, ids};

pub(super) const OUTSIDE: Outside = Outside {
    host: "svc-0a40eebed65f8d69c.vpc-lattice-svcs.eu-west-1.on.aws",
    scheme: "https",
    port: "443",
};

/// The version of the event's structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// Takes off what tells of the caller: a client cannot write it.
///
/// Source: <https://docs.aws.amazon.com/vpc-lattice/latest/ug/http-targets.html>.
pub(super) fn take_off(headers: &mut HeaderMap) {
    for name in ["identity", "network", "target"] {
        headers.remove(format!("x-amzn-lattice-{name}"));
    }
}

/// The event. Whether the query is decoded is not documented: it is left as it was sent, as by
/// the load balancers.
pub(super) fn event(arrival: &Arrival, version: Version) -> Value {
    let (text, encoded) = arrival.text_or_base64(arrival.is_binary());
    let body = if arrival.body.is_empty() {
        Value::Null
    } else {
        text.into()
    };
    let pairs = || arrival.pairs().map(|(n, v)| (n.to_owned(), v.to_owned()));
    match version {
        Version::One => json!({
            "raw_path": arrival.path,
            "method": arrival.method,
            "headers": arrival.joined(&[]),
            "query_string_parameters": last_of(pairs()).unwrap_or_default(),
            "body": body,
            "is_base64_encoded": encoded,
        }),
        Version::Two => json!({
            "version": "2.0",
            "path": arrival.path,
            "method": arrival.method,
            "headers": arrival.all(as_it_is),
            "queryStringParameters": all_of(pairs()).unwrap_or_default(),
            "body": body,
            "isBase64Encoded": encoded,
            "requestContext": context(arrival),
        }),
    }
}

fn context(arrival: &Arrival) -> Value {
    let arn = |kind: &str| format!("arn:aws:vpc-lattice:eu-west-1:123456789012:{kind}");
    let own = json!({
        "sourceVpcArn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0b8276c84697e7339",
        "type": "NONE",
    });
    json!({
        "serviceNetworkArn": arn("servicenetwork/sn-0bf3f2882e9cc805a"),
        "serviceArn": arn("service/svc-0a40eebed65f8d69c"),
        "targetGroupArn": arn("targetgroup/tg-6d0ecf831eec9f09"),
        "identity": arrival.authorizer.clone().unwrap_or(own),
        "region": "eu-west-1",
        "timeEpoch": ids::now().as_micros().to_string(),
    })
}

pub(super) fn answer(answer: &Answer) -> Response<Body> {
    let read = || {
        if answer.kind != Kind::Response {
            return None;
        }
        read(&envelope::object(&answer.bytes)?)?.response()
    };
    read().unwrap_or_else(|| envelope::own(StatusCode::BAD_GATEWAY, "Bad Gateway"))
}

/// Values may be lists or strings.
fn read(answer: &Map<String, Value>) -> Option<Envelope> {
    let mut headers = Vec::new();
    if let Some(map) = answer.get("headers").filter(|value| !value.is_null()) {
        for (name, value) in map.as_object()? {
            let one = Map::from_iter([(name.clone(), value.clone())]).into();
            let of = if value.is_array() {
                envelope::lists(Some(&one), false)
            } else {
                envelope::singles(Some(&one), false)
            };
            headers.extend(of?);
        }
    }
    let encoded = ["isBase64Encoded", "is_base64_encoded"];
    let encoded = encoded.into_iter().find(|name| answer.contains_key(*name));
    Some(Envelope {
        status: envelope::status(answer.get("statusCode"), true)?,
        headers,
        body: envelope::content(answer, encoded.unwrap_or("isBase64Encoded"), true)?,
    })
}
