//! What an invocation costs, ours beside the peers', in one run: `cargo run -p bench --release`.
//!
//! Hosts are played on loopback towards release binaries that are built here. Host and program
//! share one core, since an idle virtual core takes longer to wake than an invocation to run; the
//! programs of a work take turns, so that what else the machine does hits all of them; figures are
//! medians of the turns. It is not a cloud: nothing is throttled, no sandbox starts, no TLS.

#![expect(
    clippy::future_not_send,
    reason = "host and clients share one thread, as they share one core"
)]

mod chart;
mod http;
mod instructions;
mod lambda;
mod machine;
mod process;
mod programs;
mod sample;
mod stats;
mod table;
mod translations;
mod wire;
mod works;

use std::path::PathBuf;
use std::process::ExitCode;

use programs::{Programs, TRANSLATIONS};

/// What the command line asks for.
#[derive(Debug, Default)]
struct Options {
    /// Works whose name has this in it, alone.
    only: Option<String>,
    /// One short turn of each: to see that all of it runs.
    quick: bool,
    /// README, whose table is written anew, and its chart beside.
    readme: Option<PathBuf>,
    /// Instructions of the translations alone, beside a file's.
    translations: bool,
    baseline: Option<PathBuf>,
    /// The programs as they were built last.
    built: bool,
}

const USAGE: &str = "\
Measures what an invocation costs, ours beside the peers', and prints the table.

usage: cargo run -p bench --release -- [options]

  --only TEXT      the works alone that have TEXT in their name
  --quick          one short turn of each, to see that all of it runs
  --readme FILE    write the table into FILE, between its marks, and docs/bench.svg beside it
  --translations   count the instructions of the translations alone, by valgrind
  --baseline FILE  with --translations: beside those that FILE has; writes it where it is not there
  --built          take the programs as they were built last

Instructions are counted where valgrind is installed.";

fn options() -> Result<Option<Options>, String> {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} wants a value"))
        };
        match argument.as_str() {
            "--only" => options.only = Some(value()?),
            "--quick" => options.quick = true,
            "--readme" => options.readme = Some(value()?.into()),
            "--translations" => options.translations = true,
            "--baseline" => options.baseline = Some(value()?.into()),
            "--built" => options.built = true,
            "--help" | "-h" => return Ok(None),
            _ => return Err(format!("there is no option {argument}\n\n{USAGE}")),
        }
    }
    Ok(Some(options))
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command's own output"
)]
fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    match measure(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn measure(options: &Options) -> Result<(), stats::Problem> {
    if options.translations {
        let programs = Programs::build(|name| name == TRANSLATIONS, options.built)?;
        let program = programs.get(TRANSLATIONS)?;
        return translations::compare(program, options.baseline.as_deref());
    }
    let programs = Programs::build(|name| name != TRANSLATIONS, options.built)?;
    machine::share_one_core()?;
    let rows = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(tokio::task::LocalSet::new().run_until(works::all(&programs, options)))?;
    let table = table::table(&rows, &machine::describe());
    println!("\n{table}");
    if let Some(readme) = &options.readme {
        table::write(readme, &table)?;
        let chart = readme.with_file_name("docs").join("bench.svg");
        std::fs::write(&chart, chart::chart(&rows))?;
    }
    Ok(())
}
