//! One behaviour suite, written once, run against every host with real programs over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod azure;
mod azure_events;
mod cases;
mod events;
mod faults;
mod forgery;
mod gcp;
mod gcp_conformance;
mod gcp_events;
mod gcp_public;
mod hello;
mod host;
mod lambda;
mod lambda_events;
mod life;
mod logs;
mod metrics;
mod once;
#[cfg(feature = "otel")]
mod otel;
mod programs;
mod server;
mod snapstart;
mod start;
mod table;
mod todo;
mod ui;
mod vectors;
