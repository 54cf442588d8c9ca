//! Google Cloud Run, Cloud Run functions and Knative.
//!
//! The container contract is plain HTTP on `PORT`, HTTP/1.1 or cleartext HTTP/2. Source:
//! <https://cloud.google.com/run/docs/container-contract>.

mod auth;
mod conninfo;
mod context;
mod event;
mod events;
mod metadata;
mod run;
mod trace;
#[cfg(feature = "translate")]
#[doc(hidden)]
pub mod translate;

pub use crate::serve::Run;
pub use run::run;
pub(crate) use run::{BUILT, launch, workers};
