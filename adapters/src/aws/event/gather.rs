//! Events of a batch beside the items that they came in, which their source knows them by.

use std::collections::{HashMap, HashSet};

use isobar_core::{Batch, Event, Order, Text};

use super::malformed::Malformed;

/// What the source calls an item.
#[derive(Debug)]
pub(super) enum Id {
    /// A message's id, or a sequence number.
    Text(Text),
    /// A place in Kafka: the partition as the event names it, and the offset.
    Offset(Text, i64),
    /// It has none: its failure can only be that of the whole.
    None,
}

impl Id {
    /// Returns it for people.
    fn text(&self) -> Option<Text> {
        match self {
            Self::Text(id) => Some(id.clone()),
            Self::Offset(partition, offset) => Some(format!("{partition}/{offset}").into()),
            Self::None => None,
        }
    }
}

/// What an item holds.
pub(super) enum Content {
    /// Its one event: the rule.
    One(Event),
    /// The events of another source that was wrapped in it; none, where that had nothing to tell.
    Wrapped(Vec<Event>),
}

/// An item of a batch, as its source knows it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Id,
    /// How many of the batch's events are its own.
    pub(super) events: u32,
    pub(super) state: State,
}

/// Whether an item was given to the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Delivered,
    /// It cannot be read.
    Malformed,
    /// It comes after one that cannot be read, and may not overtake it.
    Behind,
}

/// Collects a batch.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) items: Vec<Item>,
    /// What cannot be read, and what the source calls it.
    pub(super) malformed: Vec<(Option<Text>, Malformed)>,
    events: Vec<Event>,
    /// A number for each event, the same for those that run one after the other; empty as long as
    /// none has to.
    lanes: Vec<u32>,
    next: u32,
    named: HashMap<Text, u32>,
    stopped: HashSet<u32>,
}

impl Gathered {
    /// Begins a batch of so many items.
    pub(super) fn of(items: usize) -> Self {
        Self {
            items: Vec::with_capacity(items),
            events: Vec::with_capacity(items),
            ..Self::default()
        }
    }

    /// Makes a batch of one event that its source does not name.
    pub(super) fn one(event: Event) -> Self {
        let mut gathered = Self::of(1);
        gathered.add(Id::None, Ok(Content::One(event)));
        gathered
    }

    /// Adds an item that no other has to wait for.
    pub(super) fn add(&mut self, id: Id, content: Result<Content, Malformed>) {
        match content {
            Ok(Content::One(event)) if self.lanes.is_empty() => {
                self.events.push(event);
                self.item(id, 1, State::Delivered);
            }
            content => {
                let lane = self.lane();
                self.put(lane, id, content);
            }
        }
    }

    /// Adds an item that comes after those of the same key.
    pub(super) fn add_after(&mut self, key: &Text, id: Id, content: Result<Content, Malformed>) {
        let lane = if let Some(lane) = self.named.get(key) {
            *lane
        } else {
            let lane = self.lane();
            self.named.insert(key.clone(), lane);
            lane
        };
        self.put(lane, id, content);
    }

    /// A lane that none has yet; those that had none so far get one each.
    fn lane(&mut self) -> u32 {
        while self.lanes.len() < self.events.len() {
            self.lanes.push(self.next);
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }

    fn put(&mut self, lane: u32, id: Id, content: Result<Content, Malformed>) {
        if self.stopped.contains(&lane) {
            return self.item(id, 0, State::Behind);
        }
        let events = match content {
            Ok(Content::One(event)) => vec![event],
            Ok(Content::Wrapped(events)) => events,
            Err(malformed) => {
                self.stopped.insert(lane);
                self.malformed.push((id.text(), malformed));
                return self.item(id, 0, State::Malformed);
            }
        };
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        self.lanes.extend(events.iter().map(|_| lane));
        self.events.extend(events);
        self.item(id, count, State::Delivered);
    }

    fn item(&mut self, id: Id, events: u32, state: State) {
        self.items.push(Item { id, events, state });
    }

    /// Makes the batch. Without lanes nothing has to keep its order.
    pub(super) fn batch(&mut self, limit: usize) -> Batch {
        let mut batch = Batch::new(std::mem::take(&mut self.events));
        let is_read = |item: &&Item| item.state == State::Delivered;
        batch.unreadable = self.items.len() - self.items.iter().filter(is_read).count();
        batch.limit = limit;
        batch.lanes = std::mem::take(&mut self.lanes);
        if !batch.lanes.is_empty() {
            batch.order = Order::PerKey;
        }
        batch
    }
}
