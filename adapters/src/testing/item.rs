use isobar_core::{Bytes, Kind, Operation};
use serde_json::Value;

/// One thing that happened, in portable parts: what a [`Delivery`](super::Delivery) is made of.
///
/// # Example: a message with an attribute, delivered for the third time
///
/// ```
/// use isobar::testing::Item;
///
/// let item = Item::message(r#"{"seats":2}"#).attribute("tenant", "acme").delivery_count(3);
/// ```
#[derive(Clone, Debug)]
pub struct Item {
    pub(super) id: Option<String>,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Message(Message),
    Object(Object),
    Schedule { due: String },
    Change(Change),
    Invoke { input: Bytes },
    Event { ty: String, data: Value },
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) body: Bytes,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) ordering_key: Option<String>,
    pub(super) delivery_count: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) size: u64,
    pub(super) deleted: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) operation: Operation,
    pub(super) key: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Item {
    /// Begins a message.
    pub fn message(body: impl Into<Bytes>) -> Self {
        Self::of(What::Message(Message {
            body: body.into(),
            attributes: Vec::new(),
            ordering_key: None,
            delivery_count: 1,
        }))
    }

    /// Begins an object that was made, of four bytes.
    pub fn object(key: impl Into<String>) -> Self {
        Self::of(What::Object(Object {
            key: key.into(),
            size: 4,
            deleted: false,
        }))
    }

    /// Begins a schedule that is due.
    pub fn schedule() -> Self {
        Self::of(What::Schedule {
            due: super::wire::WHEN.to_owned(),
        })
    }

    /// Begins a record that was made.
    pub fn inserted(key: impl Into<String>, after: Value) -> Self {
        Self::changed(Operation::Insert, key.into(), None, Some(after))
    }

    /// Begins a record that was changed.
    pub fn updated(key: impl Into<String>, before: Value, after: Value) -> Self {
        Self::changed(Operation::Update, key.into(), Some(before), Some(after))
    }

    /// Begins a record that was deleted.
    pub fn deleted(key: impl Into<String>, before: Value) -> Self {
        Self::changed(Operation::Delete, key.into(), Some(before), None)
    }

    /// Begins a call that waits for a result; the input is JSON.
    pub fn invoke(input: impl Into<Bytes>) -> Self {
        Self::of(What::Invoke {
            input: input.into(),
        })
    }

    /// Begins any other event, by its CloudEvents type.
    pub fn event(ty: impl Into<String>, data: Value) -> Self {
        Self::of(What::Event {
            ty: ty.into(),
            data,
        })
    }

    /// Sets the id; otherwise items have the ids `1`, `2` and so on.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds an attribute of a message.
    ///
    /// # Panics
    ///
    /// When the item is no message.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.own_message("attributes")
            .attributes
            .push((name.into(), value.into()));
        self
    }

    /// Sets the key whose messages keep their order.
    ///
    /// # Panics
    ///
    /// When the item is no message.
    #[must_use]
    pub fn ordering_key(mut self, key: impl Into<String>) -> Self {
        self.own_message("an ordering key").ordering_key = Some(key.into());
        self
    }

    /// Sets how often a message was delivered, this time included.
    ///
    /// # Panics
    ///
    /// When the item is no message.
    #[must_use]
    pub fn delivery_count(mut self, count: u32) -> Self {
        self.own_message("a delivery count").delivery_count = count;
        self
    }

    /// Sets an object's size, in bytes.
    ///
    /// # Panics
    ///
    /// When the item is no object.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.own_object("a size").size = bytes;
        self
    }

    /// Says that an object is gone.
    ///
    /// # Panics
    ///
    /// When the item is no object.
    #[must_use]
    pub fn gone(mut self) -> Self {
        self.own_object("an end").deleted = true;
        self
    }

    /// Sets when a schedule was due: RFC 3339 text.
    ///
    /// # Panics
    ///
    /// When the item is no schedule.
    #[must_use]
    pub fn due(mut self, time: impl Into<String>) -> Self {
        match &mut self.what {
            What::Schedule { due } => *due = time.into(),
            _ => self.has_no("a time when it is due"),
        }
        self
    }

    /// Returns the kind of event that it becomes.
    pub fn kind(&self) -> Kind {
        match self.what {
            What::Message(_) => Kind::Message,
            What::Object(_) => Kind::Object,
            What::Schedule { .. } => Kind::Schedule,
            What::Change(_) => Kind::Change,
            What::Invoke { .. } => Kind::Invoke,
            What::Event { .. } => Kind::Other,
        }
    }

    fn of(what: What) -> Self {
        Self { id: None, what }
    }

    fn changed(op: Operation, key: String, before: Option<Value>, after: Option<Value>) -> Self {
        Self::of(What::Change(Change {
            operation: op,
            key,
            before,
            after,
        }))
    }

    fn own_message(&mut self, what: &str) -> &mut Message {
        let kind = self.kind();
        match &mut self.what {
            What::Message(message) => message,
            _ => has_no(kind, what),
        }
    }

    fn own_object(&mut self, what: &str) -> &mut Object {
        let kind = self.kind();
        match &mut self.what {
            What::Object(object) => object,
            _ => has_no(kind, what),
        }
    }

    fn has_no(&self, what: &str) {
        has_no(self.kind(), what)
    }
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn has_no(kind: Kind, what: &str) -> ! {
    panic!("an item of the kind {kind} has no such thing as {what}")
}
