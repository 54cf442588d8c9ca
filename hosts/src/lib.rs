//! Each cloud's function host as a library, played towards a program.
//!
//! A host here is what stands around a function in the cloud: AWS Lambda's Runtime API with the
//! services that invoke it, the Azure Functions host, the front end of Cloud Run. It starts a real
//! program under the host's own environment, speaks the host's own wire with it over loopback, and
//! is as strict, as lossy and as impatient as the original. A program that satisfies it has no
//! reason to know that it is not in the cloud.
//!
//! Every host that serves HTTP is a [`Front`]: one test suite runs over all of them, and
//! [`Capabilities`] says what each cannot do, and why.
//!
//! What is not here: the clouds' control planes, their limits on money, and isobar itself. This
//! crate knows the wire only, so that it cannot share a mistake with the adapters.

pub mod body;
mod calendar;
pub mod client;
pub mod cloud_run;
mod error;
mod front;
pub mod functions;
mod headers;
mod ids;
pub mod lambda;
mod listening;
pub mod local;
#[cfg(test)]
mod peer;
pub mod program;
mod sync;
mod tap;
mod wire;

pub use body::Body;
pub use client::Client;
pub use error::{BoxError, Error};
pub use front::{Able, Capabilities, Front, Limit, Started};
pub use listening::Listening;
pub use program::{Launch, Program, free_port};
pub use tap::{Native, Tap};
