//! How a program is to be started.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::sync::mpsc::UnboundedSender;

use super::{Line, Port, Program};
use crate::Error;

/// A binary, its arguments and its environment: everything that a start needs.
///
/// The environment of this process is not inherited, but for `PATH` (and `RUST_BACKTRACE`, which
/// is `1` unless set): what the program sees is what stands here and what its host sets. What is
/// set here by [`Launch::env`] or taken away by [`Launch::without`] wins over the host's own.
#[derive(Debug, Clone)]
pub struct Launch {
    binary: PathBuf,
    args: Vec<OsString>,
    env: BTreeMap<OsString, Option<OsString>>,
    cwd: Option<PathBuf>,
    apart: bool,
    report: Option<UnboundedSender<Line>>,
    /// Kept as long as there are programs that were told of them.
    ports: Vec<Port>,
}

impl Launch {
    /// Starts this binary.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: None,
            apart: false,
            report: None,
            ports: Vec::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets a variable, over what a host would set.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), Some(value.into()));
        self
    }

    /// Leaves a variable unset that a host would set.
    #[must_use]
    pub fn without(mut self, name: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), None);
        self
    }

    /// Sets a variable to a port, which is then kept for the program as long as it runs.
    #[must_use]
    pub fn port(mut self, name: impl Into<OsString>, port: &Port) -> Self {
        self.ports.push(port.clone());
        self.env(name, port.to_string())
    }

    /// Sets the working directory; it is this process's own otherwise.
    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    /// Starts it in a process group of its own, so that a terminal's Ctrl-C does not reach it.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// Reports each line that the program writes, as it comes. Of a program that is reported on
    /// only the last lines are kept.
    #[must_use]
    pub fn report(mut self, to: UnboundedSender<Line>) -> Self {
        self.report = Some(to);
        self
    }

    /// The binary.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Sets a variable where nothing has been said about it: the host's own word.
    pub(crate) fn default_env(&mut self, name: &str, value: impl Into<OsString>) {
        let slot = self.env.entry(name.into());
        slot.or_insert_with(|| Some(value.into()));
    }

    /// Sets variables to a port, which is then kept, where nothing has been said about them.
    pub(crate) fn default_port(&mut self, names: &[&str], port: &Port) {
        self.ports.push(port.clone());
        for name in names {
            self.default_env(name, port.to_string());
        }
    }

    /// Sets a working directory where none has been set.
    pub(crate) fn default_cwd(&mut self, folder: &Path) {
        self.cwd.get_or_insert_with(|| folder.to_owned());
    }

    /// The variables that are set here.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.env.iter();
        set.filter_map(|(name, value)| Some((name.to_str()?, value.as_ref()?.to_str()?)))
    }

    /// Starts the program. Has to be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Error::Start`] when the system cannot start it.
    pub fn start(&self) -> Result<Program, Error> {
        let child = self.command().spawn().map_err(|source| Error::Start {
            program: self.binary.clone(),
            source,
        })?;
        Ok(Program::watch(
            self.binary.clone(),
            child,
            self.report.clone(),
            self.ports.clone(),
        ))
    }

    fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(&self.binary);
        command.args(&self.args).env_clear().envs(inherited());
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        if self.apart {
            command.process_group(0);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).kill_on_drop(true);
        command
    }
}

/// What is passed on of this process's own environment.
fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    let backtrace = std::env::var_os("RUST_BACKTRACE").unwrap_or_else(|| "1".into());
    let path = std::env::var_os("PATH").map(|path| ("PATH", path));
    path.into_iter().chain([("RUST_BACKTRACE", backtrace)])
}
