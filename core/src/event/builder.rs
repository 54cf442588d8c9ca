use std::sync::Arc;

use bytes::Bytes;

use super::{ChangeParts, Event, Inner, MessageParts, ObjectParts, ScheduleParts, View};
use crate::Text;

/// Builds an [`Event`], for hosts and tests.
///
/// # Example: a message of a queue
///
/// ```
/// use isobar_core::{Event, Kind, MessageParts};
///
/// let event = Event::builder("orders", "17", "arn:aws:sqs:eu-west-1:1:orders", "com.amazonaws.sqs.message")
///     .data("application/json", r#"{"seats":2}"#)
///     .message(MessageParts::default())
///     .build();
/// assert_eq!(event.kind(), Kind::Message);
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct EventBuilder(
    /// Nobody else has it before it is built; in place, since it is large and often moved.
    Arc<Inner>,
);

impl EventBuilder {
    pub(super) fn new(name: Text, id: Text, source: Text, ty: Text) -> Self {
        Self(Arc::new(Inner {
            id,
            source,
            ty,
            name,
            subject: None,
            time: None,
            data_content_type: None,
            data_schema: None,
            extensions: Vec::new(),
            data: None,
            native: Bytes::new(),
            dedup_key: None,
            view: View::Other,
        }))
    }

    fn set(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
        self
    }

    /// Sets the subject.
    pub fn subject(self, subject: Option<Text>) -> Self {
        self.set(|inner| inner.subject = subject)
    }

    /// Sets when it happened: RFC 3339 text.
    pub fn time(self, time: Option<Text>) -> Self {
        self.set(|inner| inner.time = time)
    }

    /// Sets the data and its media type.
    pub fn data(self, content_type: impl Into<Text>, data: impl Into<Bytes>) -> Self {
        let content_type = Some(content_type.into());
        self.untyped_data(data)
            .set(|inner| inner.data_content_type = content_type)
    }

    /// Sets data whose media type the source does not tell.
    pub fn untyped_data(self, data: impl Into<Bytes>) -> Self {
        self.set(|inner| inner.data = Some(data.into()))
    }

    /// Sets the schema of the data.
    pub fn data_schema(self, schema: Option<Text>) -> Self {
        self.set(|inner| inner.data_schema = schema)
    }

    /// Adds an extension attribute.
    pub fn extension(self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.set(|inner| inner.extensions.push((name.into(), value.into())))
    }

    /// Sets the host's own form of this event.
    pub fn native(self, native: Bytes) -> Self {
        self.set(|inner| inner.native = native)
    }

    /// Sets what [`Event::dedup_key`] returns, where source and id are not the best there is.
    pub fn dedup_key(self, key: impl Into<Text>) -> Self {
        self.set(|inner| inner.dedup_key = Some(key.into()))
    }

    /// Makes it a message.
    pub fn message(self, parts: MessageParts) -> Self {
        self.set(|inner| inner.view = View::Message(parts))
    }

    /// Makes it an object's.
    pub fn object(self, parts: ObjectParts) -> Self {
        self.set(|inner| inner.view = View::Object(Box::new(parts)))
    }

    /// Makes it a schedule's.
    pub fn schedule(self, parts: ScheduleParts) -> Self {
        self.set(|inner| inner.view = View::Schedule(parts))
    }

    /// Makes it a change's.
    pub fn change(self, parts: ChangeParts) -> Self {
        self.set(|inner| inner.view = View::Change(Box::new(parts)))
    }

    /// Makes it a call that waits for a result.
    pub fn invoke(self) -> Self {
        self.set(|inner| inner.view = View::Invoke)
    }

    /// Makes the event.
    pub fn build(self) -> Event {
        Event(self.0)
    }
}

/// An event to be said more of; one that is shared is copied.
impl From<Event> for EventBuilder {
    fn from(mut event: Event) -> Self {
        Arc::make_mut(&mut event.0);
        Self(event.0)
    }
}

impl std::fmt::Debug for EventBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventBuilder")
            .field("id", &self.0.id)
            .finish_non_exhaustive()
    }
}
