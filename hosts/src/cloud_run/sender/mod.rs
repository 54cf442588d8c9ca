//! Who sends events to a container, and what each makes of its answers.
//!
//! ```no_run
//! # async fn example(front: &isobar_hosts::cloud_run::CloudRun) -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::cloud_run::{Message, Sender};
//!
//! let push = Sender::push("projects/p/subscriptions/orders", Message::new("17", "{}"));
//! let sent = front.deliver(&push).await?;
//! assert!(sent.acknowledged);
//! # Ok(()) }
//! ```

mod message;
mod request;
mod retry;
#[cfg(test)]
mod tests;

use http::StatusCode;

use super::CloudRun;
use crate::{Error, Front};

pub use message::Message;
use retry::Retry;

/// One event, and the service that sends it.
#[derive(Debug, Clone)]
pub struct Sender {
    what: What,
    path: String,
    token: Option<String>,
    tries: u32,
}

/// What is sent, and by whom.
#[derive(Debug, Clone)]
enum What {
    Push(String, Message),
    Unwrapped(String, Message),
    CloudEvent {
        attributes: Vec<(String, String)>,
        data: Vec<u8>,
        by: Retry,
    },
    Job {
        name: String,
        due: String,
    },
    Task {
        queue: String,
        name: String,
        body: Vec<u8>,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The answer to each try.
    pub answers: Vec<StatusCode>,
    /// True if the sender takes the event for handled; otherwise it is lost, or in a dead-letter
    /// topic.
    pub acknowledged: bool,
}

impl Sender {
    /// A message that a subscription of this full name pushes in its envelope.
    pub fn push(subscription: &str, message: Message) -> Self {
        Self::new(What::Push(subscription.to_owned(), message))
    }

    /// A message that a subscription pushes without its envelope, with metadata written.
    pub fn unwrapped(subscription: &str, message: Message) -> Self {
        Self::new(What::Unwrapped(subscription.to_owned(), message))
    }

    /// An event that Eventarc delivers: a `CloudEvent` in binary mode.
    pub fn eventarc(attributes: &[(&str, &str)], data: impl Into<Vec<u8>>) -> Self {
        Self::cloud_event(attributes, data, Retry::PubSub)
    }

    /// An event that a broker of Knative's delivers.
    pub fn broker(attributes: &[(&str, &str)], data: impl Into<Vec<u8>>) -> Self {
        Self::cloud_event(attributes, data, Retry::Knative)
    }

    /// A job of Cloud Scheduler that is due.
    pub fn job(name: &str, due: &str) -> Self {
        let (name, due) = (name.to_owned(), due.to_owned());
        // A failure waits for the next time, unless the job says otherwise.
        Self::new(What::Job { name, due }).tries(1)
    }

    /// A task of a queue of Cloud Tasks.
    pub fn task(queue: &str, name: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(What::Task {
            queue: queue.to_owned(),
            name: name.to_owned(),
            body: body.into(),
        })
    }

    fn cloud_event(attributes: &[(&str, &str)], data: impl Into<Vec<u8>>, by: Retry) -> Self {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::new(What::CloudEvent {
            attributes: attributes.iter().map(pair).collect(),
            data: data.into(),
            by,
        })
    }

    fn new(what: What) -> Self {
        Self {
            what,
            path: "/".to_owned(),
            token: None,
            tries: 5,
        }
    }

    /// Sends it to this path, and not to the root.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Sends a token along: the service account's.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Gives up after so many tries; they are made without a pause between them.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    fn retry(&self) -> Retry {
        match &self.what {
            What::Push(..) | What::Unwrapped(..) => Retry::PubSub,
            What::CloudEvent { by, .. } => *by,
            What::Job { .. } | What::Task { .. } => Retry::Any,
        }
    }
}

impl CloudRun {
    /// Has an event delivered, and again as long as its sender does.
    ///
    /// # Errors
    ///
    /// When there is no answer at all.
    pub async fn deliver(&self, sender: &Sender) -> Result<Sent, Error> {
        let mut answers = Vec::new();
        for attempt in 0..sender.tries {
            let status = self.send(sender.request(attempt)?).await?.status();
            answers.push(status);
            if sender.retry().acknowledges(status) {
                return Ok(Sent {
                    answers,
                    acknowledged: true,
                });
            }
            if !sender.retry().tries_again(status) {
                break;
            }
        }
        Ok(Sent {
            answers,
            acknowledged: false,
        })
    }
}
