//! `cargo isobar build`: what a cloud takes, made of the project.

mod archive;
pub(crate) mod azure;
mod machine;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::build::{How, must_build};
use crate::cli::Target;
use crate::fail::{Kind, Result, cause};
use crate::manifest::Cloud;
use crate::project::Project;
use crate::run::block_on;
use crate::say;

const EXAMPLES: &str = "\
Examples:
  cargo isobar build --aws          target/isobar/<bin>/aws/bootstrap.zip, for AWS Lambda
  cargo isobar build --azure        target/isobar/<bin>/azure/app.zip, for Azure Functions
  cargo isobar build --gcp          target/isobar/<bin>/gcp, for gcloud run deploy --no-build
  cargo isobar build --all --json   all, and their paths and sizes for scripts";

/// The most that Lambda takes by a direct upload, and unpacked, in bytes.
/// docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const AWS_ZIP: u64 = 50 << 20;
const AWS_UNPACKED: u64 = 250 << 20;

/// Build what each cloud takes: a static program, optimized, for one cloud
///
/// A feature named after the cloud (aws, azure, gcp) is turned on, where the program has it, and those of
/// the other clouds are turned off.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Build {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    clouds: Clouds,
    /// More of the program's features, separated by commas
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Option<String>,
    /// Print what was made as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = true)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Clouds {
    /// A zip archive for AWS Lambda, for the runtime provided.al2023
    #[arg(long)]
    aws: bool,
    /// A zip archive for Azure Functions: the program, host.json, a function.json a trigger
    #[arg(long)]
    azure: bool,
    /// A source folder for Google Cloud Run, which is deployed without a container
    #[arg(long)]
    gcp: bool,
    /// All of them
    #[arg(long)]
    all: bool,
}

/// Something that a cloud takes.
#[derive(Clone, Debug, Serialize)]
struct Artefact {
    cloud: Cloud,
    /// The file, or the folder.
    path: PathBuf,
    /// Its size, in bytes.
    size: u64,
    /// What is in it.
    holds: Vec<Held>,
}

/// A file in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Held {
    /// Its name there.
    name: String,
    /// Its size, in bytes.
    size: u64,
}

impl Clouds {
    fn list(self) -> Vec<Cloud> {
        let wanted = [
            (Cloud::Aws, self.aws),
            (Cloud::Azure, self.azure),
            (Cloud::Gcp, self.gcp),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted || self.all);
        wanted.map(|(cloud, _)| cloud).collect()
    }
}

impl Build {
    /// Builds for each cloud that is named.
    pub(crate) fn run(&self) -> Result<()> {
        let project = Project::find(&self.target)?;
        // what is missing or wrong is said before anything is built
        let clouds = self.clouds.list().into_iter().map(|cloud| {
            let architecture = project.manifest.on(Some(cloud)).architecture;
            let files = match cloud {
                Cloud::Azure => azure::files(project.name(), &project.manifest)?,
                Cloud::Aws | Cloud::Gcp => BTreeMap::new(),
            };
            Ok((cloud, machine::of(architecture)?, files))
        });
        let clouds = clouds.collect::<Result<Vec<_>>>()?;
        let mut made = Vec::new();
        for (cloud, machine, files) in clouds {
            say::status("Packaging", format_args!("for {}", cloud.host()));
            let how = How {
                release: true,
                features: Some(features(&project, cloud, self.features.as_deref())),
                no_default_features: true,
                machine: Some(machine),
            };
            let program = block_on(must_build(&project, &how))?.executable;
            let bytes =
                fs::read(&program).map_err(cause(Kind::Build, "can not read the program"))?;
            machine::must_be_static(&bytes)?;
            let artefact = package(&project, cloud, &bytes, &files)?;
            tell(&project, &artefact);
            made.push(artefact);
        }
        if self.json {
            say::data(serde_json::json!({ "artefacts": made }));
        }
        Ok(())
    }
}

/// The default features, but of the clouds only this one.
fn features(project: &Project, cloud: Cloud, more: Option<&str>) -> String {
    let hosts = ["aws", "azure", "gcp", "local"];
    let default = project.features.get("default");
    let default = default.into_iter().flatten().map(String::as_str);
    let mut wanted: Vec<_> = default.filter(|name| !hosts.contains(name)).collect();
    if project.features.contains_key(cloud.word()) {
        wanted.push(cloud.word());
    }
    wanted.extend(more);
    wanted.join(",")
}

/// Writes the program, and the files beside it.
fn package(
    project: &Project,
    cloud: Cloud,
    program: &[u8],
    files: &BTreeMap<String, String>,
) -> Result<Artefact> {
    let folder = project.own().join(cloud.word());
    let fault = || {
        let message = format!("can not write {}", folder.display());
        cause(Kind::Build, message)
    };
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fault()(error)),
        _ => {}
    }
    fs::create_dir_all(&folder).map_err(fault())?;
    let (name, archive) = match cloud {
        Cloud::Aws => ("bootstrap", Some("bootstrap.zip")),
        Cloud::Azure => (azure::PROGRAM, Some("app.zip")),
        Cloud::Gcp => ("server", None),
    };
    let (path, size) = if let Some(archive) = archive {
        let zip = archive::zip((name, program), files)?;
        let path = folder.join(archive);
        fs::write(&path, &zip).map_err(fault())?;
        (path, zip.len())
    } else {
        archive::program(&folder.join(name), program).map_err(fault())?;
        (folder, program.len())
    };
    let held = |name: &str, len| Held {
        name: name.to_owned(),
        size: bytes(len),
    };
    let beside = files.iter().map(|(name, text)| held(name, text.len()));
    Ok(Artefact {
        cloud,
        path,
        size: bytes(size),
        holds: beside.chain([held(name, program.len())]).collect(),
    })
}

fn bytes(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn tell(project: &Project, artefact: &Artefact) {
    let path = shown(&artefact.path);
    say::status("Made", format_args!("{path} ({})", size(artefact.size)));
    for held in &artefact.holds {
        say::line(format_args!("{:13}{} ({})", "", held.name, size(held.size)));
    }
    match artefact.cloud {
        Cloud::Aws => limits(artefact),
        Cloud::Azure => say::help(format_args!(
            "az functionapp deployment source config-zip --resource-group {} --name {} --src {path}",
            project
                .manifest
                .azure
                .resource_group
                .as_deref()
                .unwrap_or_else(|| project.name()),
            project.name(),
        )),
        Cloud::Gcp => say::help(format_args!(
            "gcloud run deploy {} --source {path} --no-build --base-image=osonly24 --command=./server",
            project.name(),
        )),
    }
}

/// Warns of what Lambda would refuse.
fn limits(artefact: &Artefact) {
    let unpacked = artefact.holds.iter().map(|held| held.size).sum::<u64>();
    if artefact.size > AWS_ZIP {
        say::warn("AWS Lambda takes at most 50 MiB by a direct upload; upload it to S3");
    }
    if unpacked > AWS_UNPACKED {
        say::warn("AWS Lambda takes at most 250 MiB unpacked; a container image may have 10 GiB");
    }
}

/// A path as short as it can be written here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A size as people read it, in KiB or MiB.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    if bytes < 1 << 20 {
        format!("{} KiB", tenths(1 << 10))
    } else {
        format!("{} MiB", tenths(1 << 20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size(0), "0.0 KiB");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(1_468_006), "1.3 MiB");
    }
}
