use http::{HeaderMap, HeaderName, HeaderValue};
use isobar_core::Bytes;
use serde_json::Value;

use super::Source;

/// One delivery in the host's own form.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Native {
    /// Whose form it is.
    pub source: Source,
    /// The path that it is posted to; `/` on AWS, where nothing is posted.
    pub path: String,
    /// What the host sends beside it, as HTTP headers.
    pub headers: HeaderMap,
    /// What the host sends.
    pub body: Bytes,
    /// Azure: the text of the function's function.json.
    pub function_json: Option<String>,
    /// What `ISOBAR_NAMES` says, where the host's own name cannot be the logical one.
    pub names: Option<String>,
}

impl Native {
    /// Makes one of JSON.
    pub(super) fn json(source: Source, body: &Value) -> Self {
        Self::bytes(source, body.to_string()).header("content-type", "application/json")
    }

    pub(super) fn bytes(source: Source, body: impl Into<Bytes>) -> Self {
        Self {
            source,
            path: "/".to_owned(),
            headers: HeaderMap::new(),
            body: body.into(),
            function_json: None,
            names: None,
        }
    }

    /// Adds a header of the host's.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        let Ok(value) = HeaderValue::from_str(value) else {
            unfit(&format!("{value:?} in {name}"))
        };
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }
}

/// Says that a source cannot deliver something.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(super) fn unfit(what: &str) -> ! {
    panic!("this source cannot deliver {what}")
}
