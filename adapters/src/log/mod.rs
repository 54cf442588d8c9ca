//! What the program says, in the form of the host that reads it.
//!
//! A `Record` is what all forms are made of, `Form` is which one it is, and each form has a file.

mod aws;
mod azure;
#[cfg(test)]
mod cost;
mod fields;
mod form;
mod gcp;
#[cfg(feature = "inspect")]
mod inspected;
mod install;
mod json;
mod layer;
mod levels;
mod panics;
mod record;
#[cfg(test)]
mod tests;
mod text;
mod time;
#[cfg(feature = "translate")]
pub mod translate;

#[cfg(not(feature = "inspect"))]
use crate::absent::inspected;

#[cfg(feature = "aws")]
pub(crate) use form::Stream;
#[cfg(test)]
pub(crate) use install::subscriber;
pub(crate) use install::{install, last_word};
#[cfg(any(feature = "aws", feature = "serve", feature = "otel"))]
pub(crate) use layer::is_invocation;
#[cfg(feature = "gcp")]
pub(crate) use layer::serves;
#[cfg(feature = "aws")]
pub(crate) use time::Rfc3339;
