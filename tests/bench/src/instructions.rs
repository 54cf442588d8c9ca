//! Instructions an invocation, counted by callgrind: the same each time, whatever else the machine
//! does. What a start costs is taken out by counting twice.

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

/// Starts a program under callgrind.
pub(crate) fn start(launch: &Launch) -> Result<Running, Problem> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(&launch.program)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    launch.start_as(command)
}

/// Ends a program that runs under callgrind, and returns what was counted.
pub(crate) fn collected(running: Running) -> Result<f64, Problem> {
    counted(&running.end()?)
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
