use isobar_core::{Bytes, Dispatcher, Handler};

use super::native::unfit;
use super::{Item, Native, Ran, Source, aws, azure, gcp, run};

/// One delivery of a source: one item, or a batch where the source has batches.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) items: Vec<Item>,
}

impl Delivery {
    /// Begins a delivery from the queue, topic, bucket, schedule or table of this name.
    pub fn new(source: Source, name: impl Into<String>) -> Self {
        Self {
            source,
            name: name.into(),
            items: Vec::new(),
        }
    }

    /// Adds an item.
    #[must_use]
    pub fn item(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    /// Adds a message that is no more than its body.
    #[must_use]
    pub fn message(self, body: impl Into<Bytes>) -> Self {
        self.item(Item::message(body))
    }

    /// Writes it in the host's own form. What the source cannot carry, such as attributes of a
    /// message of Queue Storage, is left out.
    ///
    /// # Panics
    ///
    /// When the source cannot deliver these items: another kind, several where it has no batches,
    /// bytes where it carries text.
    pub fn native(&self) -> Native {
        let Self {
            source,
            name,
            items,
        } = self;
        if let Some(item) = items.iter().find(|item| item.kind() != source.kind()) {
            unfit(&format!(
                "an item of the kind {}: it is {source}",
                item.kind()
            ));
        }
        match items.as_slice() {
            [] => unfit(&format!("nothing: it is {source}")),
            [_, _, ..] if !source.takes_batches() => {
                unfit(&format!("several items at once: it is {source}"))
            }
            _ => {}
        }
        let native = aws::native(*source, name, items)
            .or_else(|| azure::native(*source, name, items))
            .or_else(|| gcp::native(*source, name, items));
        native.unwrap_or_else(|| unfit("anything"))
    }

    /// Runs a handler on it through the host's translations, in-process.
    ///
    /// # Panics
    ///
    /// As [`native`](Self::native).
    pub async fn run(&self, handler: impl Handler) -> Ran {
        self.run_on(&Dispatcher::new(handler)).await
    }

    pub(super) async fn run_on(&self, dispatcher: &Dispatcher) -> Ran {
        run::run(self.native(), dispatcher).await
    }
}
