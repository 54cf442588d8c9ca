//! HTTP requests with `Idempotency-Key`, each answered once.
//!
//! Source: draft-ietf-httpapi-idempotency-key-header-07,
//! <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07>.

mod answer;
mod key;
mod layer;
mod refusal;
mod service;
#[cfg(test)]
mod tests;

pub use layer::IdempotencyKeyLayer;
pub use service::IdempotencyKey;
