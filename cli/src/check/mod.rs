//! `cargo isobar check`: does the manifest say what the code takes, and the other way round?

mod compare;
mod limits;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::process::Command;
use tokio::time::timeout;

use crate::build::{How, must_build};
use crate::cli::Target;
use crate::fail::{Failure, Kind, Result, cause};
use crate::project::Project;
use crate::run::block_on;
use crate::{infra, say};
pub(crate) use limits::beyond;

const EXAMPLES: &str = "\
Examples:
  cargo isobar check            build the program, ask it what it takes, compare with Cargo.toml
  cargo isobar check --json     the same for scripts: exit code 1 where something does not agree";

/// How long a program may take to say what it takes: its init may connect to something.
const PATIENCE: Duration = Duration::from_secs(30);

/// Compare what the code takes with what the manifest says
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    how: How,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// What a program takes, as `ISOBAR_DESCRIBE=1` prints it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Routes {
    /// Whether it takes HTTP requests.
    pub(crate) http: bool,
    /// The events it takes.
    pub(crate) events: Vec<Route>,
}

/// One kind and name of events.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Route {
    /// The kind; none where the name is a pattern of CloudEvents types.
    pub(crate) kind: Option<String>,
    /// The logical name, or a pattern.
    pub(crate) name: String,
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Where in the manifest, or where it would have to stand.
    pub(crate) key: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What mends it.
    pub(crate) help: String,
}

impl Finding {
    /// Says it, as a warning.
    pub(crate) fn say(&self) {
        let key = say::paint(say::BOLD, &self.key);
        say::warn(format_args!("{key}: {}", self.message));
        say::help(&self.help);
    }
}

impl Check {
    /// Checks.
    pub(crate) fn run(self) -> Result<()> {
        let project = Project::find(&self.target)?;
        let routes = block_on(async {
            let built = must_build(&project, &self.how).await?;
            describe(&built.executable, &project.manifest.settings.environment).await
        })?;
        let mut findings = compare::findings(&project.manifest, &routes);
        findings.extend(limits::findings(&project.manifest));
        findings.extend(infra::findings(&project));
        if self.json {
            say::data(serde_json::json!({"routes": routes, "findings": findings}));
        }
        findings.iter().for_each(Finding::say);
        if findings.is_empty() {
            let what = format!("the code and {} agree", project.file.display());
            say::status("Checked", what);
            return Ok(());
        }
        let message = match findings.len() {
            1 => "one thing does not agree".to_owned(),
            many => format!("{many} things do not agree"),
        };
        Err(Failure::new(Kind::Found, message))
    }
}

/// Asks a program what it takes.
///
/// # Errors
///
/// When it does not start, fails, or says nothing that can be read.
pub(crate) async fn describe(
    program: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Routes> {
    let output = Command::new(program)
        .envs(environment)
        .env("ISOBAR_DESCRIBE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, output).await.map_err(|_elapsed| {
        Failure::new(
            Kind::Run,
            "the program did not say what it takes within 30 seconds",
        )
        .help("it has to call isobar::start or isobar::start_with, and its init has to return")
    })?;
    let output = output.map_err(cause(
        Kind::Run,
        format!("cannot run {}", program.display()),
    ))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let message = format!("the program cannot say what it takes ({})", output.status);
        return Err(Failure::new(Kind::Run, message).help(last_lines(&stderr)));
    }
    let last = output.stdout.trim_ascii_end();
    let last = last.rsplit(|byte| *byte == b'\n').next().unwrap_or(last);
    serde_json::from_slice(last).map_err(|error| {
        Failure::new(Kind::Run, "the program does not say what it takes")
            .because(&error)
            .help("with ISOBAR_DESCRIBE=1 its last line has to be what isobar::start prints")
    })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().rev().take(3).collect();
    let lines: Vec<_> = lines.into_iter().rev().collect();
    format!("it last wrote: {}", lines.join(" | "))
}
