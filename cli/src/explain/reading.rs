//! What an explanation says.

use serde::Serialize;
use serde_json::Value;

/// A native event, explained.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reading {
    /// Whose host delivers it, such as `AWS Lambda`.
    pub(crate) host: &'static str,
    /// Which source it is of, or what it looks like.
    pub(crate) source: String,
    /// Whether Isobar knows the source.
    pub(crate) known: bool,
    /// The signs by which that shows.
    pub(crate) signs: Vec<String>,
    /// What the handler sees.
    pub(crate) brings: Brings,
    /// What a reader should know of a source that Isobar has no trigger for.
    pub(crate) note: Option<&'static str>,
    /// What is not as the sender sent it, or is lost.
    pub(crate) changes: Vec<String>,
    /// What the host is told of each outcome, and does then.
    pub(crate) outcomes: Vec<Told>,
}

impl Reading {
    /// What the host does after an outcome of this name.
    pub(crate) fn effect(&self, outcome: &str) -> Option<&'static str> {
        let told = self.outcomes.iter().find(|told| told.outcome == outcome)?;
        Some(told.effect)
    }
}

/// What a delivery brings to a handler.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Brings {
    /// A request.
    Request(Value),
    /// Events.
    Events(Vec<Value>),
    /// Nothing, for this reason.
    Nothing(String),
}

/// One outcome.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// Of the handler.
    pub(crate) outcome: &'static str,
    /// What the host is told, in its own form.
    pub(crate) answer: Value,
    /// What it does then.
    pub(crate) effect: &'static str,
}
