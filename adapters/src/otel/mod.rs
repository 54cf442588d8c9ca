//! Traces for an OpenTelemetry collector: a span an invocation, and the program's own within it.
//!
//! `tracing` stays the one front: tracing-opentelemetry makes spans of its spans, so what a program
//! records by `tracing` or by OpenTelemetry's own API is one trace. The export is driven by the host:
//! it alone knows when the process may be frozen or killed.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.

mod attributes;
mod export;
mod invocation;
mod layer;
mod links;
mod pipeline;
mod queue;
mod resource;
mod settings;

pub(crate) use invocation::Invocation;
pub use layer::layer;
pub(crate) use layer::{current, observe};
#[cfg(feature = "aws")]
pub(crate) use pipeline::flush;
pub(crate) use pipeline::{in_background, report, serves, until};
