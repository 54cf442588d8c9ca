//! The loop on the Runtime API: next, handle, answer.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

mod buffer;
mod call;
mod connection;
mod endpoint;
mod extension;
mod invoke;
mod pause;
pub(super) mod reply;
mod restore;
mod run;
mod shutdown;
mod stream;
mod worker;

#[cfg(test)]
mod tests;

pub(super) use run::{refused, run};
