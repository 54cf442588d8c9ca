//! The program's own lines on stderr.

use std::io::{IsTerminal, Write, stderr};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::config::Environment;

/// Installs a subscriber unless the program has one already. `RUST_LOG` takes levels and targets,
/// such as `info,isobar=debug`.
pub(crate) fn install(environment: &Environment) {
    let wanted = environment
        .text("RUST_LOG")
        .and_then(|text| text.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false);
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    let _a_program_may_have_its_own = tracing::subscriber::set_global_default(subscriber);
}

/// Writes why the program ends; a closed stderr is no reason to panic.
pub(crate) fn last_word(text: &str) {
    let _nobody_reads_it = writeln!(stderr(), "isobar: {text}");
}
