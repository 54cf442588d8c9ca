//! Events that wait for their turn, each in its lane.

use std::collections::{HashMap, VecDeque};

use crate::Event;
use crate::dispatch::{Order, Outcome};

/// What still waits: the events, and which may begin.
pub(super) struct Waiting {
    events: Vec<Option<Event>>,
    /// The place of the event that follows in the same lane; empty where each stands alone.
    next: Vec<usize>,
    /// The first places of the lanes that have not begun.
    lanes: std::vec::IntoIter<usize>,
    /// The places whose turn has come.
    ready: VecDeque<usize>,
    /// The place of the next event, where each stands alone.
    place: usize,
}

impl Waiting {
    pub(super) fn new(events: Vec<Event>, order: Order, numbers: &[u32]) -> Self {
        let (mut next, mut lanes) = (Vec::new(), Vec::new());
        if order != Order::Any {
            let mut last = HashMap::new();
            next = vec![usize::MAX; events.len()];
            for (place, event) in events.iter().enumerate() {
                let lane = lane(event, order, numbers.get(place));
                let before = lane.and_then(|lane| last.insert(lane, place));
                match before.and_then(|before| next.get_mut(before)) {
                    Some(follower) => *follower = place,
                    None => lanes.push(place),
                }
            }
        }
        Self {
            events: events.into_iter().map(Some).collect(),
            next,
            lanes: lanes.into_iter(),
            ready: VecDeque::new(),
            place: 0,
        }
    }

    /// Takes an event that may begin.
    pub(super) fn begin(&mut self) -> Option<(usize, Event)> {
        let place = if self.next.is_empty() {
            self.place += 1;
            self.place - 1
        } else {
            let ready = self.ready.pop_front();
            ready.or_else(|| self.lanes.next())?
        };
        Some((place, self.events.get_mut(place)?.take()?))
    }

    /// Lets the one begin that waited for this; after a failure none does.
    pub(super) fn ended(&mut self, place: usize, outcome: &Outcome) {
        let next = self.next.get(place).filter(|_| outcome.is_acknowledged());
        self.ready.extend(next.filter(|next| **next < usize::MAX));
    }
}

/// What the events of one lane have in common.
#[derive(PartialEq, Eq, Hash)]
enum Lane<'e> {
    Whole,
    Key(&'e str),
    Number(u32),
}

/// The lane of an event; `None` for one that waits for no other.
fn lane<'e>(event: &'e Event, order: Order, number: Option<&u32>) -> Option<Lane<'e>> {
    match (order, number) {
        (Order::Any, _) => None,
        (Order::Whole, _) => Some(Lane::Whole),
        (Order::PerKey, Some(number)) => Some(Lane::Number(*number)),
        (Order::PerKey, None) => event.ordering_key().map(Lane::Key),
    }
}
