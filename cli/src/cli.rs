//! The command line.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};

use crate::fail::{EXIT_CODES, Result};
use crate::{check, deploy, dev, doctor, explain, infra, invoke, new, package, schema};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Examples:
  cargo isobar new demo                 a project that compiles, tests and runs
  cargo isobar dev                      serve it here, and again after each change
  cargo isobar dev --as aws             the same, as AWS Lambda would run it
  cargo isobar invoke --sqs --body hi   send it a message, and see both sides
  cargo isobar explain event.json       what an event from a log is
  cargo isobar build --aws              a zip archive for AWS Lambda
  cargo isobar infra --aws              what has to stand around it there";

/// One Rust handler on AWS Lambda, Azure Functions and Google Cloud Run, seen on your own machine.
#[derive(Debug, Parser)]
#[command(
    name = "cargo isobar",
    bin_name = "cargo isobar",
    version,
    styles = STYLES,
    after_help = EXAMPLES,
    after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"),
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::New),
    Dev(dev::Dev),
    Invoke(Box<invoke::Invoke>),
    Explain(explain::Explain),
    Check(check::Check),
    Build(package::Build),
    Deploy(deploy::Deploy),
    Logs(deploy::Logs),
    Remove(deploy::Remove),
    Infra(infra::Infra),
    Schema(schema::Schema),
    Doctor(doctor::Doctor),
}

/// Which package and binary is meant; what all commands that build have in common.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Target {
    /// The package, where the workspace has several
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The binary, where the package has several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,
    /// The path to Cargo.toml; that of this folder otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest_path: Option<std::path::PathBuf>,
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> Result<()> {
    match Cli::parse_from(arguments()).command {
        Command::New(new) => new.run(),
        Command::Dev(dev) => dev.run(),
        Command::Invoke(invoke) => invoke.run(),
        Command::Explain(explain) => explain.run(),
        Command::Check(check) => check.run(),
        Command::Build(build) => build.run(),
        Command::Deploy(deploy) => deploy.run(),
        Command::Logs(logs) => logs.run(),
        Command::Remove(remove) => remove.run(),
        Command::Infra(infra) => infra.run(),
        Command::Schema(_nothing_to_say) => {
            schema::Schema::run();
            Ok(())
        }
        Command::Doctor(doctor) => doctor.run(),
    }
}

/// The arguments; cargo gives the subcommand's own name as the first.
fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    let by_cargo = std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == "isobar");
    let skipped = usize::from(by_cargo);
    std::iter::once("cargo isobar".into()).chain(std::env::args_os().skip(1 + skipped))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            assert!(help.starts_with("Examples:"), "{}", command.get_name());
        }
    }
}
