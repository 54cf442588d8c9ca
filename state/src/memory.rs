//! The store that is a process's own memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use isobar_core::{Bytes, Output, async_trait};

use crate::{Kept, Key, Record, State, Store, StoreError, Time, Version};

/// Records in the memory of this process: for tests, for development, and where one process serves.
///
/// Nothing outlives the process, and no other instance of the function sees it: in a cloud it
/// catches only those repeats that reach the same instance. It holds 100,000 records with 64 MiB of
/// answers, unless told otherwise; beyond that the oldest that nobody works on are dropped, expired
/// or not. A clone is the same store.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Mutex<Table>>);

#[derive(Debug)]
struct Table {
    records: HashMap<Key, (Record, u64)>,
    /// Each key once, in the order of creation; a key that is gone may still be named.
    ages: VecDeque<Key>,
    /// The last version that was given, of whatever key: none is given twice.
    last: u64,
    /// What all the answers are together, in bytes.
    bytes: usize,
    limits: Limits,
}

#[derive(Debug)]
struct Limits {
    records: usize,
    bytes: usize,
}

impl Memory {
    /// Makes one of 100,000 records and 64 MiB.
    pub fn new() -> Self {
        Self::with_limits(100_000, 64 * 1024 * 1024)
    }

    /// Makes one of at most so many records, and so many bytes of answers.
    pub fn with_limits(records: usize, bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Table {
            records: HashMap::new(),
            ages: VecDeque::new(),
            last: 0,
            bytes: 0,
            limits: Limits { records, bytes },
        })))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // nothing in the table is left half done by a panic: the map's own operations do not panic
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    fn write(&mut self, key: &Key, record: &Record) -> Version {
        self.last += 1;
        let (version, record) = (self.last, record.clone());
        self.bytes = self.bytes.saturating_add(size(&record));
        if let Some((old, _)) = self.records.insert(key.clone(), (record, version)) {
            self.bytes = self.bytes.saturating_sub(size(&old));
        }
        self.make_room();
        Version::new(version.to_string())
    }

    fn remove(&mut self, key: &Key) {
        if let Some((old, _)) = self.records.remove(key) {
            self.bytes = self.bytes.saturating_sub(size(&old));
        }
    }

    fn is_full(&self) -> bool {
        self.ages.len() > self.limits.records || self.bytes > self.limits.bytes
    }

    /// Drops the oldest until what is left fits, those that somebody works on excepted.
    fn make_room(&mut self) {
        for _ in 0..self.ages.len() {
            if !self.is_full() {
                return;
            }
            let Some(oldest) = self.ages.pop_front() else {
                return;
            };
            match self.records.get(&oldest) {
                Some((record, _)) if is_held(record, Time::now()) => self.ages.push_back(oldest),
                _ => self.remove(&oldest),
            }
        }
    }
}

/// The bytes of what is kept of a success; all else is small.
fn size(record: &Record) -> usize {
    let State::Done(kept) = &record.state else {
        return 0;
    };
    match &**kept {
        Kept::Response { headers, body, .. } => {
            let headers = headers.iter();
            let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
            headers.sum::<usize>() + body.len()
        }
        Kept::Reply { result, outputs } => {
            let outputs = outputs.iter().map(|(_, value)| output_size(value));
            outputs.sum::<usize>() + result.as_ref().map_or(0, Bytes::len)
        }
        Kept::Nothing | Kept::TooLarge => 0,
    }
}

fn output_size(output: &Output) -> usize {
    match output {
        Output::Bytes(bytes) | Output::Json(bytes) => bytes.len(),
        Output::List(list) => list.iter().map(output_size).sum(),
        _ => 0,
    }
}

fn is_held(record: &Record, now: Time) -> bool {
    matches!(record.state, State::Running { until } if until > now)
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        let table = self.table();
        let found = table.records.get(key);
        Ok(found.map(|(record, version)| (record.clone(), Version::new(version.to_string()))))
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        let mut table = self.table();
        if table.records.contains_key(key) {
            return Ok(None);
        }
        table.ages.push_back(key.clone());
        Ok(Some(table.write(key, record)))
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        let mut table = self.table();
        match table.records.get(key) {
            Some((_, known)) if known.to_string() == version.as_str() => {
                Ok(Some(table.write(key, record)))
            }
            _ => Ok(None),
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.table().remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::Owner;
    use crate::proof::{every_interleaving, keeps_its_contract};

    fn record(state: State) -> Record {
        Record {
            about: "a test".into(),
            owner: Owner::random(),
            state,
            fingerprint: None,
            expires: Time::now().after(Duration::from_secs(60)),
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn memory_keeps_the_contract() {
        keeps_its_contract(&Memory::new()).await;
    }

    #[tokio::test]
    async fn every_interleaving_holds() {
        let plays = every_interleaving(&Memory::new(), 1).await;
        assert!(plays > 1_000, "{plays}");
    }

    #[tokio::test]
    #[ignore = "hundreds of thousands of plays: minutes"]
    async fn every_interleaving_with_two_faults_holds() {
        let plays = every_interleaving(&Memory::new(), 2).await;
        assert!(plays > 100_000, "{plays}");
    }

    #[tokio::test]
    async fn the_oldest_go_and_those_at_work_stay() {
        let memory = Memory::with_limits(3, 0);
        let until = Time::now().after(Duration::from_secs(60));
        let keys: Vec<_> = (0..10).map(|n: u32| Key::of([&*n.to_string()])).collect();
        for (n, key) in keys.iter().enumerate() {
            let state = if n == 0 {
                State::Running { until }
            } else {
                State::Done(Arc::default())
            };
            memory.create(key, &record(state)).await.unwrap().unwrap();
        }
        let mut there = Vec::new();
        for (n, key) in keys.iter().enumerate() {
            if memory.get(key).await.unwrap().is_some() {
                there.push(n);
            }
        }
        assert_eq!(there, [0, 8, 9]);
    }

    #[tokio::test]
    async fn answers_have_a_limit_together() {
        let memory = Memory::with_limits(100, 100);
        let keys = ["a", "b", "c"].map(|name| Key::of([name]));
        for key in &keys {
            let body = Bytes::from_static(&[0; 40]);
            let done = Kept::Response {
                status: isobar_core::StatusCode::OK,
                headers: isobar_core::HeaderMap::new(),
                body,
            };
            let begun = record(State::Free);
            let version = memory.create(key, &begun).await.unwrap().unwrap();
            let done = record(State::Done(Arc::new(done)));
            memory.update(key, &done, &version).await.unwrap().unwrap();
        }
        assert!(memory.get(&keys[0]).await.unwrap().is_none());
        assert!(memory.get(&keys[1]).await.unwrap().is_some());
        assert!(memory.get(&keys[2]).await.unwrap().is_some());
        assert_eq!(memory.table().bytes, 80);
    }
}
