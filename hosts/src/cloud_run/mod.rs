//! The container contract of Cloud Run, Cloud Run functions and Knative.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use std::time::Duration;
//! use isobar_hosts::{Front, Launch, body, cloud_run::{Metadata, Service, Signature}};
//!
//! let metadata = Metadata::serve("my-project", "europe-west1").await?;
//! let service = Service::new(Launch::new("target/debug/hello"))
//!     .function("hello", Signature::Http)
//!     .metadata(&metadata);
//! let started = service.start().await?;
//! let request = http::Request::get("https://hello.a.run.app/x").body(body::empty())?;
//! assert_eq!(started.front.send(request).await?.status(), 200);
//! assert!(!started.program.stop(Duration::from_secs(10)).await?.killed);
//! # Ok(()) }
//! ```
//!
//! `PORT` and the other variables are those of the documents "Container runtime contract" and
//! "Configure your function"; what the front end does to headers is in [`CloudRun`].

mod front_end;
mod knative;
mod metadata;
mod sender;
mod service;
mod trace;

pub use metadata::Metadata;
pub use sender::{Message, Sender, Sent};
pub use service::{CloudRun, Service, Signature};

#[cfg(test)]
mod tests;
