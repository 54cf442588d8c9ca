use super::data::{FromData, Raw, read};
use super::{Event, View};
use crate::{DecodeError, Text};

/// What is known of a message beside its body.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MessageParts {
    /// The host's own name of the queue, topic or stream.
    pub source_name: Text,
    /// The sender's attributes, in the host's order.
    pub attributes: Vec<(Text, Text)>,
    /// The key whose messages keep their order.
    pub ordering_key: Option<Text>,
    /// How often it was delivered, this time included; `None` where the host does not count.
    pub delivery_count: Option<u32>,
    /// When it was sent, RFC 3339 text; `None` if that is the event's own time.
    pub sent: Option<Text>,
}

/// A message of a queue, topic or stream, its body decoded. An extractor of event handlers.
///
/// # Example: a body that is JSON
///
/// ```
/// use isobar_core::{App, Message, Result};
///
/// #[derive(serde::Deserialize)]
/// struct Order { seats: u32 }
///
/// async fn take(order: Message<Order>) -> Result<()> {
///     println!("{}: {} seats", order.id(), order.body().seats);
///     Ok(())
/// }
///
/// let app = App::new().on_message("orders", take);
/// ```
#[derive(Clone, Debug)]
pub struct Message<T = Raw> {
    event: Event,
    body: T,
}

impl<T: FromData> Message<T> {
    /// Reads an event's message; `None` if the event is of another kind.
    ///
    /// # Errors
    ///
    /// When the body is not of that form.
    pub fn of(event: &Event) -> Option<Result<Self, DecodeError>> {
        matches!(event.view(), View::Message(_)).then(|| {
            Ok(Self {
                body: read(event)?,
                event: event.clone(),
            })
        })
    }
}

impl<T> Message<T> {
    /// Returns the decoded body.
    pub fn body(&self) -> &T {
        &self.body
    }

    /// Takes the decoded body.
    pub fn into_body(self) -> T {
        self.body
    }

    /// Returns the whole event, with the raw bytes and the host's own form.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Returns the host's id of the message.
    pub fn id(&self) -> &str {
        self.event.id()
    }

    /// Returns the host's own name of the queue, topic or stream.
    pub fn source_name(&self) -> &str {
        self.parts().map_or("", |parts| &parts.source_name)
    }

    /// Returns an attribute that the sender set; of several of that name the last.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes()
            .rfind(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Returns the attributes that the sender set, in the host's order.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        let attributes = self
            .parts()
            .map_or([].as_slice(), |parts| &parts.attributes);
        attributes.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Returns the key whose messages keep their order.
    pub fn ordering_key(&self) -> Option<&str> {
        self.event.ordering_key()
    }

    /// Returns how often it was delivered, this time included.
    pub fn delivery_count(&self) -> Option<u32> {
        self.parts().and_then(|parts| parts.delivery_count)
    }

    /// Returns when it was sent, as RFC 3339 text: the event's time, where the host tells no other.
    pub fn sent(&self) -> Option<&str> {
        let sent = self.parts().and_then(|parts| parts.sent.as_deref());
        sent.or_else(|| self.event.time())
    }

    fn parts(&self) -> Option<&MessageParts> {
        match self.event.view() {
            View::Message(parts) => Some(parts),
            _ => None,
        }
    }
}
