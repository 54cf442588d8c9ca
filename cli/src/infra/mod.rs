//! `cargo isobar infra`: the infrastructure that the manifest asks for, as files that are the user's own.

mod aws;
mod azure;
pub(crate) mod gcp;
#[cfg(test)]
mod golden;
mod knative;
mod label;
mod older;
mod platform;
mod secrets;
mod write;
mod yaml;

use std::path::PathBuf;

use serde::Serialize;

use crate::check::Finding;
use crate::cli::Target;
use crate::fail::{Failure, Kind, Result};
use crate::manifest::{Cloud, Manifest};
use crate::project::Project;
use crate::say;
pub(crate) use gcp::{run_flags, verifies_senders};
pub(crate) use older::findings;
use platform::{Platform, Platforms};
use write::{Planned, State};

const EXAMPLES: &str = "\
Examples:
  cargo isobar infra --aws             infra/aws/template.yaml, for CloudFormation
  cargo isobar infra --gcp --azure     infra/gcp and infra/azure, for gcloud and Bicep
  cargo isobar infra --all --dry-run   what would be written, and what would change; nothing is
  cargo isobar infra --aws --force     writes over what was edited, too
  cargo isobar infra --all --json      the files and what became of them, for scripts";

/// Generate a cloud's infrastructure from [package.metadata.isobar], into the project's folder infra
///
/// The files are the project's own, to be read, kept and edited. One that was edited is never written
/// over without --force, and none is ever deleted.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Infra {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    platforms: Platforms,
    /// Write nothing, and show what would change
    #[arg(long)]
    dry_run: bool,
    /// Write over files that were edited
    #[arg(long)]
    force: bool,
    /// Print the files as JSON
    #[arg(long)]
    json: bool,
}

/// What infrastructure is generated from.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Its name on every cloud.
    pub(crate) name: String,
    /// `[package.metadata.isobar]`.
    pub(crate) manifest: Manifest,
}

/// A file below `infra/`. Its form has comments, since one says where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its path there, such as `aws/template.yaml`.
    pub(crate) path: String,
    /// Its text, without the line that says that it is generated.
    pub(crate) text: String,
}

/// A file in the answer for scripts.
#[derive(Debug, Serialize)]
struct Told<'a> {
    path: &'a str,
    state: State,
    written: bool,
}

impl Function {
    /// The function that a project is.
    pub(crate) fn of(project: &Project) -> Self {
        Self {
            name: project.name().to_owned(),
            manifest: project.manifest.clone(),
        }
    }
}

impl Infra {
    /// Generates for each platform that is named.
    pub(crate) fn run(&self) -> Result<()> {
        let project = Project::find(&self.target)?;
        let mut plan = Vec::new();
        for platform in self.platforms.list() {
            plan.extend(planned(&project, platform)?);
            platform.say_left_out(&project);
        }
        for file in &plan {
            self.one(file)?;
        }
        if self.json {
            let told: Vec<_> = plan.iter().map(|file| self.told(file)).collect();
            say::data(serde_json::json!({ "files": told }));
        }
        let edited = plan.iter().filter(|file| file.state == State::Edited);
        let edited: Vec<_> = edited.map(|file| file.shown.as_str()).collect();
        if edited.is_empty() || self.force || self.dry_run {
            return Ok(());
        }
        Err(left(&edited))
    }

    fn one(&self, file: &Planned) -> Result<()> {
        if self.dry_run {
            say::status(file.state.word(), &file.shown);
            if !self.json && file.state.differs() {
                say::data(file.diff().trim_end());
            }
            return Ok(());
        }
        if self.writes(file) {
            file.write()?;
            say::status("Wrote", &file.shown);
        } else {
            say::status(file.state.word(), &file.shown);
        }
        Ok(())
    }

    fn writes(&self, file: &Planned) -> bool {
        match file.state {
            State::New | State::Changed => true,
            State::Kept | State::Edited => self.force,
            State::Unchanged => false,
        }
    }

    fn told<'a>(&self, file: &'a Planned) -> Told<'a> {
        Told {
            path: &file.shown,
            state: file.state,
            written: !self.dry_run && self.writes(file),
        }
    }
}

fn left(edited: &[&str]) -> Failure {
    let what = match edited {
        [one] => format!("{one} was edited, and is left as it is"),
        many => format!("{} were edited, and are left as they are", many.join(", ")),
    };
    Failure::new(Kind::Found, what).help(
        "--dry-run shows what the manifest asks for now; take it over by hand, with the first line, \
         or let --force write over the edits",
    )
}

/// What is generated for a platform, beside what is there.
fn planned(project: &Project, platform: Platform) -> Result<Vec<Planned>> {
    let function = Function::of(project);
    platform.must_have(&function)?;
    write::plan(&project.folder, platform.files(&function)?)
}

/// Returns the path of a file below `infra/`, such as `template.yaml` of AWS, to deploy it.
///
/// Where it is not there, all that is generated for its cloud and is not there is written, unless the
/// run is dry. What is there stays as it is; where it does not agree with the manifest, that is said.
///
/// # Errors
///
/// When it is not there, and cannot be generated.
pub(crate) fn ensure(project: &Project, cloud: Cloud, file: &str, dry: bool) -> Result<PathBuf> {
    let shown = format!("infra/{}/{file}", cloud.word());
    let path = project.folder.join(&shown);
    let made = Platform::ALL
        .into_iter()
        .find(|platform| platform.word() == cloud.word());
    let Some(platform) = made else {
        return Err(not_generated(&shown));
    };
    if path.is_file() {
        let findings = older::differing(project, platform);
        findings.iter().for_each(Finding::say);
        return Ok(path);
    }
    let plan = planned(project, platform)?;
    if !plan.iter().any(|file| file.shown == shown) {
        return Err(not_generated(&shown));
    }
    if !dry {
        platform.say_left_out(project);
        for file in plan.iter().filter(|file| file.state == State::New) {
            file.write()?;
            say::status("Wrote", &file.shown);
        }
    }
    Ok(path)
}

fn not_generated(shown: &str) -> Failure {
    Failure::new(Kind::Project, format!("{shown} is not generated"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn project(folder: &Path) -> Project {
        fs::create_dir_all(folder.join("src")).expect("a folder");
        fs::write(folder.join("src/main.rs"), "fn main() {}").expect("a program");
        memory(folder, 256)
    }

    /// The same with another manifest.
    fn memory(folder: &Path, memory: u32) -> Project {
        let toml = format!(
            "[package]\nname = \"shop\"\n[workspace]\n[package.metadata.isobar]\nmemory = {memory}\n"
        );
        fs::write(folder.join("Cargo.toml"), toml).expect("a manifest");
        let target = Target {
            manifest_path: Some(folder.join("Cargo.toml")),
            ..Target::default()
        };
        Project::find(&target).expect("a project")
    }

    #[test]
    fn what_is_deployed_is_generated_once_and_never_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = project(folder.path());
        let ensured =
            |project, dry| ensure(project, Cloud::Aws, "template.yaml", dry).expect("a path");
        let path = ensured(&first, true);
        assert!(path.ends_with("infra/aws/template.yaml") && !path.exists());
        ensured(&first, false);
        let text = fs::read_to_string(&path).expect("a template");
        let other = memory(folder.path(), 512);
        ensured(&other, false);
        assert_eq!(fs::read_to_string(&path).expect("a template"), text);
        assert!(ensure(&other, Cloud::Aws, "other.yaml", false).is_err());
    }

    #[test]
    fn what_is_older_than_the_manifest_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = project(folder.path());
        assert_eq!(findings(&first), []);
        let path = ensure(&first, Cloud::Aws, "template.yaml", false).expect("a path");
        assert_eq!(findings(&first), []);
        let text = fs::read_to_string(&path).expect("a template");
        fs::write(&path, text + "# mine\n").expect("written");
        assert_eq!(findings(&first), []);
        let found = findings(&memory(folder.path(), 512));
        let [one] = found.as_slice() else {
            panic!("one is to be found, not {found:?}");
        };
        assert_eq!(one.key, "infra/aws/template.yaml");
        assert!(one.message.contains("edited"), "{}", one.message);
    }
}
