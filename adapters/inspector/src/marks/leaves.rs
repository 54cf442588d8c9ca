//! Both sides as leaves: a path, and a value.

use base64_simd::STANDARD;
use serde_json::{Map, Value};

use crate::{Answer, Blob, Item, Native, Request};

/// A value that stands for itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// Where it is shown: a JSON pointer, `header:NAME`, `line`, `body`.
    pub(super) path: String,
    /// What it is called, letters and digits alone.
    pub(super) name: String,
    pub(super) value: Vec<u8>,
    /// What it is written in, if it stands within another value.
    pub(super) inner: Option<&'static str>,
}

impl Leaf {
    fn new(path: impl Into<String>, name: &str, value: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            name: normal(name),
            value: value.into(),
            inner: None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }
}

/// A name without what differs from host to host in how names are written.
pub(super) fn normal(name: &str) -> String {
    let name = name.strip_prefix("ce-").unwrap_or(name);
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

pub(super) fn of_native(native: &Native, is_wrapped: bool) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    if let Some((method, target)) = native.target() {
        leaves.push(Leaf::new("line", "method", method));
        leaves.push(Leaf::new("line", "path", target));
    } else if let Some(status) = native.status() {
        leaves.push(Leaf::new("line", "status", status.to_string()));
    }
    for (name, value) in &native.headers {
        leaves.push(Leaf::new(format!("header:{name}"), name, &**value));
    }
    let body = native.body.bytes();
    let document = is_wrapped
        .then(|| serde_json::from_slice(body).ok())
        .flatten();
    match document {
        Some(document) => flatten(&document, &mut Place::default(), &mut leaves),
        None if body.is_empty() => {}
        None => leaves.push(Leaf::new("body", "body", &body[..])),
    }
    leaves
}

pub(super) fn of_request(request: &Request) -> Vec<Leaf> {
    let mut leaves = vec![Leaf::new("method", "method", &*request.method)];
    let (authority, target) = match request.uri.split_once("://") {
        Some((_, rest)) => {
            let at = rest.find(['/', '?']).unwrap_or(rest.len());
            rest.split_at_checked(at).unwrap_or((rest, ""))
        }
        None => ("", &*request.uri),
    };
    if !authority.is_empty() {
        leaves.push(Leaf::new("uri", "host", authority));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if path.is_empty() { "/" } else { path };
    leaves.push(Leaf::new("uri", "path", path));
    if !query.is_empty() {
        leaves.push(Leaf::new("uri", "query", query));
    }
    push_headers(&mut leaves, &request.headers);
    push_body(&mut leaves, "body", &request.body);
    leaves
}

pub(super) fn of_context(context: &Map<String, Value>) -> Vec<Leaf> {
    let hosts_own = ["time_left", "cold_start"];
    let said = context
        .iter()
        .filter(|(name, _)| !hosts_own.contains(&name.as_str()));
    said.filter_map(|(name, value)| {
        Some(Leaf::new(format!("context:{name}"), name, value.as_str()?))
    })
    .collect()
}

pub(super) fn of_answer(answer: &Answer) -> Vec<Leaf> {
    let mut leaves = vec![Leaf::new("status", "status", answer.status.to_string())];
    push_headers(&mut leaves, &answer.headers);
    push_body(&mut leaves, "body", &answer.body);
    leaves
}

pub(super) fn of_item(item: &Item, place: usize) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut at = Place {
        path: format!("{place}"),
        name: String::new(),
    };
    let of_ours = ["kind", "name"];
    let view: Map<_, _> = { item.view.iter() }
        .filter(|(name, _)| !of_ours.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    flatten(&Value::Object(view), &mut at, &mut leaves);
    if let Some(data) = &item.data {
        push_body(&mut leaves, &format!("{place}/data"), data);
    }
    leaves
}

/// What the host has to be told of: who comes again, and results.
pub(super) fn of_outcomes(items: &[Item]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let Some(outcome) = &item.outcome else {
            continue;
        };
        if outcome.comes_again()
            && let Some(id) = item.view.get("id").and_then(Value::as_str)
        {
            leaves.push(Leaf::new(format!("{place}/id"), "itemIdentifier", id));
        }
        if let Some(result) = &outcome.result {
            push_body(&mut leaves, &format!("{place}/result"), result);
        }
    }
    leaves
}

fn push_headers(leaves: &mut Vec<Leaf>, headers: &[(String, String)]) {
    for (name, value) in headers {
        leaves.push(Leaf::new(format!("header:{name}"), name, &**value));
    }
}

fn push_body(leaves: &mut Vec<Leaf>, path: &str, body: &Blob) {
    if !body.is_empty() {
        leaves.push(Leaf::new(path, "body", &body.bytes()[..]));
    }
}

/// Returns the part of a native batch that one of its events stands in, empty for all of it.
pub(super) fn within(native: &[Leaf], place: usize, all: usize) -> String {
    let own = format!("/Records/{place}/");
    let has_own = native.iter().any(|leaf| leaf.path.starts_with(&own));
    if has_own && all > 0 {
        own
    } else {
        String::new()
    }
}

#[derive(Clone, Default)]
struct Place {
    path: String,
    name: String,
}

/// The types that stand around values in DynamoDB's JSON, which name nothing.
const TYPES: [&str; 10] = ["S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL"];

fn flatten(value: &Value, at: &mut Place, leaves: &mut Vec<Leaf>) {
    let text = match value {
        Value::Null => return,
        Value::Object(members) => {
            for (name, value) in members {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                let mut at = Place {
                    path: format!("{}/{escaped}", at.path),
                    name: if TYPES.contains(&name.as_str()) {
                        at.name.clone()
                    } else {
                        name.clone()
                    },
                };
                flatten(value, &mut at, leaves);
            }
            return;
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                let mut at = Place {
                    path: format!("{}/{place}", at.path),
                    name: at.name.clone(),
                };
                flatten(value, &mut at, leaves);
            }
            return;
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    leaves.push(Leaf::new(&*at.path, &at.name, &*text));
    push_inner(&text, at, leaves);
}

/// A document within a text, and within base64.
fn push_inner(text: &str, at: &Place, leaves: &mut Vec<Leaf>) {
    let is_document = |bytes: &[u8]| matches!(bytes.first(), Some(b'{' | b'[' | b'"'));
    let (document, how) = if is_document(text.as_bytes()) {
        (serde_json::from_str(text).ok(), "JSON within a text")
    } else if text.len() > 7 {
        let bytes = STANDARD
            .decode_to_vec(text)
            .ok()
            .filter(|bytes| is_document(bytes));
        let document = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        (document, "JSON within base64")
    } else {
        return;
    };
    let Some(document) = document else { return };
    let mut inner = Vec::new();
    flatten(&document, &mut at.clone(), &mut inner);
    // it is shown where the text is
    leaves.extend(inner.into_iter().map(|leaf| Leaf {
        path: at.path.clone(),
        inner: Some(how),
        ..leaf
    }));
}

/// The leaves of a document, by their paths in it.
pub(super) fn flatten_into(value: &Value, leaves: &mut Vec<Leaf>) {
    flatten(value, &mut Place::default(), leaves);
}
