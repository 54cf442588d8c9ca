//! Events: a file a trigger, and what the triggers share.
//!
//! The host sends all but HTTP as invocation JSON, and takes the invocation's outcome as that of all
//! its events.

mod blob;
mod blob_name;
mod cloud_event;
mod cosmos_db;
mod dates;
mod decode;
mod delivery;
mod event_grid;
mod event_hub;
mod forged;
mod form;
mod kafka;
mod messages;
mod metadata;
mod other;
mod outputs;
mod queue;
mod routes;
mod service_bus;
mod settle;
mod sql;
mod timer;
mod value;

pub(super) use decode::{Decoded, Rules, decode, tell};
pub(super) use routes::{is_for_nobody, is_handled, wanted};
pub(super) use settle::{nothing, settle, unread};

#[cfg(test)]
mod tests;
