//! The protocol: who may run, for how long, and what is left of it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use isobar_core::{Text, chain};

use crate::time::Clock;
use crate::{Fingerprint, Kept, Key, Owner, Record, State, Store, StoreError, Time, Version};

/// How long a run may be silent before it counts as dead.
const LEASE: Duration = Duration::from_secs(10);
/// The shortest lease: clocks differ, and each renewal is a write.
const SHORTEST: Duration = Duration::from_secs(1);
/// How long a record is kept: longer than any source delivers again what was not acknowledged.
const KEEP: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How often a lease is renewed within its length, so that two renewals may fail.
const RENEWALS: u32 = 3;
/// How often a write is tried while others write the same record, or the store does not answer.
const TRIES: u32 = 4;
/// How long is waited before a success is written again.
const PAUSE: Duration = Duration::from_millis(100);

/// The records of a store, as a wrapper uses them.
#[derive(Clone, Debug)]
pub(crate) struct Claims<S> {
    store: S,
    lease: Duration,
    pub(crate) keep: Duration,
    pub(crate) clock: Clock,
}

/// What asking for a key gave.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// The key is ours: run.
    Mine(Claim),
    /// Somebody runs, until this moment at least unless he dies.
    Elsewhere(Time, Option<Arc<Fingerprint>>),
    /// It was done.
    Done(Arc<Kept>, Option<Arc<Fingerprint>>),
}

/// A key that is ours while its lease lasts.
#[derive(Debug)]
pub(crate) struct Claim {
    key: Key,
    record: Record,
    /// `None` where the record is gone.
    version: Option<Version>,
    until: Time,
}

/// How a run that kept its key ended: with what it returned, or with a panic.
pub(crate) type Ended<T> = Result<T, Box<dyn Any + Send>>;

/// The key was lost to another run: by a lease that could not be renewed in time.
#[derive(Debug)]
pub(crate) struct Lost;

impl<S: Store> Claims<S> {
    pub(crate) fn new(store: S) -> Self {
        Self {
            store,
            lease: LEASE,
            keep: KEEP,
            clock: Clock::default(),
        }
    }

    /// Sets the lease, of a second at least.
    pub(crate) fn set_lease(&mut self, lease: Duration) {
        self.lease = lease.max(SHORTEST);
    }

    /// Asks for a key.
    pub(crate) async fn claim(
        &self,
        key: Key,
        about: Text,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Claimed, StoreError> {
        let (until, expires) = self.terms();
        let record = Record {
            about,
            owner: Owner::random(),
            state: State::Running { until },
            fingerprint: fingerprint.map(Arc::new),
            expires,
        };
        let mut found = None;
        for _ in 0..TRIES {
            let written = match &found {
                None => self.store.create(&key, &record).await?,
                Some(version) => self.store.update(&key, &record, version).await?,
            };
            if written.is_some() {
                return Ok(Claimed::Mine(Claim {
                    key,
                    record,
                    version: written,
                    until,
                }));
            }
            let Some((other, version)) = self.store.get(&key).await? else {
                found = None;
                continue;
            };
            // A store's own second try may have met what its first had written.
            if other.owner != record.owner
                && let Some(claimed) = self.taken(other)
            {
                return Ok(claimed);
            }
            found = Some(version);
        }
        Ok(Claimed::Elsewhere(until, None))
    }

    /// Returns what keeps a new run from a key; `None` where it is free.
    fn taken(&self, record: Record) -> Option<Claimed> {
        let now = self.clock.now();
        if record.expires <= now {
            return None;
        }
        match record.state {
            State::Running { until } if until > now => {
                Some(Claimed::Elsewhere(until, record.fingerprint))
            }
            State::Running { .. } | State::Free => None,
            State::Done(kept) => Some(Claimed::Done(kept, record.fingerprint)),
        }
    }

    /// Runs work while the key is kept; drops it as soon as the key is lost.
    pub(crate) async fn hold<F: Future>(
        &self,
        claim: &mut Claim,
        work: F,
    ) -> Result<Ended<F::Output>, Lost> {
        let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
        loop {
            let pause = pin!(self.clock.sleep(self.lease / RENEWALS));
            if let Either::Left((ended, _)) = select(work.as_mut(), pause).await {
                return Ok(ended);
            }
            let renewal = pin!(self.renew(claim));
            match select(work.as_mut(), renewal).await {
                Either::Left((ended, renewal)) => {
                    // A write that is on its way has to arrive before the next.
                    let _the_end_will_tell = renewal.await;
                    return Ok(ended);
                }
                Either::Right((renewed, _)) => renewed?,
            }
        }
    }

    async fn renew(&self, claim: &mut Claim) -> Result<(), Lost> {
        let (until, _) = self.terms();
        match self.write(claim, State::Running { until }).await {
            Ok(true) => claim.until = until,
            Ok(false) => return Err(Lost),
            Err(_) if self.clock.now() >= claim.until => return Err(Lost),
            Err(error) => tracing::warn!("a lease was not renewed: {}", chain(&error)),
        }
        Ok(())
    }

    /// Writes down that the work was done, over whatever else is there. The work is done whatever
    /// comes of it, so this only complains, after some tries.
    pub(crate) async fn done(&self, claim: &mut Claim, kept: Kept) {
        let done = State::Done(Arc::new(kept));
        for tries in 1.. {
            match self.write(claim, done.clone()).await {
                Ok(_or_another_has) => return,
                Err(error) if tries == TRIES => {
                    let (about, cause) = (&*claim.record.about, chain(&error));
                    tracing::error!("{about} was done, which could not be written down: {cause}");
                    return;
                }
                Err(_) => self.clock.sleep(PAUSE).await,
            }
        }
    }

    /// Gives the key back after a failure; where that fails, the lease's end does it.
    pub(crate) async fn free(&self, claim: &mut Claim) {
        if let Err(error) = self.write(claim, State::Free).await {
            tracing::warn!("a key is free only after its lease: {}", chain(&error));
        }
    }

    /// Writes a claim's new state; false where another run's record stays.
    async fn write(&self, claim: &mut Claim, state: State) -> Result<bool, StoreError> {
        claim.record.expires = match state {
            // A key that is held does not expire under who holds it.
            State::Running { .. } => self.terms().1,
            _ => self.clock.now().after(self.keep),
        };
        claim.record.state = state;
        let (key, record) = (&claim.key, &claim.record);
        for _ in 0..TRIES {
            let written = match &claim.version {
                Some(version) => self.store.update(key, record, version).await?,
                None => self.store.create(key, record).await?,
            };
            if written.is_some() {
                claim.version = written;
                return Ok(true);
            }
            claim.version = match self.store.get(key).await? {
                Some((found, version)) if record.replaces(&found) => Some(version),
                None if record.is_done() => None,
                _ => return Ok(false),
            };
        }
        Ok(false)
    }

    /// Returns until when a lease is that begins now, and when its record expires.
    fn terms(&self) -> (Time, Time) {
        let until = self.clock.now().after(self.lease);
        (until, until.after(self.keep))
    }
}

impl Record {
    fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// Returns true if this may be written over what was found in its place: it is of the same run,
    /// whose write before seemed to fail and did not; or it is a success, and that is none.
    fn replaces(&self, found: &Self) -> bool {
        found.owner == self.owner || (self.is_done() && !found.is_done())
    }
}
