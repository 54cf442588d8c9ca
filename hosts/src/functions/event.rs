//! Events that are not HTTP: their values on the wire, and what comes of them.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::answer::{Parts, Read};
use super::app::{Binding, Function};
use super::value::from_base64;

/// A value of `Data` or `Metadata` as the host encodes it: an object as it is, and everything else
/// as a string that holds its JSON. (Bytes and dates are plain strings: those are for the caller.)
pub fn on_the_wire(value: &Value) -> Value {
    match value {
        Value::Object(_) => value.clone(),
        other => other.to_string().into(),
    }
}

/// Whether the host takes an invocation for done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeded: a message is deleted, a checkpoint moves on.
    Succeeded,
    /// It failed, for this reason.
    Failed(String),
    /// It took too long, or its answer was one that never ends; the program was killed.
    TimedOut,
}

/// What came of an event.
#[derive(Debug, Clone)]
pub struct HostOutcome {
    /// The host's verdict.
    pub verdict: Verdict,
    /// The handler's own status, 0 where there was none.
    pub status: u16,
    /// The handler's own answer, byte for byte.
    pub raw: Bytes,
    /// What the output bindings write, by their names; those that `function.json` does not name
    /// are ignored.
    pub outputs: BTreeMap<String, Output>,
    /// The lines of `Logs`, lost where it failed.
    pub logs: Vec<String>,
    /// `ReturnValue`, dates mangled.
    pub return_value: Option<Value>,
    /// How long it took.
    pub took: Duration,
}

impl HostOutcome {
    /// Whether it succeeded.
    pub fn succeeded(&self) -> bool {
        self.verdict == Verdict::Succeeded
    }
}

/// What one output binding writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The value in the answer, dates mangled.
    pub value: Value,
    /// The messages or documents that go out, each as its bytes.
    pub written: Vec<Bytes>,
}

/// Makes the outcome of an answer that has been read.
pub(super) fn outcome(function: &Function, read: Read, status: u16, raw: Bytes) -> HostOutcome {
    let (verdict, parts) = match read {
        Read::Done(parts) => (Verdict::Succeeded, parts),
        Read::Failed(why) => (Verdict::Failed(why), Parts::default()),
        Read::Hangs => (Verdict::TimedOut, Parts::default()),
    };
    HostOutcome {
        verdict,
        status,
        raw,
        outputs: outputs(function, &parts),
        logs: parts.logs,
        return_value: parts.return_value,
        took: Duration::ZERO,
    }
}

fn outputs(function: &Function, parts: &Parts) -> BTreeMap<String, Output> {
    let has_return = function.outputs().any(|binding| binding.name == "$return");
    let members = match (&parts.outputs, &parts.return_value) {
        (None, Some(Value::Object(members))) if !has_return => Some(members),
        (outputs, _) => outputs.as_ref(),
    };
    let from_return = parts.outputs.is_none();
    let mut outputs = BTreeMap::new();
    for binding in function.outputs() {
        let value = output_value(binding, members, parts.return_value.as_ref());
        if let Some(value) = value.filter(|value| !value.is_null()) {
            let written = written(binding, value, from_return && !has_return);
            let value = value.clone();
            outputs.insert(binding.name.clone(), Output { value, written });
        }
    }
    outputs
}

fn output_value<'a>(
    binding: &Binding,
    members: Option<&'a Map<String, Value>>,
    returned: Option<&'a Value>,
) -> Option<&'a Value> {
    if binding.name == "$return" {
        return returned;
    }
    members?.get(&binding.name)
}

/// What goes out. A string that happens to be base64 is decoded, but for a list's elements, a
/// member of `ReturnValue`, and a binding of `dataType` binary; documents are never base64.
fn written(binding: &Binding, value: &Value, plain: bool) -> Vec<Bytes> {
    let is_binary = binding.data_type.as_deref() == Some("binary");
    let decodes = is_bytes(&binding.kind) && !plain && !is_binary;
    match value {
        Value::String(text) => {
            if let Some(bytes) = from_base64(text).filter(|_| decodes) {
                return vec![bytes.into()];
            }
            match serde_json::from_str(text) {
                Ok(Value::Array(elements)) => elements.iter().map(element).collect(),
                Ok(object @ Value::Object(_)) => vec![format!("{object:#}").into()],
                _ => vec![text.clone().into()],
            }
        }
        Value::Array(elements) => elements.iter().map(element).collect(),
        other => vec![other.to_string().into()],
    }
}

fn element(value: &Value) -> Bytes {
    match value {
        Value::String(text) => text.clone().into(),
        other => other.to_string().into(),
    }
}

/// Whether a binding writes bytes, and no documents.
fn is_bytes(kind: &str) -> bool {
    let kinds = ["queue", "serviceBus", "eventHub", "kafka", "blob"];
    kinds.iter().any(|own| kind.eq_ignore_ascii_case(own))
}
