//! Builds the program by cargo, and reads what cargo says of it.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::fail::{Failure, Kind, Result, cause};
use crate::project::Project;
use crate::say;

/// How a program is built.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct How {
    /// Build with optimizations
    #[arg(short, long)]
    pub(crate) release: bool,
    /// The program's features, separated by commas
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub(crate) features: Option<String>,
    /// Leave the program's default features out
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Another machine than this one, as it is where the program is packaged.
    #[arg(skip)]
    pub(crate) machine: Option<Machine>,
}

/// The machine that a program is for.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Cargo's subcommand that builds for it.
    pub(crate) subcommand: &'static str,
    /// The target triple.
    pub(crate) triple: String,
    /// A setting of cargo's.
    pub(crate) config: Option<String>,
}

/// A program that was built.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    /// Where it lies.
    pub(crate) executable: PathBuf,
    /// Whether nothing had to be compiled.
    pub(crate) fresh: bool,
}

/// What came of a build.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A program.
    Built(Built),
    /// Errors, as the compiler shows them; they have been shown.
    Errors(Vec<String>),
}

/// Builds, and shows on stderr what the compiler says. Cargo ends when this is dropped.
///
/// # Errors
///
/// When cargo cannot be run, or gives no program though it succeeds.
pub(crate) async fn build(project: &Project, how: &How) -> Result<Outcome> {
    let mut child = command(project, how)
        .spawn()
        .map_err(cause(Kind::Build, "cargo cannot be run"))?;
    let stdout = child.stdout.take();
    let mut running = Running { child };
    let (executable, fresh, errors) = match stdout {
        Some(stdout) => read(stdout, &project.bin).await,
        None => (None, false, Vec::new()),
    };
    let status = running.wait().await?;
    match executable {
        _ if !status.success() => Ok(Outcome::Errors(errors)),
        Some(executable) => Ok(Outcome::Built(Built { executable, fresh })),
        None => Err(Failure::new(
            Kind::Build,
            format!("cargo built no binary {}", project.bin),
        )),
    }
}

/// Builds, where errors are a failure.
///
/// # Errors
///
/// When it does not build.
pub(crate) async fn must_build(project: &Project, how: &How) -> Result<Built> {
    match build(project, how).await? {
        Outcome::Built(built) => Ok(built),
        Outcome::Errors(_shown) => {
            let message = format!("{} does not build", project.bin);
            Err(Failure::new(Kind::Build, message))
        }
    }
}

fn command(project: &Project, how: &How) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let machine = how.machine.as_ref();
    command
        .arg(machine.map_or("build", |machine| machine.subcommand))
        .arg("--message-format=json-diagnostic-rendered-ansi")
        .arg("--manifest-path")
        .arg(&project.file)
        .args(["--bin", &project.bin]);
    if let Some(machine) = machine {
        command.args(["--target", &machine.triple]);
        if let Some(config) = &machine.config {
            command.args(["--config", config]);
        }
    }
    if how.release {
        command.arg("--release");
    }
    if how.no_default_features {
        command.arg("--no-default-features");
    }
    if let Some(features) = &how.features {
        command.args(["--features", features]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // a group of its own, so that its compilers end with it
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Cargo at work; it ends, and its compilers with it, when this is dropped.
struct Running {
    child: Child,
}

impl Running {
    async fn wait(&mut self) -> Result<ExitStatus> {
        let ended = self.child.wait().await;
        ended.map_err(cause(Kind::Build, "cargo cannot be waited for"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let running = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = running {
            // who has ended meanwhile needs no signal
            let _ended = signal::killpg(Pid::from_raw(id), Signal::SIGTERM);
        }
    }
}

async fn read(stdout: ChildStdout, bin: &str) -> (Option<PathBuf>, bool, Vec<String>) {
    let mut lines = BufReader::new(stdout).lines();
    let (mut executable, mut fresh, mut errors) = (None, false, Vec::new());
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Message::CompilerMessage(message)) => {
                let rendered = message.message.rendered.unwrap_or_default();
                say::line(rendered.trim_end());
                if message.message.level == DiagnosticLevel::Error {
                    errors.push(rendered);
                }
            }
            Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == bin => {
                if let Some(path) = artifact.executable {
                    executable = Some(path.into());
                    fresh = artifact.fresh;
                }
            }
            _ => {}
        }
    }
    (executable, fresh, errors)
}
