//! Google Cloud: the script that is generated makes what stands before and behind the service, and
//! gcloud deploys the folder as a source without a build.

use std::path::Path;

use super::shell::{Line, Shell};
use crate::fail::Result;
use crate::infra::{self, Function};
use crate::manifest::Cloud;
use crate::package;
use crate::project::Project;
use crate::say;

const LOGIN: &str = "log in: gcloud auth login; CLOUDSDK_ACTIVE_CONFIG_NAME says as whom";

/// Deploys the service and its triggers; returns the URL.
///
/// # Errors
///
/// When nobody is logged in, no project or region is said, it does not build, or a command fails.
pub(super) fn deploy(shell: Shell, project: &Project) -> Result<Option<String>> {
    let account = Line::of("gcloud auth list --filter=status:ACTIVE --format=value(account)");
    let _account = shell.ask(&account, "ACCOUNT", LOGIN)?;
    let place = Place::of(shell, project)?;
    let said_by = match project.manifest.gcp.region {
        Some(_) => "the manifest: package.metadata.isobar.gcp.region",
        None => "gcloud config; the manifest may say another: package.metadata.isobar.gcp.region",
    };
    say::status("Region", format_args!("{} ({said_by})", place.region));
    let script = infra::ensure(project, Cloud::Gcp, "setup.sh", shell.is_dry())?;
    let folder = package::make(project, Cloud::Gcp, shell.is_dry())?;
    place.setup(shell, &script, "before")?;
    let flags = infra::run_flags(&Function::of(project), &place.project)?;
    let deploy = Line::of("gcloud run deploy")
        .word(project.name())
        .option("--source", folder.display().to_string())
        .word("--no-build")
        .word("--base-image=osonly24")
        .word("--command=./server")
        .words(flags);
    shell.run(&place.with(deploy))?;
    place.setup(shell, &script, "after")?;
    let url = Line::of("gcloud run services describe")
        .word(project.name())
        .word("--format=value(status.url)");
    shell.ask(&place.with(url), "URL", LOGIN).map(Some)
}

/// Follows the service's log.
///
/// # Errors
///
/// When a command fails.
pub(super) fn logs(shell: Shell, project: &Project) -> Result<()> {
    let tail = Line::of("gcloud beta run services logs tail").word(project.name());
    shell.run(&Place::of(shell, project)?.with(tail))
}

/// Deletes the service. What sends it events stays, so that what is under way is not lost with it.
///
/// # Errors
///
/// When a command fails.
pub(super) fn remove(shell: Shell, project: &Project) -> Result<()> {
    let delete = Line::of("gcloud run services delete --quiet").word(project.name());
    shell.run(&Place::of(shell, project)?.with(delete))
}

/// Where in Google Cloud.
struct Place {
    project: String,
    region: String,
}

impl Place {
    /// The manifest's project and region, or the tool's own.
    fn of(shell: Shell, project: &Project) -> Result<Self> {
        let manifest = &project.manifest.gcp;
        let own = |said: &Option<String>, line, word, help| match said {
            Some(said) => Ok(said.clone()),
            None => shell.ask(&Line::of(line), word, help),
        };
        Ok(Self {
            project: own(
                &manifest.project,
                "gcloud config get-value project --quiet",
                "PROJECT",
                "say which: gcloud config set project PROJECT",
            )?,
            region: own(
                &manifest.region,
                "gcloud config get-value run/region --quiet",
                "REGION",
                "say which: region = \"europe-west1\" in [package.metadata.isobar.gcp], or gcloud config set run/region europe-west1",
            )?,
        })
    }

    /// Runs one half of the generated script.
    fn setup(&self, shell: Shell, script: &Path, half: &'static str) -> Result<()> {
        let line = Line::of("env")
            .word(format!("PROJECT={}", self.project))
            .word(format!("REGION={}", self.region))
            .option("bash", script.display().to_string())
            .word(half);
        shell.run(&line)
    }

    /// A command there.
    fn with(&self, line: Line) -> Line {
        line.word(format!("--project={}", self.project))
            .word(format!("--region={}", self.region))
    }
}
