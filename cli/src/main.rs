//! `cargo isobar`: from nothing to a function seen on every cloud's contract, on a laptop.
//!
//! A command's module has its arguments, its help and its doing. People's words go to stderr, data
//! to stdout ([`say`]), and the exit code tells which kind of thing went wrong ([`fail`]).

mod build;
mod check;
mod cli;
mod deploy;
mod dev;
mod doctor;
mod explain;
mod fail;
mod infra;
mod invoke;
mod manifest;
mod new;
mod package;
mod project;
mod run;
mod say;
mod schema;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.say();
            failure.code()
        }
    }
}
