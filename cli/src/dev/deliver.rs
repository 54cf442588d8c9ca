//! What `invoke` orders, done: a request or an event goes through the host, and both its native
//! sides come back.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{Request, Response};
use isobar_hosts::functions::{FunctionsHost, Verdict};
use isobar_hosts::lambda::{Fleet, Invocation, Kind};
use isobar_hosts::{Body, Front, Tap, body};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::host::{Host, Inner};
use crate::package::azure::INPUT;

/// A request to be sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct HttpOrder {
    /// The method.
    pub(crate) method: String,
    /// The path and query.
    pub(crate) target: String,
    /// The headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, in base64.
    pub(crate) body: String,
}

/// A native event to be delivered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct EventOrder {
    /// Where it is posted; on Azure the function.
    pub(crate) path: String,
    /// What the host sends beside it.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, in base64.
    pub(crate) body: String,
}

/// Sends a request through a host.
///
/// # Errors
///
/// When there is no such request, or no answer.
pub(super) async fn http(front: &dyn Front, order: HttpOrder) -> Result<Value, String> {
    let tap = Tap::default();
    let request = request(&order.method, &order.target, &order.headers, &order.body)?;
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(tap.clone());
    let response = front.send(Request::from_parts(parts, body)).await;
    let response = answered(response.map_err(|e| chain(&e))?).await?;
    let native = tap.native();
    let well = response
        .get("status")
        .and_then(Value::as_u64)
        .is_some_and(|status| status < 500);
    Ok(json!({
        "well": well,
        "native_request": BASE64_STANDARD.encode(&native.request),
        "native_answer": BASE64_STANDARD.encode(&native.answer),
        "response": response,
    }))
}

/// Delivers an event through a host.
///
/// # Errors
///
/// When the host cannot deliver such a thing.
pub(super) async fn event(host: &Host, order: EventOrder) -> Result<Value, String> {
    let body = BASE64_STANDARD
        .decode(&order.body)
        .map_err(|e| e.to_string())?;
    let (well, answer) = match host.inner() {
        Inner::Aws(fleet) => on_lambda(fleet, body.clone()).await?,
        Inner::Azure(functions) => on_functions(functions, &order.path, &body).await?,
        Inner::Local(_) | Inner::Gcp(_) => {
            let request = request("POST", &order.path, &order.headers, &order.body)?;
            let response = host.front().send(request).await;
            let response = answered(response.map_err(|e| chain(&e))?).await?;
            let status = response.get("status").and_then(Value::as_u64);
            let well = status.is_some_and(|status| (200..300).contains(&status));
            (well, response_text(&response).into_bytes())
        }
    };
    let native = match host.inner() {
        Inner::Aws(_) => body,
        _ => posted(&order, &body).into_bytes(),
    };
    Ok(json!({
        "well": well,
        "native_request": BASE64_STANDARD.encode(native),
        "native_answer": BASE64_STANDARD.encode(answer),
    }))
}

async fn on_lambda(fleet: &Fleet, event: Vec<u8>) -> Result<(bool, Vec<u8>), String> {
    let answer = fleet
        .invoke(Invocation::new(event))
        .await
        .map_err(|e| chain(&e))?;
    let items = answer.json();
    let failures = items.get("batchItemFailures").and_then(Value::as_array);
    let well = answer.kind == Kind::Response && failures.is_none_or(Vec::is_empty);
    let bytes = if answer.kind == Kind::Response || !answer.bytes.is_empty() {
        answer.bytes.to_vec()
    } else {
        format!("{:?}", answer.kind).into_bytes()
    };
    Ok((well, bytes))
}

/// The value of `Data` goes under the name that the app's function.json has.
async fn on_functions(
    host: &FunctionsHost,
    path: &str,
    body: &[u8],
) -> Result<(bool, Vec<u8>), String> {
    let function = path.trim_matches('/');
    let document: Value =
        serde_json::from_slice(body).map_err(|e| format!("invocation JSON is wanted: {e}"))?;
    let empty = Map::new();
    let data = document
        .get("Data")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let input = host
        .trigger_name(function)
        .unwrap_or_else(|| INPUT.to_owned());
    let value = data.values().next().cloned().unwrap_or_default();
    let metadata = document
        .get("Metadata")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let outcome = host.invoke(function, json!({input: value}), metadata).await;
    let outcome = outcome.map_err(|error| {
        format!(
            "{}; the manifest names the functions that there are, by its triggers",
            chain(&error)
        )
    })?;
    let well = outcome.verdict == Verdict::Succeeded;
    let mut text = match outcome.verdict {
        Verdict::Succeeded => "the invocation succeeded".to_owned(),
        Verdict::Failed(why) => format!("the invocation failed: {why}"),
        Verdict::TimedOut => "the invocation timed out, and the program was killed".to_owned(),
    };
    let raw = String::from_utf8_lossy(&outcome.raw);
    // a String takes all that is written
    let _written = write!(text, "\nHTTP {}\n{raw}", outcome.status);
    Ok((well, text.into_bytes()))
}

fn request(
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &str,
) -> Result<Request<Body>, String> {
    let bytes = BASE64_STANDARD.decode(body).map_err(|e| e.to_string())?;
    let mut request = Request::builder().method(method).uri(target);
    let has_host = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"));
    if !has_host {
        request = request.header("host", "localhost");
    }
    if !bytes.is_empty() {
        request = request.header("content-length", bytes.len());
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(body::full(bytes)).map_err(|e| e.to_string())
}

async fn answered(response: Response<Body>) -> Result<Value, String> {
    let (parts, content) = response.into_parts();
    let bytes = body::collect(content).await.map_err(|e| chain(&e))?;
    Ok(json!({
        "status": parts.status.as_u16(),
        "headers": crate::explain::portable::headers(&parts.headers),
        "body": BASE64_STANDARD.encode(bytes),
    }))
}

fn response_text(response: &Value) -> String {
    let status = response
        .get("status")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let body = response
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let body = BASE64_STANDARD.decode(body).unwrap_or_default();
    format!("HTTP {status}\n{}", String::from_utf8_lossy(&body))
}

fn posted(order: &EventOrder, body: &[u8]) -> String {
    let mut text = format!("POST {}\n", order.path);
    for (name, value) in &order.headers {
        let _written = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(body));
    text
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let _written = write!(text, ": {error}");
        next = error.source();
    }
    text
}
