//! The messages of an invocation, single or a batch, as queues, buses and streams have them.

use isobar_core::{Bytes, Error, Text};

use super::delivery::Delivery;
use super::forged::Forged;
use super::metadata::Metadata;
use super::value::Json;
use crate::azure::app::What;

/// One message, before the trigger's own meaning.
pub(super) struct Item {
    /// Its place in the batch.
    pub(super) place: usize,
    pub(super) content: Content,
    pub(super) metadata: Metadata,
    pub(super) native: Bytes,
}

/// What a message consists of.
pub(super) enum Content {
    Text(Text),
    /// `dataType` is binary.
    Bytes(Bytes),
    /// An object, or an element of a list that is no text.
    Json(Text),
}

impl Content {
    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) | Self::Json(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Returns the messages of an invocation, in their order.
pub(super) fn items(delivery: &Delivery<'_>) -> Result<Vec<Item>, Error> {
    if is_many(delivery) {
        return many(delivery);
    }
    let content = one(delivery, &delivery.value, Json::text)?;
    let metadata = delivery.metadata.clone();
    let forged = match &content {
        Content::Text(text) => Forged::by(text),
        Content::Bytes(_) | Content::Json(_) => Forged::Nothing,
    };
    Ok(vec![Item {
        place: 0,
        content,
        metadata: metadata.without(forged),
        native: delivery.native(),
    }])
}

/// As function.json has it, of a source that may deliver several; where that does not say, a list that is
/// not itself encoded as text is a batch, since a message that looks like one is text.
fn is_many(delivery: &Delivery<'_>) -> bool {
    let (value, trigger) = (&delivery.value, &delivery.function.trigger);
    if !matches!(
        trigger.what,
        What::ServiceBus | What::EventHub | What::Kafka
    ) {
        return false;
    }
    let is_list = || match value.content() {
        Some(text) => Json::from(text).is_list(),
        None => value.is_list(),
    };
    trigger.is_many.unwrap_or_else(is_list)
}

fn many(delivery: &Delivery<'_>) -> Result<Vec<Item>, Error> {
    let elements = elements(delivery)?;
    let rows = delivery.metadata.rows(elements.len());
    let items = elements.into_iter().zip(rows).enumerate();
    items
        .map(|(place, (element, metadata))| {
            let plain = |element: &Json| element.content().unwrap_or_default();
            Ok(Item {
                place,
                content: one(delivery, &element, plain)?,
                metadata,
                native: element.raw().as_bytes().clone(),
            })
        })
        .collect()
}

/// Returns the elements of a value that is a list, however often it was encoded.
pub(super) fn elements(delivery: &Delivery<'_>) -> Result<Vec<Json>, Error> {
    let list = delivery.value.unwrapped().elements();
    list.ok_or_else(|| delivery.wrong(&"a list is wanted"))
}

fn one(
    delivery: &Delivery<'_>,
    value: &Json,
    text: impl Fn(&Json) -> Text,
) -> Result<Content, Error> {
    if !value.is_string() {
        return Ok(Content::Json(value.raw().clone()));
    }
    if !delivery.function.trigger.is_binary {
        return Ok(Content::Text(text(value)));
    }
    let bytes = value.bytes().map(Content::Bytes);
    bytes.ok_or_else(|| {
        delivery.wrong(&"base64 is wanted, since the trigger's dataType in function.json is binary")
    })
}
