//! What is known of one invocation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Blob;

/// One invocation: what the host sent, what the handler saw and answered, what the host was told.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Record {
    /// No other invocation has it.
    pub id: String,
    /// When it came, in milliseconds since 1970.
    pub began_ms: u64,
    /// Whose host: `aws`, `azure`, `gcp` or `local`.
    pub host: String,
    /// Which trigger it came through, in the host's words.
    pub trigger: String,
    /// The host's id of it.
    pub request_id: String,
    /// What has become of it.
    pub state: State,
    /// How long the parts of it took.
    pub timing: Timing,
    /// What the host sent.
    pub native_in: Native,
    /// What the handler saw, and what came of each event.
    pub portable: Portable,
    /// What the host says of it, as the handler's context has it.
    pub context: Map<String, Value>,
    /// What the handler answered to a request.
    pub answer: Option<Answer>,
    /// What the host was told.
    pub native_out: Option<Native>,
    /// What was logged within it.
    pub logs: Vec<Line>,
    /// How many lines more there were.
    pub logs_left_out: u64,
    /// How many events more there were.
    pub items_left_out: u64,
}

/// What has become of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is not over.
    #[default]
    Running,
    /// All of it went well.
    Done,
    /// A part of a batch did not, or was given up for good.
    Partly,
    /// It failed.
    Failed,
    /// It ended before it was answered: the client went away, or the program was killed.
    Lost,
}

/// One native side: a line, headers and a body, or a document alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Native {
    /// `POST /orders HTTP/1.1`, `HTTP/1.1 200 OK`; on AWS Lambda `event`, `response` or `error`.
    pub line: String,
    /// Names and values, in the host's order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Blob,
}

/// What a handler saw.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Portable {
    /// Nothing: it was refused before.
    #[default]
    Nothing,
    /// A request.
    Request(Request),
    /// Events.
    Events(Vec<Item>),
}

/// A request as a handler sees it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The URI.
    pub uri: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// As much of the body as the handler has read.
    pub body: Blob,
}

/// A handler's answer to a request.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Blob,
    /// Why it failed, where it did.
    pub error: Option<Failure>,
}

/// One event, and what came of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Item {
    /// All but its data, by the names that a reader knows.
    pub view: Map<String, Value>,
    /// Its data: a message's body, a call's input, an object's content.
    pub data: Option<Blob>,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

/// What came of one event.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Outcome {
    /// `done`, `again`, `dropped` or `not tried`.
    pub what: String,
    /// What the handler returned.
    pub result: Option<Blob>,
    /// Why it failed, where it did.
    pub error: Option<Failure>,
}

/// An error with all that is known of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Failure {
    /// What the client sees.
    pub told: String,
    /// Its causes, the nearest first.
    pub causes: Vec<String>,
    /// The file and line where it was made.
    pub place: String,
    /// True where no retry can help.
    pub permanent: bool,
    /// The backtrace, where one was taken.
    pub backtrace: Option<String>,
}

/// A line of the log.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Line {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Its level.
    pub level: String,
    /// Who wrote it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// How long the parts took, each from the beginning, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Timing {
    /// Until the handler was called.
    pub decoded: Option<u64>,
    /// Until it had answered.
    pub handled: Option<u64>,
    /// Until the host was told.
    pub told: Option<u64>,
}

/// What a list shows of an invocation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Summary {
    /// The record's.
    pub id: String,
    /// The record's.
    pub began_ms: u64,
    /// The record's.
    pub host: String,
    /// The record's.
    pub trigger: String,
    /// The record's.
    pub state: State,
    /// `http`, or the kind of event.
    pub kind: String,
    /// `POST /orders`, or the name of the source.
    pub title: String,
    /// How many events it brought.
    pub items: usize,
    /// How many of them were not handled.
    pub failed: usize,
    /// A request's status.
    pub status: Option<u16>,
    /// How long it took, in microseconds.
    pub took: Option<u64>,
}

impl Outcome {
    /// Returns true where the source is to bring the event again.
    pub fn comes_again(&self) -> bool {
        matches!(self.what.as_str(), "again" | "not tried")
    }
}

impl Native {
    /// Returns the method and the target of a request's line.
    pub fn target(&self) -> Option<(&str, &str)> {
        let mut words = self.line.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        target.starts_with('/').then_some((method, target))
    }

    /// Returns the status of an answer's line.
    pub fn status(&self) -> Option<u16> {
        let words = self.line.strip_prefix("HTTP/")?;
        words.split(' ').nth(1)?.parse().ok()
    }

    fn has_failed(&self) -> bool {
        let is_error = self.line.split(' ').next() == Some("error");
        is_error || self.status().is_some_and(|status| status >= 500)
    }
}

impl Record {
    /// Returns the events, none for a request.
    pub fn items(&self) -> &[Item] {
        match &self.portable {
            Portable::Events(items) => items,
            _ => &[],
        }
    }

    /// Judges what has become of an invocation that is over.
    pub(crate) fn judge(&self) -> State {
        let again = self.items().iter().filter(|item| item.comes_again());
        let again = again.count();
        let is_refused = matches!(self.portable, Portable::Nothing);
        let told = self.native_out.as_ref();
        let status = self.answer.as_ref().map(|answer| answer.status);
        if status.is_some_and(|status| status >= 500) || is_refused {
            return State::Failed;
        }
        match (again, self.items().len()) {
            (0, _) if told.is_some_and(Native::has_failed) => State::Failed,
            (0, _) if self.items().iter().any(Item::is_dropped) => State::Partly,
            (0, _) => State::Done,
            (some, all) if some < all => State::Partly,
            _ => State::Failed,
        }
    }

    /// Returns about how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let pairs = |pairs: &[(String, String)]| -> usize {
            pairs.iter().map(|(n, v)| n.len() + v.len() + 48).sum()
        };
        let native = |native: &Native| {
            native.line.len() + pairs(&native.headers) + native.body.bytes().len() + 128
        };
        let failure = |failure: &Failure| {
            let causes: usize = failure.causes.iter().map(String::len).sum();
            causes + failure.told.len() + failure.backtrace.as_ref().map_or(0, String::len)
        };
        let items: usize = { self.items().iter() }
            .map(|item| {
                let outcome = item.outcome.as_ref();
                let error = outcome.and_then(|outcome| outcome.error.as_ref());
                let data = item.data.as_ref().map_or(0, |data| data.bytes().len());
                item.view.len() * 96 + data + error.map_or(0, failure) + 256
            })
            .sum();
        let request = match &self.portable {
            Portable::Request(request) => {
                pairs(&request.headers) + request.uri.len() + request.body.bytes().len()
            }
            _ => 0,
        };
        let answer = self.answer.as_ref().map_or(0, |answer| {
            let error = answer.error.as_ref().map_or(0, failure);
            pairs(&answer.headers) + answer.body.bytes().len() + error
        });
        let logs: usize = { self.logs.iter() }
            .map(|line| line.message.len() + pairs(&line.fields) + 128)
            .sum();
        let out = self.native_out.as_ref().map_or(0, native);
        1024 + native(&self.native_in) + out + items + request + answer + logs
    }

    /// Returns what a list shows of it.
    pub fn summary(&self) -> Summary {
        let text = |item: &Item, name: &str| item.view.get(name)?.as_str().map(str::to_owned);
        let items = self.items();
        let (kind, title) = match &self.portable {
            Portable::Request(request) => {
                let path = request
                    .uri
                    .split_once("://")
                    .map_or(&*request.uri, |(_, rest)| {
                        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
                    });
                ("http".to_owned(), format!("{} {path}", request.method))
            }
            Portable::Events(items) => {
                let first = items.first();
                let of = |name| first.and_then(|item| text(item, name)).unwrap_or_default();
                let title = if of("kind") == "other" {
                    of("type")
                } else {
                    of("name")
                };
                (of("kind"), title)
            }
            Portable::Nothing => ("refused".to_owned(), self.native_in.line.clone()),
        };
        Summary {
            id: self.id.clone(),
            began_ms: self.began_ms,
            host: self.host.clone(),
            trigger: self.trigger.clone(),
            state: self.state,
            kind,
            title,
            items: items.len() + usize::try_from(self.items_left_out).unwrap_or(usize::MAX),
            failed: items.iter().filter(|item| item.comes_again()).count(),
            status: self.answer.as_ref().map(|answer| answer.status),
            took: self.timing.told.or(self.timing.handled),
        }
    }
}

impl Item {
    fn comes_again(&self) -> bool {
        self.outcome.as_ref().is_some_and(Outcome::comes_again)
    }

    fn is_dropped(&self) -> bool {
        let outcome = self.outcome.as_ref();
        outcome.is_some_and(|outcome| outcome.what == "dropped")
    }
}
