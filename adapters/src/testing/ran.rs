use std::fmt;

use isobar_core::{Bytes, Event, Outcome, StatusCode};

use super::Source;

/// What came of one delivery: what the handler saw, and what the host was told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ran {
    /// Where it came from.
    pub source: Source,
    /// The portable events, in the host's order.
    pub events: Vec<Event>,
    /// What came of each; empty where the delivery was refused as a whole.
    pub outcomes: Vec<Outcome>,
    /// What the host was told.
    pub answer: Answer,
}

/// The host's own form of an answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// AWS Lambda: the invocation succeeded, with this result.
    Response(Bytes),
    /// AWS Lambda: the invocation failed, with this error.
    Error(Bytes),
    /// The servers: a status and a body.
    Http(StatusCode, Bytes),
}

impl Ran {
    /// Returns true if every item was acknowledged, and the host was told so.
    pub fn is_success(&self) -> bool {
        let told = match &self.answer {
            Answer::Response(_) => self.again().is_empty(),
            Answer::Error(_) => false,
            Answer::Http(status, _) => status.is_success(),
        };
        told && self.outcomes.iter().all(Outcome::is_acknowledged)
    }

    /// Returns the ids of the items that AWS Lambda was told to deliver again, of those that came
    /// together (`batchItemFailures`).
    pub fn again(&self) -> Vec<String> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Batch {
            #[serde(default)]
            batch_item_failures: Vec<Item>,
        }
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Item {
            item_identifier: String,
        }
        let Answer::Response(body) = &self.answer else {
            return Vec::new();
        };
        let batch = serde_json::from_slice::<Batch>(body).ok();
        let items = batch
            .into_iter()
            .flat_map(|batch| batch.batch_item_failures);
        items.map(|item| item.item_identifier).collect()
    }
}

/// Prints the source, what came of each item, and what the host was told.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.source)?;
        for (event, outcome) in self.events.iter().zip(&self.outcomes) {
            write!(f, " {event} ")?;
            match outcome {
                Outcome::Done(_) => write!(f, "done,")?,
                Outcome::Retry(error) => write!(f, "to be delivered again ({error:?}),")?,
                Outcome::Dropped(error) => write!(f, "dropped ({error:?}),")?,
                _ => write!(f, "not tried,")?,
            }
        }
        let text = |body: &Bytes| String::from_utf8_lossy(body).into_owned();
        match &self.answer {
            Answer::Response(body) => write!(f, " the host is told: {}", text(body)),
            Answer::Error(body) => write!(f, " the host is told of an error: {}", text(body)),
            Answer::Http(status, body) => write!(f, " the host is told: {status} {}", text(body)),
        }
    }
}
