use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use isobar_core::async_trait;

use crate::{Key, Owner, Record, State, Store, StoreError, Version};

/// Where a process stops before each of its steps.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Steps>);

#[derive(Debug, Default)]
struct Steps {
    last: u32,
    waiting: BTreeMap<u32, (Step, Option<Waker>)>,
    allowed: BTreeMap<u32, bool>,
    /// How many go on at this moment.
    busy: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Get,
    Create,
    Update,
    Effect,
    AfterEffect,
}

/// A step that goes on, until it is dropped.
pub(super) struct Going<'g> {
    gate: &'g Gate,
    /// True if the step is to go wrong.
    pub(super) fault: bool,
}

impl Gate {
    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for leave to go on.
    pub(super) async fn stop(&self, step: Step) -> Going<'_> {
        let place = {
            let mut steps = self.steps();
            steps.last += 1;
            let place = steps.last;
            steps.waiting.insert(place, (step, None));
            place
        };
        poll_fn(|cx| {
            let mut steps = self.steps();
            if let Some(fault) = steps.allowed.remove(&place) {
                return Poll::Ready(Going { gate: self, fault });
            }
            if let Some((_, waker)) = steps.waiting.get_mut(&place) {
                *waker = Some(cx.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    /// Returns what waits here, with its place.
    pub(super) fn waiting(&self) -> Vec<(u32, Step)> {
        let steps = self.steps();
        steps
            .waiting
            .iter()
            .map(|(place, (step, _))| (*place, *step))
            .collect()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.steps().busy > 0
    }

    /// Lets one go on, with a fault or without.
    pub(super) fn allow(&self, place: u32, fault: bool) {
        let mut steps = self.steps();
        let waiting = steps.waiting.remove(&place);
        steps.allowed.insert(place, fault);
        steps.busy += 1;
        drop(steps);
        if let Some((_, Some(waker))) = waiting {
            waker.wake();
        }
    }
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.gate.steps().busy -= 1;
    }
}

/// A store each of whose operations stops at a gate; a fault is an answer that is lost.
#[derive(Debug)]
pub(super) struct Stepped<S> {
    pub(super) store: S,
    pub(super) gate: Arc<Gate>,
    /// Who wrote that it was done, and had it written.
    pub(super) done: Arc<Mutex<Vec<Owner>>>,
}

impl<S> Stepped<S> {
    fn wrote(&self, record: &Record, version: Option<&Version>) {
        if version.is_some() && matches!(record.state, State::Done(_)) {
            self.done.lock().unwrap().push(record.owner);
        }
    }
}

fn answer<T>(going: &Going<'_>, result: Result<T, StoreError>) -> Result<T, StoreError> {
    if going.fault {
        return Err(StoreError::new("the answer was lost"));
    }
    result
}

#[async_trait]
impl<S: Store> Store for Stepped<S> {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        let going = self.gate.stop(Step::Get).await;
        answer(&going, self.store.get(key).await)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        let going = self.gate.stop(Step::Create).await;
        answer(&going, self.store.create(key, record).await)
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        let going = self.gate.stop(Step::Update).await;
        let result = self.store.update(key, record, version).await;
        if let Ok(written) = &result {
            self.wrote(record, written.as_ref());
        }
        answer(&going, result)
    }

    async fn delete(&self, _key: &Key) -> Result<(), StoreError> {
        panic!("the wrappers never delete");
    }
}
