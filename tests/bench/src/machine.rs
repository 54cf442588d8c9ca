//! The machine: its cores, and what stands beside the figures.

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use crate::stats::Problem;

/// Keeps this process, and all that it starts from now on, on one core.
pub(crate) fn share_one_core() -> Result<(), Problem> {
    let mut core = CpuSet::new();
    // not the first, which has the machine's own work
    let last = std::thread::available_parallelism()?.get() - 1;
    core.set(last)?;
    sched_setaffinity(Pid::from_raw(0), &core)?;
    Ok(())
}

/// The processor, the system and the compiler, in one line.
pub(crate) fn describe() -> String {
    let model = std::fs::read_to_string("/proc/cpuinfo")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(
            || "an unknown processor".to_owned(),
            |(_, name)| name.trim().to_owned(),
        );
    format!("{model}, Linux, {}", said_by("rustc", &["--version"]))
}

/// The first line that a command prints; nothing where it cannot be run.
fn said_by(command: &str, arguments: &[&str]) -> String {
    let output = std::process::Command::new(command).args(arguments).output();
    let output = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    // without the date and the revision
    text.lines()
        .next()
        .unwrap_or_default()
        .split(" (")
        .next()
        .unwrap_or_default()
        .to_owned()
}
