//! Azure Functions: a custom handler.
//!
//! The host starts the program, and sends it HTTP on a port of its choice. A client's request comes
//! in one of three ways, which the app's own files choose: as invocation JSON, forwarded, or
//! proxied. Sources: <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers>,
//! and the host's own `src/WebJobs.Script/Workers/Http`.

mod app;
mod conninfo;
mod context;
mod error;
mod event;
mod http;
mod run;
mod text;

#[cfg(feature = "translate")]
#[doc(hidden)]
pub mod translate;

pub use crate::serve::Run;
pub use run::run;
pub(crate) use run::{BUILT, launch, workers};
