//! Functions that remember, on any cloud: an event or request that comes twice is handled once.
//!
//! Every source of events delivers at least once, and every client may repeat a request whose
//! answer it did not get. Two wrappers catch what comes again, by records in a [`Store`]:
//!
//! - [`idempotent()`] wraps a handler of events, by their [`dedup_key`](isobar_core::Event::dedup_key);
//! - [`IdempotencyKeyLayer`] is a tower layer for HTTP requests with the header `Idempotency-Key`.
//!
//! # What a record says
//!
//! ```text
//!                    create: one of many wins
//!   (absent) ─────────────────────────────────────► running, until a moment ◄─┐ renewed, while
//!      ▲                                            │      │     ▲    └───────┘ the handler runs
//!      │                                  succeeded │      │     │ update, by the version that was
//!      │                                            ▼      │     │ read: one of many wins
//!      │ expired                                  done     │     │
//!      └───────────────────────────────────────────┘       │     │
//!                                                          ▼     │
//!                                failed or panicked:  free, or the moment has passed: it died
//! ```
//!
//! Who finds a record *done* returns what is kept in it. Who finds it *running* comes again later.
//! Who finds it *free*, or its moment passed, runs the handler.
//!
//! # What that promises
//!
//! - **At least once, in the end**: an event is acknowledged only after a run of its handler
//!   succeeded. A handler that fails or panics frees the key at once; one that dies, or is dropped at
//!   its deadline, by the end of its lease, 10 seconds later at most.
//! - **At most once per success**: while a run lives no other begins, and none after one that
//!   succeeded, until the record expires.
//! - **Not exactly once.** A process that dies between the handler's effect and the record leaves the
//!   effect without the record, and the next delivery has it again. No wrapper can know better. Where
//!   this must not be, let the effect be one that can be repeated: a write under the event's own key,
//!   or one transaction that writes the effect and the key.
//! - A run that cannot renew its lease in time is dropped where it awaits, since another may begin.
//! - Where the store cannot be reached nothing runs: an event is delivered again later, a request gets a 503.
//! - Work given to [`wait_until`](isobar_core::Context::wait_until) is not waited for before the
//!   success is written down.
//!
//! It needs tokio's timer, which each host's runtime has.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(all(feature = "objects", feature = "sql")))]
mod absent;
mod claims;
mod event;
mod http;
#[cfg(feature = "json")]
mod json;
mod key;
mod memory;
#[cfg(feature = "objects")]
mod objects;
mod open;
#[cfg(test)]
mod proof;
mod record;
#[cfg(feature = "sql")]
mod sql;
mod store;
mod time;

pub use event::{Idempotent, idempotent};
pub use http::{IdempotencyKey, IdempotencyKeyLayer};
pub use key::{Fingerprint, Key};
pub use memory::Memory;
#[cfg(feature = "objects")]
pub use objects::Objects;
pub use open::{open, open_url};
pub use record::{Kept, Owner, Record, State};
#[cfg(feature = "sql")]
pub use sql::Sql;
pub use store::{Store, StoreError, Version};
pub use time::Time;
