//! Traces and metrics for an OpenTelemetry collector: a span an invocation, and the program's own within
//! it; what is counted of invocations.
//!
//! `tracing` stays the one front: tracing-opentelemetry makes spans of its spans, so what a program
//! records by `tracing` or by OpenTelemetry's own API is one trace. The export is driven by the host:
//! it alone knows when the process may be frozen or killed.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.

mod attributes;
mod client;
mod invocation;
mod layer;
mod links;
mod metrics;
mod patience;
mod pipeline;
mod queue;
mod resource;
mod settings;
mod spans;

pub(crate) use invocation::Invocation;
pub use layer::layer;
pub(crate) use layer::{current, observe};
pub(crate) use metrics::Metrics;
#[cfg(feature = "aws")]
pub(crate) use pipeline::flush;
pub(crate) use pipeline::{in_background, metrics, report, serves, until};
pub(crate) use settings::VARIABLES;
