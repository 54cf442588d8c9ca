//! `cargo isobar schema`: what the manifest may hold, for editors and other tools.

use crate::{manifest, say};

const EXAMPLES: &str = "\
Examples:
  cargo isobar schema > isobar.schema.json
  cargo isobar schema | jq '.properties | keys'";

/// Print the JSON schema of [package.metadata.isobar]
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schema {}

impl Schema {
    /// Prints it.
    pub(crate) fn run() {
        say::data(format_args!("{:#}", manifest::schema()));
    }
}
