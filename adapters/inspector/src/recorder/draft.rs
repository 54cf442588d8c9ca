//! An invocation that is being recorded.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::{Record, State, Store, secret};

tokio::task_local! {
    pub(super) static CURRENT: Draft;
}

/// What records, in this process.
pub(super) static RECORDER: OnceLock<Store> = OnceLock::new();

/// The draft of a record. A clone is the same draft; the guard that ends it is apart.
#[derive(Clone, Debug)]
pub(super) struct Draft(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    began: Instant,
    store: Store,
    /// Until it is known to be an invocation, and no probe or ping.
    pending: Mutex<Option<Record>>,
}

impl Draft {
    pub(super) fn begin(store: &Store, begin: impl FnOnce(&mut Record)) -> Self {
        static PROCESS: OnceLock<String> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let process = PROCESS.get_or_init(|| secret().chars().take(12).collect());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut record = Record {
            id: format!("{process}-{count}"),
            began_ms: now_ms(),
            host: super::seams::host().to_owned(),
            ..Record::default()
        };
        begin(&mut record);
        Self(Arc::new(Inner {
            id: record.id.clone(),
            began: Instant::now(),
            store: store.clone(),
            pending: Mutex::new(Some(record)),
        }))
    }

    /// Changes the record, wherever it is.
    pub(super) fn change(&self, change: impl FnOnce(&mut Record)) {
        let mut pending = self.pending();
        match &mut *pending {
            Some(record) => change(record),
            None => self.0.store.change(&self.0.id, change),
        }
    }

    /// Returns true if no request has arrived within it.
    pub(super) fn is_of_nothing(&self) -> bool {
        let pending = self.pending();
        { pending.as_ref() }.is_some_and(|record| record.native_in.line.is_empty())
    }

    /// Shows it from now on.
    pub(super) fn show(&self) {
        let record = self.pending().take();
        if let Some(record) = record {
            self.0.store.put(record);
        }
    }

    /// Returns the time since the beginning, in microseconds.
    pub(super) fn elapsed(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Ends it. What reached no handler and went well, a probe or a ping, was no invocation.
    pub(super) fn end(&self) {
        let took = self.elapsed();
        let is_failed = |record: &Record| record.native_out.as_ref().is_some_and(is_failed);
        let is_probe = self
            .pending()
            .as_ref()
            .is_some_and(|record| !is_failed(record));
        if is_probe {
            return;
        }
        self.show();
        self.0.store.change(&self.0.id, |record| {
            record.timing.told.get_or_insert(took);
            if record.state == State::Running {
                record.state = record.judge();
            }
        });
    }

    /// Ends it without an answer.
    pub(super) fn lose(&self) {
        let has_been_shown = self.pending().is_none();
        if has_been_shown {
            self.0.store.change(&self.0.id, |record| {
                if record.state == State::Running {
                    record.state = State::Lost;
                }
            });
        }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Option<Record>> {
        { self.0.pending.lock() }.unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_failed(native: &crate::Native) -> bool {
    native.line == "error" || native.status().is_some_and(|status| status >= 400)
}

/// Ends a draft when it is dropped; without an answer, unless it was told of one.
#[derive(Debug)]
pub(super) struct Guard {
    draft: Draft,
    pub(super) is_answered: bool,
}

impl Guard {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            draft,
            is_answered: false,
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.is_answered {
            self.draft.end();
        } else {
            self.draft.lose();
        }
    }
}

pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
