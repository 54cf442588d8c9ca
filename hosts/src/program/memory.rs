//! How much memory a process holds, as Linux tells it.

use crate::Error;

/// A process's resident memory, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Now (`VmRSS`).
    pub resident: u64,
    /// At its highest since the start (`VmHWM`).
    pub peak: u64,
}

pub(super) fn of(pid: u32) -> Result<Memory, Error> {
    let path = format!("/proc/{pid}/status");
    let status =
        std::fs::read_to_string(&path).map_err(Error::io(format!("cannot read {path}")))?;
    Ok(Memory {
        resident: field(&status, "VmRSS:")?,
        peak: field(&status, "VmHWM:")?,
    })
}

fn field(status: &str, name: &str) -> Result<u64, Error> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| Error::malformed("process status", format!("no {name}")))
}
