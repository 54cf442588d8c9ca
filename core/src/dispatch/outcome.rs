use std::sync::Arc;

use crate::{Error, Event, Reply};

/// Events that a host delivered together, and how they may be run.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch {
    /// The events, in the host's order.
    pub events: Vec<Event>,
    /// What must keep its order.
    pub order: Order,
    /// How many may run at once, at least one; ordered events of one key run one at a time.
    pub limit: usize,
    /// A number for each event, the same for those that run one after the other; read only where
    /// the order is [`Order::PerKey`]. Empty: the events' ordering keys tell.
    pub lanes: Vec<u32>,
    /// True where the host has output bindings; elsewhere an event whose handler returned
    /// [`Outputs`](crate::Outputs) has failed.
    pub takes_outputs: bool,
    /// How many items of the delivery are no events, since they could not be read or stand behind one that
    /// could not: the log and the metrics count them as failed.
    pub unreadable: usize,
}

impl Batch {
    /// Makes one that keeps no order, with a limit of one, on a host without output bindings.
    pub fn new(events: Vec<Event>) -> Self {
        Self {
            events,
            order: Order::Any,
            limit: 1,
            lanes: Vec::new(),
            takes_outputs: false,
            unreadable: 0,
        }
    }
}

/// What must keep its order in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// Nothing: all may run at once.
    Any,
    /// Events of one ordering key: a FIFO queue's groups, a bus's sessions. Events without a key
    /// are free.
    PerKey,
    /// The whole batch: a shard of a stream.
    Whole,
}

/// What came of one event; the host tells its source in the source's own way.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It was handled: acknowledge it.
    Done(Reply),
    /// It failed: have it delivered again.
    Retry(Arc<Error>),
    /// It failed for good ([`Error::permanent`]): acknowledge it. It was logged as an error.
    Dropped(Arc<Error>),
    /// It was not tried, after a failure of its key or past the deadline: have it delivered again.
    NotTried,
}

impl Outcome {
    /// Returns true if the source is to consider the event handled.
    pub fn is_acknowledged(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Dropped(_))
    }
}
