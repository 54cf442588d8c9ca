//! A program that is measured, and what the system knows of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::stats::Problem;

/// A program with its environment, not yet started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub folder: PathBuf,
    pub variables: Vec<(&'static str, String)>,
}

impl Launch {
    pub(crate) fn new(program: &Path) -> Self {
        let folder = std::env::temp_dir();
        Self {
            program: program.to_path_buf(),
            folder,
            variables: Vec::new(),
        }
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.folder = folder.to_path_buf();
        self
    }

    /// Starts it with no environment but its own. What it writes goes nowhere.
    pub(crate) fn start(&self) -> Result<Running, Problem> {
        let mut command = Command::new(&self.program);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.start_as(command)
    }

    /// Starts it by another command, such as a tool that watches it.
    pub(crate) fn start_as(&self, mut command: Command) -> Result<Running, Problem> {
        let at = Instant::now();
        let child = command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", self.program.display()))?;
        Ok(Running { child, at })
    }
}

/// A program that runs. It ends with this.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// When it was started.
    pub at: Instant,
}

impl Running {
    /// The processor time of all its threads that live.
    pub(crate) fn processor_time(&self) -> Result<Duration, Problem> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let told = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let first = told.split(' ').next().unwrap_or_default();
            nanoseconds += first.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The most memory that it had, in KiB.
    pub(crate) fn peak_memory(&self) -> Result<f64, Problem> {
        let told = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let line = line.ok_or("the system tells no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Fails once the program has ended by itself.
    pub(crate) fn lives(&mut self) -> Result<(), Problem> {
        match self.child.try_wait()? {
            Some(status) => Err(format!("the program ended by itself: {status}").into()),
            None => Ok(()),
        }
    }

    /// Ends it as hosts do.
    pub(crate) fn end(mut self) -> Result<(), Problem> {
        kill(self.pid()?, Signal::SIGTERM)?;
        self.child.wait()?;
        Ok(())
    }

    fn pid(&self) -> Result<Pid, Problem> {
        Ok(Pid::from_raw(i32::try_from(self.child.id())?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // one that has ended is no longer there to be killed
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}
