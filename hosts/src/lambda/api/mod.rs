//! The Runtime API's server.

mod connection;
mod extension;
mod memory;
mod next;
mod post;
mod reply;
mod server;
mod state;

pub use server::RuntimeApi;
pub(super) use state::Identity;

pub(super) const REQUEST_ID: &str = "Lambda-Runtime-Aws-Request-Id";
pub(super) const DEADLINE: &str = "Lambda-Runtime-Deadline-Ms";
pub(super) const ARN: &str = "Lambda-Runtime-Invoked-Function-Arn";
pub(super) const TRACE_ID: &str = "Lambda-Runtime-Trace-Id";
pub(super) const INVOCATION_ID: &str = "Lambda-Runtime-Invocation-Id";
pub(super) const MODE: &str = "Lambda-Runtime-Function-Response-Mode";
pub(super) const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";

/// The longest payload each way: `interop.MaxPayloadSize`.
pub(super) const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024 + 100;
/// The longest streamed response.
pub(super) const STREAM_LIMIT: u64 = 200 * 1024 * 1024;
/// The longest error of a concurrent function.
pub(super) const ERROR_LIMIT: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
