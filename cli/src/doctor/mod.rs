//! `cargo isobar doctor`: what this machine has, what it lacks, and the one command that mends it.

mod look;
mod probe;

pub(crate) use probe::on_path;

use serde::Serialize;

use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::say;

const EXAMPLES: &str = "\
Examples:
  cargo isobar doctor              all of it
  cargo isobar doctor --only aws   what AWS needs, beside Rust
  cargo isobar doctor --json       for scripts: exit code 1 where something needed is missing";

/// Look whether this machine has what it takes, and say what mends it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// Look only at Rust and at what this cloud needs
    #[arg(long, value_name = "CLOUD")]
    only: Option<Cloud>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It is there.
    Good,
    /// It is missing, and only some commands want it.
    Optional,
    /// It is missing, and nothing goes without it.
    Missing,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Item {
    /// To what it belongs.
    pub(crate) group: &'static str,
    /// What it is.
    pub(crate) name: &'static str,
    /// How it stands.
    pub(crate) state: State,
    /// Its version, or what is known of it.
    pub(crate) found: String,
    /// The one command that mends it, where it is missing.
    pub(crate) mend: Option<String>,
}

impl Doctor {
    /// Looks.
    pub(crate) fn run(self) -> Result<()> {
        let items = look::all(self.only);
        if self.json {
            say::data(serde_json::json!({"items": items}));
        } else {
            draw(&items);
        }
        let missing = items
            .iter()
            .filter(|item| item.state == State::Missing)
            .count();
        if missing == 0 {
            say::status("Healthy", "all that is needed is there");
            return Ok(());
        }
        Err(Failure::new(
            Kind::Found,
            "something that is needed is missing",
        ))
    }
}

fn draw(items: &[Item]) {
    let mut group = "";
    for item in items {
        if item.group != group {
            group = item.group;
            say::data(say::paint(say::BOLD, group));
        }
        let (style, sign) = match item.state {
            State::Good => (say::GOOD, "ok"),
            State::Optional => (say::WARN, "--"),
            State::Missing => (say::BAD, "!!"),
        };
        let sign = say::paint(style, sign);
        say::data(format_args!("  {sign} {:<22} {}", item.name, item.found));
        if let Some(mend) = &item.mend {
            say::data(format_args!(
                "     {:<22} {}",
                "",
                say::paint(say::NOTE, mend)
            ));
        }
    }
}
