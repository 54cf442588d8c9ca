//! Loads `mirror` on each host: many connections for a while, many invocations one after the other.
//!
//! ```text
//! cargo build --release -p mirror
//! cargo run --release -p isobar-hosts --example load -- target/release/mirror
//!     [--connections 256] [--seconds 60] [--invocations 100000] [--growth 5]
//! ```
//!
//! It fails when an answer is wrong or missing, when the process ends, or when the memory of the last
//! tenth of a run is more than so many percent above that of the second tenth.

#![expect(clippy::print_stdout, reason = "it reports")]

mod lambda;
mod measure;
mod servers;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use measure::{Measured, report};

/// What went wrong, for who started it.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What is asked for.
struct Wanted {
    program: PathBuf,
    connections: usize,
    time: Duration,
    invocations: usize,
    growth: f64,
}

impl Wanted {
    fn read() -> Result<Self> {
        let mut wanted = Self {
            program: PathBuf::new(),
            connections: 256,
            time: Duration::from_secs(60),
            invocations: 100_000,
            growth: 5.0,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let missing = || format!("{argument} wants a value");
            let mut value = || arguments.next().ok_or_else(missing);
            match &*argument {
                "--connections" => wanted.connections = value()?.parse()?,
                "--seconds" => wanted.time = Duration::from_secs_f64(value()?.parse()?),
                "--invocations" => wanted.invocations = value()?.parse()?,
                "--growth" => wanted.growth = value()?.parse()?,
                _ => wanted.program = PathBuf::from(argument).canonicalize()?,
            }
        }
        if wanted.program.as_os_str().is_empty() {
            return Err("usage: load PROGRAM".into());
        }
        Ok(wanted)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let wanted = Wanted::read()?;
    let (mut passed, mut failed) = (0, 0);
    for server in servers::ALL {
        let measured = servers::load(&wanted, server).await?;
        *(if holds(&wanted, server.name(), &measured) {
            &mut passed
        } else {
            &mut failed
        }) += 1;
    }
    let measured = lambda::load(&wanted).await?;
    *(if holds(&wanted, "lambda", &measured) {
        &mut passed
    } else {
        &mut failed
    }) += 1;
    println!("load: {passed} passed, {failed} failed");
    if failed == 0 {
        Ok(())
    } else {
        Err("it did not hold".into())
    }
}

/// Reports a run, and returns whether it held what is promised.
fn holds(wanted: &Wanted, name: &str, measured: &Measured) -> bool {
    println!("{name}: {}", report(measured));
    for wrong in &measured.wrong {
        println!("{name}: WRONG: {wrong}");
    }
    let is_flat = measured.growth() <= wanted.growth;
    if !is_flat {
        println!("{name}: WRONG: its memory grows");
    }
    measured.wrong.is_empty() && is_flat && !measured.micros.is_empty()
}
