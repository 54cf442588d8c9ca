//! HTTP events and their answers: a file for each shape on the wire.

mod alb;
mod answer;
mod body;
mod detect;
pub(super) mod event;
mod fields;
mod http_api;
mod lattice;
mod query;
mod request;
mod rest;
mod target;
mod websocket;
mod wire;

pub use answer::Door;
#[cfg(test)]
mod tests;

pub(super) use answer::{Unsayable, write, write_prelude};

pub(super) use detect::{Misfit, shape};
pub(super) use request::{Incoming, Rules, read};
