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
mod cases;
mod gcp;
mod gcp_conformance;
mod gcp_events;
mod gcp_public;
mod hello;
mod host;
mod lambda;
mod programs;
mod server;
mod start;
mod table;
mod ui;
mod vectors;
