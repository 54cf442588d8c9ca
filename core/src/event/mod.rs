//! The portable event: CloudEvents 1.0, with a typed view of what it is about.

mod builder;
mod change;
mod data;
mod extract;
mod head;
mod invoke;
mod kind;
mod message;
mod object;
mod schedule;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{DecodeError, Text};

pub use builder::EventBuilder;
pub use change::{Change, ChangeParts, Operation};
pub use data::{FromData, Raw};
pub use invoke::Invoke;
pub use kind::Kind;
pub use message::{Message, MessageParts};
pub use object::{Object, ObjectParts};
pub use schedule::{Schedule, ScheduleParts};

/// An event from a queue, a topic, a bucket, a schedule or a database, as CloudEvents 1.0.
///
/// Beside the attributes of CloudEvents it has a portable [`Kind`] with a typed view
/// ([`Message`], [`Object`], [`Schedule`], [`Change`]), which is what makes a handler portable. A
/// clone costs one reference count; its text is a slice of what the host delivered.
///
/// Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>.
#[derive(Clone)]
pub struct Event(Arc<Inner>);

#[derive(Clone)]
pub(crate) struct Inner {
    id: Text,
    source: Text,
    ty: Text,
    name: Text,
    subject: Option<Text>,
    time: Option<Text>,
    data_content_type: Option<Text>,
    data_schema: Option<Text>,
    extensions: Vec<(Text, Text)>,
    data: Option<Bytes>,
    native: Bytes,
    dedup_key: Option<Text>,
    view: View,
}

/// What the event is about.
#[derive(Clone, Debug)]
pub(crate) enum View {
    Message(MessageParts),
    // Messages come by the thousand: what is larger stands apart.
    Object(Box<ObjectParts>),
    Schedule(ScheduleParts),
    Change(Box<ChangeParts>),
    Invoke,
    Other,
}

impl Event {
    /// Begins an event of a logical name with the attributes that CloudEvents requires.
    pub fn builder(
        name: impl Into<Text>,
        id: impl Into<Text>,
        source: impl Into<Text>,
        ty: impl Into<Text>,
    ) -> EventBuilder {
        EventBuilder::new(name.into(), id.into(), source.into(), ty.into())
    }

    /// Returns the kind of event, which says which typed view it has.
    pub fn kind(&self) -> Kind {
        match self.0.view {
            View::Message(_) => Kind::Message,
            View::Object(_) => Kind::Object,
            View::Schedule(_) => Kind::Schedule,
            View::Change(_) => Kind::Change,
            View::Invoke => Kind::Invoke,
            View::Other => Kind::Other,
        }
    }

    /// Returns the logical name of its source: the host's own simple name, unless mapped.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the id, unique for its source.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the source, a URI reference.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Returns the type, such as `com.amazonaws.sqs.message`.
    pub fn ty(&self) -> &str {
        &self.0.ty
    }

    /// Returns the subject within the source.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// Returns when it happened, as RFC 3339 text.
    pub fn time(&self) -> Option<&str> {
        self.0.time.as_deref()
    }

    /// Returns the media type of the data.
    pub fn data_content_type(&self) -> Option<&str> {
        self.0.data_content_type.as_deref()
    }

    /// Returns the schema of the data, a URI.
    pub fn data_schema(&self) -> Option<&str> {
        self.0.data_schema.as_deref()
    }

    /// Returns an extension attribute by its name; of several of that name the last.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions()
            .rfind(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Returns the extension attributes, in the host's order.
    pub fn extensions(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0
            .extensions
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }

    /// Returns the data; `None` where the event has none, which differs from empty data.
    pub fn data(&self) -> Option<&Bytes> {
        self.0.data.as_ref()
    }

    /// Reads the data as JSON.
    ///
    /// # Errors
    ///
    /// When there is no data, or it is not JSON of that form; the error names the event.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let data = self.0.data.as_deref().unwrap_or_default();
        serde_json::from_slice(data).map_err(|e| DecodeError::new(format!("the data of {self}"), e))
    }

    /// Returns what is the same each time that this event is delivered, and differs from that of
    /// every other event.
    ///
    /// Every source delivers at least once: a handler that must not act twice writes this key down
    /// together with what it did (in one transaction, or by a conditional write), and does nothing
    /// where it finds it. It is the source and id of CloudEvents, which every source keeps over a
    /// redelivery, except where the host has something better:
    ///
    /// | source | key |
    /// | --- | --- |
    /// | S3, Blob Storage, Cloud Storage | bucket, key, and the version, sequencer or entity tag |
    /// | Kinesis, Event Hubs, Kafka | stream, shard or partition, and the place in it |
    /// | schedules | the name and when it was due |
    /// | Cosmos DB | the document's key and version |
    ///
    /// Azure SQL and calls that wait for a result say nothing that lasts: their key is new each
    /// time. The same thing sent twice by its *sender* has two keys, where the source cannot tell.
    pub fn dedup_key(&self) -> Text {
        match &self.0.dedup_key {
            Some(key) => key.clone(),
            None => format!("{}#{}", self.0.source, self.0.id).into(),
        }
    }

    /// Returns the host's own form of this event, for what is not portable.
    pub fn native(&self) -> &Bytes {
        &self.0.native
    }

    /// Reads the host's own form of this event as JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON of that form.
    pub fn native_as<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        serde_json::from_slice(&self.0.native)
            .map_err(|e| DecodeError::new(format!("the host's own form of {self}"), e))
    }

    pub(crate) fn view(&self) -> &View {
        &self.0.view
    }

    pub(crate) fn ordering_key(&self) -> Option<&str> {
        match &self.0.view {
            View::Message(parts) => parts.ordering_key.as_deref(),
            _ => None,
        }
    }
}

/// Prints the kind, name and id: `message "orders" 17`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.kind(), self.name(), self.id())
    }
}

/// Prints the attributes; the data only by its length, since logs are no place for it.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind())
            .field("name", &self.name())
            .field("id", &self.id())
            .field("source", &self.source())
            .field("type", &self.ty())
            .field("data_length", &self.0.data.as_ref().map(Bytes::len))
            .finish_non_exhaustive()
    }
}
