//! The peer as a custom handler: it answers invocation JSON.

use http::{HeaderMap, Response};
use serde_json::{Value, json};

use crate::{Body, body};

/// The answer to an invocation's document, `None` to anything else.
///
/// What the metadata calls `answer` is the answer, byte for byte, with the status and location
/// that it names too; else the document itself is the HTTP answer's body, with the headers beside which
/// it was posted.
pub(super) fn answer(posted: &HeaderMap, bytes: &[u8]) -> Option<Response<Body>> {
    let mut document: Value = serde_json::from_slice(bytes).ok()?;
    document.get("Data")?;
    let posted = posted.iter();
    let posted = posted.map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()]));
    document["headers"] = posted.collect();
    let metadata = &document["Metadata"];
    let text = |name: &str| metadata[name].as_str().map(plain);
    let response = Response::builder().header("content-type", "application/json");
    let Some(answer) = text("answer") else {
        let headers = json!({"content-type": "application/json"});
        let output = json!({"statusCode": "200", "headers": headers, "body": document.to_string()});
        let answer = json!({"Outputs": {"res": output}, "Logs": ["hello"], "ReturnValue": null});
        return response.body(body::full(answer.to_string())).ok();
    };
    let status: u16 = text("status").map_or(200, |status| status.parse().unwrap());
    let response = response.status(status);
    let response = match text("location") {
        Some(location) => response.header("location", location),
        None => response,
    };
    response.body(body::full(answer)).ok()
}

/// A metadata value: JSON in a string, or the string itself.
fn plain(value: &str) -> String {
    serde_json::from_str(value).unwrap_or_else(|_| value.to_owned())
}
