//! AWS Lambda: every HTTP front door, buffered and streamed.
//!
//! The loop speaks the Runtime API. A REST API, an HTTP API, a function URL, a load balancer, VPC
//! Lattice and a WebSocket API's CONNECT all come to the same request; the answer goes back in the
//! form that its front door takes.
//!
//! # What is not here
//!
//! A WebSocket's messages, and events: they are failed invocations that say so.

mod conninfo;
mod context;
mod error;
mod http;
mod json;
mod run;
mod runtime;
mod settings;
mod trace;

#[doc(hidden)]
#[cfg(feature = "translate")]
pub mod translate;

#[doc(hidden)]
pub use http::Door;
pub use lambda_runtime::SnapStartResource;
pub(crate) use run::{BUILT, launch, workers};
pub use run::{Run, run};
pub use settings::ResponseMode;
