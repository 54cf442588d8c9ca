//! What the host makes of an answer in invocation JSON.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use super::app::Function;
use super::value::{from_base64, mangle, member};
use crate::{Body, body};

/// An answer's three parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) outputs: Option<Map<String, Value>>,
    pub(super) logs: Vec<String>,
    pub(super) return_value: Option<Value>,
}

/// How the host reads an answer.
#[derive(Debug)]
pub(super) enum Read {
    /// The invocation is over, and this is what it gave.
    Done(Parts),
    /// The invocation has failed.
    Failed(String),
    /// The invocation never ends: a 2xx without a body, or with `null`.
    Hangs,
}

/// Reads an answer whose redirects have been followed.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Read {
    if !status.is_success() {
        return Read::Failed(format!("the handler answered {status}"));
    }
    if body.trim_ascii().is_empty() {
        return Read::Hangs;
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if !kind.contains("json") {
        return Read::Failed(format!("no formatter for the content type {kind:?}"));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Null) => Read::Hangs,
        Ok(Value::Object(map)) => parts(map),
        Ok(_) => Read::Failed("the answer is not an object".to_owned()),
        Err(e) => Read::Failed(format!("the answer is not JSON: {e}")),
    }
}

fn parts(map: Map<String, Value>) -> Read {
    let mut answer = Value::Object(map);
    mangle(&mut answer);
    let Value::Object(map) = answer else {
        return Read::Hangs;
    };
    let outputs = match member(&map, "Outputs") {
        None => None,
        Some(Value::Object(outputs)) => Some(outputs.clone()),
        Some(_) => return Read::Failed("Outputs is not an object".to_owned()),
    };
    let logs = match member(&map, "Logs") {
        None => Vec::new(),
        Some(Value::Array(lines)) => lines.iter().map(as_text).collect(),
        Some(_) => return Read::Failed("Logs is not a list".to_owned()),
    };
    Read::Done(Parts {
        outputs,
        logs,
        return_value: member(&map, "ReturnValue").cloned(),
    })
}

/// The client's answer of an HTTP function; `None` where the invocation has failed after all.
pub(super) fn response(function: &Function, parts: &Parts) -> Option<Response<Body>> {
    let output = function.binding("http")?;
    if output.name == "$return" {
        return match parts.return_value.as_ref() {
            None => Some(Response::new(body::empty())),
            Some(Value::String(text)) => described(&returned(text)?),
            Some(value) => described(value),
        };
    }
    let members = parts
        .outputs
        .as_ref()
        .or_else(|| parts.return_value.as_ref()?.as_object());
    let Some(members) = members else {
        return Some(Response::new(body::empty()));
    };
    match members.get(&output.name).filter(|value| !value.is_null()) {
        None => text("{}", None),
        Some(value) => described(value),
    }
}

/// A returned string: decoded from base64 if it can be, then parsed.
fn returned(text: &str) -> Option<Value> {
    let bytes = from_base64(text).unwrap_or_else(|| text.as_bytes().to_vec());
    serde_json::from_slice(&bytes).ok()
}

/// The response that an object describes.
fn described(value: &Value) -> Option<Response<Body>> {
    let map = value.as_object()?;
    let exact = |name: &str| map.get(name).filter(|value| !value.is_null());
    let status = exact("statusCode").or_else(|| exact("status"));
    let status = match status {
        None => StatusCode::OK,
        Some(Value::String(text)) => StatusCode::from_bytes(text.as_bytes()).ok()?,
        Some(number) => StatusCode::from_u16(u16::try_from(number.as_u64()?).ok()?).ok()?,
    };
    let headers = headers(map.get("headers"))?;
    let kind = headers.get(header::CONTENT_TYPE).cloned();
    let mut response = match exact("body") {
        None => Response::new(body::empty()),
        Some(Value::String(body)) => text(body, kind)?,
        Some(value @ (Value::Object(_) | Value::Array(_))) => text(&format!("{value:#}"), None)?,
        Some(value) => text(&as_text(value), kind)?,
    };
    *response.status_mut() = status;
    for (name, value) in &headers {
        if name != header::CONTENT_TYPE || !response.headers().contains_key(name) {
            response.headers_mut().append(name, value.clone());
        }
    }
    Some(response)
}

/// The headers; a value that is null fails the invocation.
fn headers(value: Option<&Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            return None;
        }
        let name = HeaderName::try_from(name.as_str()).ok()?;
        headers.append(name, HeaderValue::try_from(as_text(value)).ok()?);
    }
    // the host frames its answer itself
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    Some(headers)
}

/// A body of text, whose type is said to be UTF-8 whatever it is.
fn text(text: &str, kind: Option<HeaderValue>) -> Option<Response<Body>> {
    let kind = kind.unwrap_or(HeaderValue::from_static("text/plain"));
    let kind = kind.to_str().ok()?;
    let has_charset = kind.to_ascii_lowercase().contains("charset=");
    let kind = if has_charset {
        kind.to_owned()
    } else {
        format!("{kind}; charset=utf-8")
    };
    let mut response = Response::new(body::full(text.to_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(kind).ok()?);
    Some(response)
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // as .NET writes them
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}
