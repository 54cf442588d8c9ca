//! What the tests of all triggers share.

use std::path::Path;

use isobar_core::{Batch, Bytes, Error, HeaderMap};
use serde_json::Value;

use super::{Rules, decode};
use crate::azure::app::Function;
use crate::names::Names;

/// A function called `f` of that trigger.
pub(super) fn function(trigger: &str) -> Function {
    function_with(trigger, "")
}

/// The same, with more bindings.
pub(super) fn function_with(trigger: &str, more: &str) -> Function {
    let separator = if more.is_empty() { "" } else { ", " };
    let text = format!(r#"{{"bindings": [{trigger}{separator}{more}]}}"#);
    Function::parse("f", Path::new("function.json"), &text).unwrap()
}

fn decode_json(trigger: &str, json: &Value) -> Result<Batch, Error> {
    let rules = Rules {
        names: Names::default(),
        limit: 8,
    };
    let mut posted = HeaderMap::new();
    posted.insert(
        "x-azure-functions-invocationid",
        "invocation".parse().unwrap(),
    );
    let payload = Bytes::from(json.to_string());
    let decoded = decode(&rules, &function(trigger), &posted, &payload)?;
    Ok(decoded.batch)
}

pub(super) fn decoded(trigger: &str, json: &Value) -> Batch {
    decode_json(trigger, json).unwrap()
}

/// The error, as the operator sees it.
pub(super) fn failed(trigger: &str, json: &Value) -> String {
    decode_json(trigger, json).unwrap_err().to_string()
}
