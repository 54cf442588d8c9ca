//! The suites that every host must pass; they are in `suite/`.
//!
//! `cargo test -p isobar-tests` runs them all, `cargo test -p isobar-tests gcp` one host's,
//! `cargo test -p isobar-tests body` one subject's.
