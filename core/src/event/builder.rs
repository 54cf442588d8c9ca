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
pub struct EventBuilder(Inner);

impl EventBuilder {
    pub(super) fn new(name: Text, id: Text, source: Text, ty: Text) -> Self {
        Self(Inner {
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
        })
    }

    /// Sets the subject.
    pub fn subject(mut self, subject: Option<Text>) -> Self {
        self.0.subject = subject;
        self
    }

    /// Sets when it happened: RFC 3339 text.
    pub fn time(mut self, time: Option<Text>) -> Self {
        self.0.time = time;
        self
    }

    /// Sets the data and its media type.
    pub fn data(self, content_type: impl Into<Text>, data: impl Into<Bytes>) -> Self {
        let content_type = Some(content_type.into());
        let mut untyped = self.untyped_data(data);
        untyped.0.data_content_type = content_type;
        untyped
    }

    /// Sets data whose media type the source does not tell.
    pub fn untyped_data(mut self, data: impl Into<Bytes>) -> Self {
        self.0.data = Some(data.into());
        self
    }

    /// Sets the schema of the data.
    pub fn data_schema(mut self, schema: Option<Text>) -> Self {
        self.0.data_schema = schema;
        self
    }

    /// Adds an extension attribute.
    pub fn extension(mut self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.0.extensions.push((name.into(), value.into()));
        self
    }

    /// Sets the host's own form of this event.
    pub fn native(mut self, native: Bytes) -> Self {
        self.0.native = native;
        self
    }

    /// Sets what [`Event::dedup_key`] returns, where source and id are not the best there is.
    pub fn dedup_key(mut self, key: impl Into<Text>) -> Self {
        self.0.dedup_key = Some(key.into());
        self
    }

    /// Makes it a message.
    pub fn message(mut self, parts: MessageParts) -> Self {
        self.0.view = View::Message(parts);
        self
    }

    /// Makes it an object's.
    pub fn object(mut self, parts: ObjectParts) -> Self {
        self.0.view = View::Object(parts);
        self
    }

    /// Makes it a schedule's.
    pub fn schedule(mut self, parts: ScheduleParts) -> Self {
        self.0.view = View::Schedule(parts);
        self
    }

    /// Makes it a change's.
    pub fn change(mut self, parts: ChangeParts) -> Self {
        self.0.view = View::Change(parts);
        self
    }

    /// Makes it a call that waits for a result.
    pub fn invoke(mut self) -> Self {
        self.0.view = View::Invoke;
        self
    }

    /// Makes the event.
    pub fn build(self) -> Event {
        Event(Arc::new(self.0))
    }
}

impl std::fmt::Debug for EventBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventBuilder")
            .field("id", &self.0.id)
            .finish_non_exhaustive()
    }
}
