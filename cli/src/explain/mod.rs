//! `cargo isobar explain`: what a native event is, what a handler sees of it, and what its host does
//! with each outcome. It asks the translations that run in the cloud.

mod aws;
mod azure;
mod draw;
mod effect;
mod effects;
mod gcp;
mod input;
mod outcomes;
pub(crate) mod portable;
mod reading;
mod request;
mod signs;

use std::path::PathBuf;

use isobar_hosts::Capabilities;

use crate::fail::{Failure, Kind, Result};
use crate::say;
pub(crate) use draw::{columns, lines};
pub(crate) use effect::effect;
pub(crate) use input::{Input, http, portable_events, read};
pub(crate) use outcomes::{FAILS, FAILS_FOR_GOOD, LAST_FAILS, SUCCEEDS};
pub(crate) use reading::{Brings, Reading};

const EXAMPLES: &str = "\
Examples:
  cargo isobar explain event.json           an event from a log, of any host
  pbpaste | cargo isobar explain -          from standard input
  cargo isobar explain request.http         a request as text: POST /x, headers, an empty line, a body
  cargo isobar explain --function orders/function.json invocation.json
                                            Azure's invocation JSON with its function
  cargo isobar explain --json event.json    for scripts: exit code 1 where Isobar does not know it";

/// Explain a native event of any host: which source, what the handler sees, what outcomes do
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The file; - for standard input
    file: PathBuf,
    /// Azure: the function.json of the function that was invoked
    #[arg(long, value_name = "FILE")]
    function: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// Explains.
    pub(crate) fn run(self) -> Result<()> {
        let input = Input::open(&self.file, self.function.as_deref())?;
        let reading = read(&input);
        if self.json {
            say::data(format_args!("{:#}", serde_json::json!(reading)));
        } else {
            draw::draw(&reading);
        }
        if reading.known {
            return Ok(());
        }
        let message = format!("Isobar knows no such source: it is {}", reading.source);
        Err(Failure::new(Kind::Found, message))
    }
}

/// What a host cannot do, in words.
fn lost(capabilities: &Capabilities) -> Vec<String> {
    let rows = capabilities.rows();
    let lost = rows
        .iter()
        .filter_map(|(name, able)| Some(format!("{name}: {}", able.reason()?)));
    let limits = capabilities.limits();
    let limits = limits.iter().filter_map(|(name, limit)| {
        Some(format!(
            "{name}: {} bytes at most: {}",
            limit.bytes?, limit.reason
        ))
    });
    lost.chain(limits).collect()
}
