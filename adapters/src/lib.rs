//! One handler on AWS Lambda, Azure Functions and Google Cloud Run.
//!
//! Write a handler, start it, and run the same program on a laptop and on each cloud. It sees the
//! same request, the same [`Context`], the same events and the same errors on all of them.
//!
//! ```no_run
//! use isobar::{Request, RequestExt};
//!
//! async fn hello(request: Request) -> String {
//!     format!("Hello from {}!", request.context().provider())
//! }
//!
//! fn main() -> isobar::Exit {
//!     isobar::start(hello)
//! }
//! ```
//!
//! # Choosing the host
//!
//! [`start`] looks at the environment, says in one line which host it chose and why, and makes the
//! tokio runtime that suits it:
//!
//! | host | sign |
//! | --- | --- |
//! | AWS Lambda | `AWS_LAMBDA_RUNTIME_API` |
//! | Azure Functions | `FUNCTIONS_CUSTOMHANDLER_PORT` |
//! | Google Cloud Run, Cloud Run functions, Knative | `K_SERVICE`, `FUNCTION_TARGET` or `FUNCTION_SIGNATURE_TYPE` |
//! | this machine | nothing of these |
//!
//! `ISOBAR_HOST=aws|azure|gcp|local` overrides it. Who has a runtime of their own awaits
//! `isobar::gcp::run(handler)` and its siblings.
//!
//! # Features
//!
//! | feature | enables |
//! | --- | --- |
//! | `aws` (default) | AWS Lambda |
//! | `azure` (default) | Azure Functions |
//! | `gcp` (default) | Google Cloud Run, Cloud Run functions, Knative |
//! | `local` (default) | this machine, and plain containers |
//! | `oidc` | Google Cloud: the tokens of who sends events are verified |
//! | `inspect` | for development: a page that shows both sides of every translation |
//! | `otel` | a span an invocation, the program's own, and metrics, for an OpenTelemetry collector |
//! | `testing` | the module `testing`, for the tests of functions: ask for it among the dev-dependencies |
//!
//! With all of them one binary runs everywhere, which suits development; for a deployment build
//! the small one: `--no-default-features --features aws`.
//!
//! # What is not here
//!
//! No router (use axum's), no middleware (use tower's), no client of any cloud's services.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg_attr(
    not(any(feature = "aws", feature = "serve")),
    expect(dead_code, reason = "no host, few settings")
)]
mod config;
mod detect;
mod error;
mod exit;
mod json;
mod log;
mod misspelt;
mod phases;
mod start;

#[cfg(not(all(
    feature = "aws",
    feature = "azure",
    feature = "gcp",
    feature = "local",
    feature = "inspect",
    feature = "otel"
)))]
mod absent;
#[cfg(any(feature = "aws", feature = "serve"))]
mod authority;
mod calendar;
#[cfg(feature = "cloudevents")]
mod cloudevents;
#[cfg(any(feature = "aws", feature = "serve"))]
mod concurrency;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod forwarded;
#[cfg(any(feature = "aws", feature = "azure"))]
mod header_name;
#[cfg(any(feature = "aws", feature = "serve"))]
mod health;
#[cfg(all(not(feature = "inspect"), any(feature = "aws", feature = "serve")))]
use absent::inspect;
#[cfg(feature = "inspect")]
#[expect(
    clippy::allow_attributes,
    reason = "which of it is used depends on the features"
)]
#[allow(
    dead_code,
    unused_imports,
    reason = "which of it is used depends on the features"
)]
mod inspect;
#[cfg(any(feature = "aws", feature = "serve"))]
mod margin;
#[cfg(any(feature = "aws", feature = "azure", feature = "cloudevents"))]
mod media_type;
#[cfg(any(feature = "aws", feature = "serve", feature = "otel"))]
mod metrics;
#[cfg(not(any(feature = "aws", feature = "serve", feature = "otel")))]
use absent::metrics;
#[cfg(any(feature = "aws", feature = "serve"))]
mod names;
#[cfg(not(feature = "otel"))]
use absent::otel;
#[cfg(feature = "otel")]
#[cfg_attr(
    not(any(feature = "aws", feature = "serve")),
    expect(dead_code, unused_imports, reason = "no host, nothing to observe")
)]
mod otel;
#[cfg(feature = "serve")]
mod serve;
#[cfg(any(feature = "aws", feature = "azure"))]
mod slice;
#[cfg(feature = "serve")]
mod standby;
#[cfg(not(feature = "serve"))]
use absent::standby;
#[cfg(any(feature = "aws", feature = "serve"))]
mod signal;

#[cfg(not(feature = "aws"))]
use absent::aws;
#[cfg(feature = "aws")]
pub mod aws;

#[cfg(not(feature = "azure"))]
use absent::azure;
#[cfg(feature = "azure")]
pub mod azure;

#[cfg(not(feature = "gcp"))]
use absent::gcp;
#[cfg(feature = "gcp")]
pub mod gcp;

#[cfg(not(feature = "local"))]
use absent::local;
#[cfg(feature = "local")]
pub mod local;

#[cfg(feature = "testing")]
pub mod testing;
pub mod trace;

pub use error::RunError;
pub use exit::Exit;
pub use isobar_core::*;
#[doc(hidden)]
#[cfg(feature = "translate")]
pub use log::translate as log_translate;
pub use start::{start, start_with};

/// README's examples, compiled as doctests.
#[cfg(all(doctest, feature = "gcp"))]
#[doc = include_str!("../../README.md")]
struct Readme;
