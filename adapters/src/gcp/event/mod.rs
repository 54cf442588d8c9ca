//! Events: a file a source, and how they are told apart.
//!
//! Whatever arrives becomes CloudEvents first, in one of the three modes or by the translation of an
//! older form; then its type says what it is about.

mod decode;
mod firestore;
mod invoke;
mod legacy;
mod notification;
mod pubsub;
mod rules;
mod scheduler;
mod storage;
mod tasks;
#[cfg(test)]
mod tests;
mod typed;
mod unwrapped;

pub(super) use decode::{decode, is_sent_by_google, is_source};
pub(super) use rules::{Rules, Signature};
