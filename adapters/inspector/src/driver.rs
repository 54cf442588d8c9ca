//! Who can send something through a host, for replays and samples.

use isobar_core::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Native, Record, Request};

/// Sends what the page orders through a host. What comes of it is an invocation as any other, so the
/// page sees it arrive.
#[async_trait]
pub trait Driver: Send + Sync + 'static {
    /// Returns the hosts that something can be sent through, the one that serves now first.
    fn hosts(&self) -> Vec<Host>;

    /// Sends it, and waits until the host has its answer.
    ///
    /// # Errors
    ///
    /// When it cannot be sent, in words for the page.
    async fn send(&self, order: Order) -> Result<(), String>;

    /// Returns what a host does after what it was told, where that is known.
    fn effect(&self, _record: &Record) -> Option<String> {
        None
    }
}

/// A host, and what triggers it has.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// `aws`, `azure`, `gcp` or `local`.
    pub word: String,
    /// In print.
    pub title: String,
    /// Its triggers; a request needs none.
    pub triggers: Vec<Trigger>,
}

/// A trigger that a sample can come through.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// By which it is ordered.
    pub word: String,
    /// In print.
    pub title: String,
    /// The kind of its events.
    pub kind: String,
    /// The name that a sample's source has, unless said otherwise.
    pub name: String,
    /// True where several may come together.
    pub batches: bool,
}

/// Something to be sent, and through which host.
#[derive(Clone, Debug)]
pub struct Order {
    /// The host's word.
    pub host: String,
    /// What is sent.
    pub what: What,
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub enum What {
    /// An invocation again: on its own host by its native bytes, on another by its portable parts.
    Again(Box<Record>),
    /// A native event, edited.
    Native(Native),
    /// A client's request.
    Request(Request),
    /// A trigger's sample.
    Sample(Sample),
}

/// What a sample is made of.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// The trigger's word.
    pub trigger: String,
    /// The queue, topic, bucket, schedule or table.
    pub name: String,
    /// Bodies of messages, or the one datum of another kind; several make a batch.
    pub bodies: Vec<String>,
    /// An object's or a record's key, the type of an event.
    pub key: String,
}
