use bytes::Bytes;

use super::data::{FromData, Raw};
use super::{Event, View};
use crate::{DecodeError, Text};

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// It was made.
    Insert,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// It was made or changed: the host does not say which.
    Write,
}

impl Operation {
    /// Returns the word for it: `insert`, `update`, `delete` or `write`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Write => "write",
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of a change in a database; documents are JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChangeParts {
    /// The host's own name of the table, collection or container.
    pub source_name: Text,
    /// What happened.
    pub operation: Operation,
    /// The record's key.
    pub keys: Option<Bytes>,
    /// The record before.
    pub before: Option<Bytes>,
    /// The record after.
    pub after: Option<Bytes>,
    /// The place in the stream of changes.
    pub sequence: Option<Text>,
}

impl ChangeParts {
    /// Names a table and what happened in it.
    pub fn new(source_name: impl Into<Text>, operation: Operation) -> Self {
        Self {
            source_name: source_name.into(),
            operation,
            keys: None,
            before: None,
            after: None,
            sequence: None,
        }
    }
}

/// A change in a database, its documents decoded. An extractor of event handlers.
#[derive(Clone, Debug)]
pub struct Change<T = Raw> {
    event: Event,
    before: Option<T>,
    after: Option<T>,
}

impl<T: FromData> Change<T> {
    /// Reads an event's change; `None` if the event is of another kind.
    ///
    /// # Errors
    ///
    /// When a document is not of that form.
    pub fn of(event: &Event) -> Option<Result<Self, DecodeError>> {
        let View::Change(parts) = event.view() else {
            return None;
        };
        let read = |document: &Option<Bytes>, which: &str| {
            document
                .as_ref()
                .map(T::from_data)
                .transpose()
                .map_err(|e| DecodeError::new(format!("the document {which} {event}"), e))
        };
        Some(read(&parts.before, "before").and_then(|before| {
            let after = read(&parts.after, "after")?;
            Ok(Self {
                event: event.clone(),
                before,
                after,
            })
        }))
    }
}

impl<T> Change<T> {
    /// Returns the whole event.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Returns the host's own name of the table, collection or container.
    pub fn source_name(&self) -> &str {
        self.parts().map_or("", |parts| &parts.source_name)
    }

    /// Returns what happened.
    pub fn operation(&self) -> Operation {
        self.parts()
            .map_or(Operation::Write, |parts| parts.operation)
    }

    /// Returns the record before; `None` if it was made, or the host does not say.
    pub fn before(&self) -> Option<&T> {
        self.before.as_ref()
    }

    /// Returns the record after; `None` if it was deleted, or the host does not say.
    pub fn after(&self) -> Option<&T> {
        self.after.as_ref()
    }

    /// Returns the record's key as JSON, where the host says it.
    pub fn keys(&self) -> Option<&Bytes> {
        self.parts().and_then(|parts| parts.keys.as_ref())
    }

    /// Returns the place in the stream of changes.
    pub fn sequence(&self) -> Option<&str> {
        self.parts().and_then(|parts| parts.sequence.as_deref())
    }

    fn parts(&self) -> Option<&ChangeParts> {
        match self.event.view() {
            View::Change(parts) => Some(parts),
            _ => None,
        }
    }
}
