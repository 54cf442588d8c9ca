//! The answer's envelope, read as strictly as the services do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

use crate::{Body, body};

/// An answer that a service makes HTTP of.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Envelope {
    /// Makes the response; `None` where its status or a header is none.
    ///
    /// Hop-by-hop headers and lengths are the service's own to set, whatever the function says.
    pub(super) fn response(self) -> Option<Response<Body>> {
        let response = self.head()?;
        Some(response.map(|()| body::full(self.body)))
    }

    /// The response without its body.
    pub(super) fn head(&self) -> Option<Response<()>> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str()).ok()?;
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            if !is_own(&name) {
                response.headers_mut().append(name, value);
            }
        }
        Some(response)
    }

    /// Says which type the body is of, where the function has not.
    pub(super) fn or_type(mut self, kind: &str) -> Self {
        let has = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !has {
            self.headers
                .push(("content-type".to_owned(), kind.to_owned()));
        }
        self
    }
}

fn is_own(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "content-length"
            | "keep-alive"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// The answer as a JSON object.
pub(super) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(bytes).ok()
}

/// The status, a number, or a string of digits where the service is lax.
pub(super) fn status(value: Option<&Value>, lax: bool) -> Option<u16> {
    let status = match value? {
        Value::String(text) if lax => text.parse().ok()?,
        number => u16::try_from(number.as_u64()?).ok()?,
    };
    (100..600).contains(&status).then_some(status)
}

/// A map of single values; numbers and booleans are taken for their text where the service is lax.
pub(super) fn singles(value: Option<&Value>, lax: bool) -> Option<Vec<(String, String)>> {
    let singles = entries(value)?.into_iter();
    singles
        .map(|(name, value)| Some((name.clone(), single(value, lax)?)))
        .collect()
}

/// A map of lists.
pub(super) fn lists(value: Option<&Value>, lax: bool) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    for (name, values) in entries(value)? {
        for value in values.as_array()? {
            all.push((name.clone(), single(value, lax)?));
        }
    }
    Some(all)
}

/// A list of strings.
pub(super) fn list(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(|value| single(value, false)).collect(),
        Some(_) => None,
    }
}

/// What a map holds, if it is one; no map holds nothing.
fn entries(value: Option<&Value>) -> Option<Vec<(&String, &Value)>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Object(map)) => Some(map.iter().collect()),
        Some(_) => None,
    }
}

fn single(value: &Value, lax: bool) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) if lax => Some(value.to_string()),
        _ => None,
    }
}

/// The body, decoded where it says so and the service does decode.
pub(super) fn content(answer: &Map<String, Value>, encoded: &str, decodes: bool) -> Option<Bytes> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Some(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return None,
    };
    let encoded = match answer.get(encoded) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(encoded)) => *encoded,
        Some(_) => return None,
    };
    if encoded && decodes {
        return STANDARD.decode(text).ok().map(Bytes::from);
    }
    Some(Bytes::from(text.clone()))
}

/// A service's own answer, in JSON.
pub(super) fn own(status: StatusCode, message: &str) -> Response<Body> {
    let text = serde_json::json!({"message": message}).to_string();
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}
