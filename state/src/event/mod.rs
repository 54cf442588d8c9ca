//! Events, each handled once.

mod idempotent;
mod reply;
#[cfg(test)]
mod tests;

pub use idempotent::{Idempotent, idempotent};
