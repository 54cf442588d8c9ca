//! Instructions an invocation, counted by callgrind: the same each time, whatever else the machine
//! does. What a start costs is taken out by counting twice.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::{Launch, Running};
use crate::stats::Problem;

/// Invocations of the two runs that are compared.
pub(crate) const FEW: usize = 100;
pub(crate) const MANY: usize = 600;

/// Whether they can be counted here.
pub(crate) fn can_be_counted() -> bool {
    let mut command = Command::new("valgrind");
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A program that runs under callgrind.
#[derive(Debug)]
pub(crate) struct Counted {
    pub running: Running,
    told: PathBuf,
}

/// Starts a program under callgrind.
pub(crate) fn start(launch: &Launch) -> Result<Counted, Problem> {
    let told = std::env::temp_dir().join(format!("isobar-bench-{}.callgrind", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", told.display()))
        .arg(&launch.program)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = launch.start_as(command)?;
    Ok(Counted { running, told })
}

/// Ends it, and returns what was counted.
pub(crate) fn collected(program: Counted) -> Result<f64, Problem> {
    program.running.end()?;
    let told = std::fs::read_to_string(&program.told)?;
    std::fs::remove_file(&program.told)?;
    counted(&told)
}

/// The count in what callgrind told.
pub(crate) fn counted(told: &str) -> Result<f64, Problem> {
    let count = told
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.ok_or("callgrind counted nothing")?;
    Ok(count.trim().parse()?)
}

/// Of one invocation, in thousands.
#[expect(clippy::cast_precision_loss, reason = "some hundreds")]
pub(crate) fn each(few: f64, many: f64) -> f64 {
    (many - few) / (MANY - FEW) as f64 / 1000.0
}
