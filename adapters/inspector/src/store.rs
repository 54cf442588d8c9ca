//! The last invocations, in bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::{Line, Record, State};

/// So many invocations are kept.
const KEPT: usize = 200;

/// So many bytes of them at most.
const BYTES: usize = 32 << 20;

/// So many lines of an invocation's log.
const LINES: usize = 200;

/// The last invocations. A clone is the same store.
///
/// Every change has a number, and who follows asks for what has changed since one: a reader that is
/// slow misses nothing that is still there, and makes nothing wait.
#[derive(Clone, Debug)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ring: Mutex<Ring>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// How many have come in all.
    total: u64,
    change: u64,
    is_closed: bool,
}

#[derive(Debug)]
struct Entry {
    record: Record,
    change: u64,
    size: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self(Arc::new(Shared {
            ring: Mutex::default(),
            changes: watch::Sender::new(0),
        }))
    }
}

impl Store {
    /// Adds an invocation, or puts it in the place of what was known of it; returns how many were
    /// added.
    pub fn put(&self, record: Record) -> u64 {
        let mut ring = self.ring();
        let before = ring.total;
        match ring.find(|known| known.id == record.id) {
            Some(entry) => entry.record = record,
            None => ring.add(record),
        }
        let added = ring.total - before;
        self.tell(ring);
        added
    }

    /// Counts invocations that were passed over: there were more than could be told.
    pub(crate) fn passed_over(&self, count: u64) {
        let mut ring = self.ring();
        ring.total += count;
        self.tell(ring);
    }

    /// Changes what is known of an invocation; nothing where it is no longer kept.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Record)) {
        let mut ring = self.ring();
        if let Some(entry) = ring.find(|record| record.id == id) {
            change(&mut entry.record);
            self.tell(ring);
        }
    }

    /// Adds a line to the log of the invocation that has this id of the host's; returns it where there
    /// is none.
    pub(crate) fn log(&self, request_id: &str, line: Line) -> Option<Line> {
        let mut ring = self.ring();
        let Some(entry) = ring.find(|record| record.request_id == request_id) else {
            return Some(line);
        };
        entry.record.log(line);
        self.tell(ring);
        None
    }

    /// Returns an invocation.
    pub fn get(&self, id: &str) -> Option<Record> {
        let ring = self.ring();
        let mut entries = ring.entries.iter().rev();
        let entry = entries.find(|entry| entry.record.id == id)?;
        Some(entry.record.clone())
    }

    /// Returns what `show` makes of each invocation that has changed since, in the order in which
    /// they came; and the number of the last change, and how many invocations there were in all.
    pub fn since<T>(&self, change: u64, show: impl Fn(&Record) -> T) -> Since<T> {
        let ring = self.ring();
        let changed = ring.entries.iter().filter(|entry| entry.change > change);
        Since {
            changed: changed.map(|entry| show(&entry.record)).collect(),
            change: ring.change,
            total: ring.total,
            first: ring.entries.front().map(|entry| entry.record.id.clone()),
        }
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        let mut ring = self.ring();
        ring.entries.clear();
        ring.bytes = 0;
        self.tell(ring);
    }

    /// Says of those that are not over that they will not be answered, where `is_lost` says so.
    pub fn lose(&self, is_lost: impl Fn(&Record) -> bool) {
        let mut ring = self.ring();
        let change = ring.change + 1;
        for entry in &mut ring.entries {
            if entry.record.state == State::Running && is_lost(&entry.record) {
                entry.record.state = State::Lost;
                entry.change = change;
            }
        }
        self.tell(ring);
    }

    /// Ends all who follow: the program ends.
    pub fn close(&self) {
        let mut ring = self.ring();
        ring.is_closed = true;
        self.tell(ring);
    }

    /// Returns true once it is closed.
    pub fn is_closed(&self) -> bool {
        self.ring().is_closed
    }

    /// Follows the numbers of changes.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, mut ring: MutexGuard<'_, Ring>) {
        ring.trim();
        let change = ring.settle();
        drop(ring);
        self.0.changes.send_replace(change);
    }
}

/// What has changed.
#[derive(Clone, Debug)]
pub struct Since<T> {
    /// One for each invocation, in the order in which they came.
    pub changed: Vec<T>,
    /// The number of the last change.
    pub change: u64,
    /// How many invocations there were in all.
    pub total: u64,
    /// The oldest that is still kept.
    pub first: Option<String>,
}

impl Ring {
    /// Finds an entry, and marks it as changed.
    fn find(&mut self, is_it: impl Fn(&Record) -> bool) -> Option<&mut Entry> {
        let change = self.change + 1;
        // what changes came lately
        let entry = { self.entries.iter_mut().rev() }.find(|entry| is_it(&entry.record))?;
        entry.change = change;
        Some(entry)
    }

    fn add(&mut self, record: Record) {
        self.total += 1;
        self.entries.push_back(Entry {
            record,
            change: self.change + 1,
            size: 0,
        });
    }

    /// Weighs what has changed, and lets go of the oldest.
    fn trim(&mut self) {
        let change = self.change;
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| entry.change > change)
        {
            let size = entry.record.size();
            self.bytes = (self.bytes + size).saturating_sub(entry.size);
            entry.size = size;
        }
        while self.entries.len() > KEPT || (self.bytes > BYTES && self.entries.len() > 1) {
            if let Some(entry) = self.entries.pop_front() {
                self.bytes = self.bytes.saturating_sub(entry.size);
            }
        }
    }

    fn settle(&mut self) -> u64 {
        self.change += 1;
        self.change
    }
}

impl Record {
    /// Adds a line of its log.
    pub(crate) fn log(&mut self, line: Line) {
        if self.logs.len() < LINES {
            self.logs.push(line);
        } else {
            self.logs_left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Blob, LIMIT};

    fn record(id: &str) -> Record {
        Record {
            id: id.to_owned(),
            request_id: format!("r{id}"),
            ..Record::default()
        }
    }

    fn ids(store: &Store, since: u64) -> (Vec<String>, u64) {
        let since = store.since(since, |record| record.id.clone());
        (since.changed, since.change)
    }

    #[test]
    fn a_reader_gets_what_has_changed_since_and_nothing_twice() {
        let store = Store::default();
        store.put(record("1"));
        store.put(record("2"));
        let (all, at) = ids(&store, 0);
        assert_eq!(all, ["1", "2"]);
        assert_eq!(ids(&store, at).0.len(), 0);
        store.change("1", |record| record.state = State::Done);
        assert!(store.log("r1", Line::default()).is_none());
        assert!(store.log("none", Line::default()).is_some());
        let (changed, at) = ids(&store, at);
        assert_eq!(changed, ["1"]);
        assert_eq!(store.get("1").unwrap().logs.len(), 1);
        store.put(record("2"));
        assert_eq!(ids(&store, at).0, ["2"]);
        assert_eq!(store.since(0, |_| ()).total, 2);
    }

    #[test]
    fn only_the_last_are_kept_whatever_their_number_and_size() {
        let store = Store::default();
        for id in 0..1000 {
            store.put(record(&id.to_string()));
        }
        let all = store.since(0, |_| ());
        assert_eq!((all.changed.len(), all.total), (KEPT, 1000));
        assert_eq!(all.first.as_deref(), Some("800"));
        for id in 1000..1400 {
            let mut large = record(&id.to_string());
            large.native_in.body = Blob::of(&vec![b'x'; 2 * LIMIT]);
            large.native_out = Some(large.native_in.clone());
            store.put(large);
        }
        let kept = store.since(0, |_| ()).changed.len();
        assert!(kept < KEPT && kept > BYTES / LIMIT / 3, "{kept}");
        assert!(store.ring().bytes <= BYTES);
        store.clear();
        assert_eq!((ids(&store, 0).0.len(), store.ring().bytes), (0, 0));
    }

    #[test]
    fn what_runs_when_its_program_ends_is_lost() {
        let store = Store::default();
        store.put(record("a-1"));
        store.put(Record {
            state: State::Done,
            ..record("a-2")
        });
        store.put(record("b-1"));
        store.lose(|record| record.id.starts_with("a-"));
        let states = store.since(0, |record| record.state).changed;
        assert_eq!(states, [State::Lost, State::Done, State::Running]);
    }

    #[test]
    fn a_long_log_is_cut_and_counted() {
        let mut record = record("1");
        for _ in 0..LINES + 5 {
            record.log(Line::default());
        }
        assert_eq!((record.logs.len(), record.logs_left_out), (LINES, 5));
    }
}
