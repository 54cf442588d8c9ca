//! What is remembered of one event or request.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use isobar_core::{Bytes, HeaderMap, Outputs, StatusCode, Text};

use crate::{Fingerprint, Time};

/// What is remembered of one event or request. A clone costs some reference counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is about, in words for who looks into the store.
    pub about: Text,
    /// Who wrote it: one run of one handler.
    pub owner: Owner,
    /// How far that run is.
    pub state: State,
    /// What tells a repeat from another request under the same key; `None` for events, whose key
    /// says all.
    pub fingerprint: Option<Arc<Fingerprint>>,
    /// From when on it counts as absent.
    pub expires: Time,
}

/// How far a run is; the crate's documentation has the diagram.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// A handler runs; after `until` it counts as dead.
    Running {
        /// The end of the lease, which is renewed while the handler runs.
        until: Time,
    },
    /// The handler failed: whoever comes next may run.
    Free,
    /// The handler succeeded.
    Done(Arc<Kept>),
}

/// What a success gave, for who asks again.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Kept {
    /// Nothing beside success.
    #[default]
    Nothing,
    /// An event handler's reply.
    Reply {
        /// The result as JSON.
        result: Option<Bytes>,
        /// The values for output bindings.
        outputs: Outputs,
    },
    /// An HTTP response.
    Response {
        /// Its status.
        status: StatusCode,
        /// Its headers.
        headers: HeaderMap,
        /// Its whole body.
        body: Bytes,
    },
    /// An HTTP response that was larger than what is kept.
    TooLarge,
}

/// One run of one handler: a random word, the same in all that the run writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(u64);

impl Owner {
    /// Makes one that nobody else has.
    pub fn random() -> Self {
        // each state of std's hash maps has keys of its own
        Self(RandomState::new().hash_one(0_u8))
    }

    /// Takes back what [`as_u64`](Self::as_u64) returned.
    pub fn from_u64(word: u64) -> Self {
        Self(word)
    }

    /// Returns the word.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}
