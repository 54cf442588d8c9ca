//! A real program under a clean, explicit environment, watched from outside.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use std::time::Duration;
//! use isobar_hosts::{Launch, free_port, program::Signal};
//!
//! let port = free_port()?;
//! let program = Launch::new("target/debug/hello").port("PORT", &port).start()?;
//! program.wait_listening(port.number()).await?;
//! program.signal(Signal::Terminate)?;
//! assert!(program.wait(Duration::from_secs(10)).await?.success());
//! # Ok(()) }
//! ```

mod launch;
mod memory;
mod output;
mod port;
mod running;

pub use launch::Launch;
pub use memory::Memory;
pub use output::{Line, Stream};
pub(crate) use port::connect;
pub use port::{Port, free_port};
pub use running::{Program, Signal, Stopped};
