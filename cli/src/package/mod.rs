//! `cargo isobar build`: what a cloud takes, made of the project.

mod archive;
mod artefact;
pub(crate) mod azure;
mod form;
mod machine;
mod oci;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::build::{How, Machine, must_build};
use crate::cli::Target;
use crate::fail::{Failure, Kind, Result, cause};
use crate::infra::{self, Function};
use crate::manifest::Cloud;
use crate::project::Project;
use crate::run::block_on;
use crate::say;
use artefact::{Artefact, Held, bytes};
use form::Form;
use oci::{Push, Reference};

const EXAMPLES: &str = "\
Examples:
  cargo isobar build --aws          target/isobar/<bin>/aws/bootstrap.zip, for AWS Lambda
  cargo isobar build --azure        target/isobar/<bin>/azure/app.zip, for Azure Functions
  cargo isobar build --gcp          target/isobar/<bin>/gcp, for gcloud run deploy --no-build
  cargo isobar build --image        target/isobar/<bin>/image, an OCI image, and image.tar
  cargo isobar build --push europe-west1-docker.pkg.dev/PROJECT/REPOSITORY/NAME:1
  cargo isobar build --all --json   all, and their paths and sizes for scripts";

/// Build what each cloud takes: a program that needs nothing of the machine, optimized, for one cloud
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

#[derive(Clone, Debug, clap::Args)]
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
    /// A container image of the program and nothing to start beside it, for Google Cloud Run: an OCI
    /// layout, and image.tar as docker saves images
    ///
    /// It is written without a container engine. The program has the feature gcp; a container that is
    /// not Cloud Run's or Knative's wants --features local, and `ISOBAR_ADDRESS=0.0.0.0` where it runs.
    #[arg(long)]
    image: bool,
    /// Push the image by crane, skopeo or docker, whichever is found first; means --image
    #[arg(long, value_name = "REFERENCE")]
    push: Option<Reference>,
    /// Push to a registry that has no TLS, or a certificate of its own
    #[arg(long, requires = "push")]
    insecure: bool,
    /// All of them
    #[arg(long)]
    all: bool,
}

impl Clouds {
    fn list(&self) -> Vec<Form> {
        let wanted = [
            (Form::Aws, self.aws),
            (Form::Azure, self.azure),
            (Form::Gcp, self.gcp),
            (Form::Image, self.image || self.push.is_some()),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted || self.all);
        wanted.map(|(form, _)| form).collect()
    }
}

impl Build {
    /// Builds everything that is named. What is missing or wrong is said before anything is built.
    pub(crate) fn run(&self) -> Result<()> {
        let project = Project::find(&self.target)?;
        let reference = self.clouds.push.clone();
        let push = reference.map(|reference| Push::new(reference, self.clouds.insecure));
        let push = push.transpose()?;
        let forms = self.clouds.list().into_iter();
        let plans = forms.map(|form| Plan::new(&project, form));
        let mut made = Vec::new();
        for plan in plans.collect::<Result<Vec<_>>>()? {
            let mut artefact = plan.make(&project, self.features.as_deref())?;
            artefact.tell();
            if let Some(push) = &push {
                artefact.push(push)?;
            }
            artefact.tell_next(&project);
            made.push(artefact);
        }
        if self.json {
            say::data(serde_json::json!({ "artefacts": made }));
        }
        Ok(())
    }
}

/// Builds and packs for one cloud, says so as `build` does, and returns the archive or the folder.
/// A dry run makes nothing, and returns where it would be.
///
/// # Errors
///
/// When the program does not build, or what a cloud takes cannot be made of it.
pub(crate) fn make(project: &Project, cloud: Cloud, dry: bool) -> Result<PathBuf> {
    let form = Form::from(cloud);
    if dry {
        return Ok(form.path(project));
    }
    let artefact = Plan::new(project, form)?.make(project, None)?;
    artefact.tell();
    Ok(artefact.path)
}

/// Returns the SHA-256 of bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Something that is to be made, and the files that go in it beside the program.
#[derive(Debug)]
struct Plan {
    form: Form,
    machine: Machine,
    files: BTreeMap<String, String>,
}

impl Plan {
    /// Plans it.
    ///
    /// # Errors
    ///
    /// When this machine lacks what builds it, or the manifest says what the cloud has not.
    fn new(project: &Project, form: Form) -> Result<Self> {
        let architecture = project.manifest.on(Some(form.cloud())).architecture;
        let files = match form {
            Form::Azure => azure::files(project.name(), &project.manifest)?,
            Form::Aws | Form::Gcp | Form::Image => BTreeMap::new(),
        };
        Ok(Self {
            form,
            machine: machine::of(architecture, form)?,
            files,
        })
    }

    /// Makes it, with more of the program's features.
    ///
    /// # Errors
    ///
    /// When the program does not build, is not static, or cannot be packed.
    fn make(self, project: &Project, more: Option<&str>) -> Result<Artefact> {
        let cloud = self.form.cloud();
        say::status("Packaging", format_args!("for {}", cloud.host()));
        let how = How {
            release: true,
            features: Some(features(project, cloud, more)),
            no_default_features: true,
            machine: Some(self.machine.clone()),
        };
        let program = block_on(must_build(project, &how))?.executable;
        let program = fs::read(&program).map_err(cause(Kind::Build, "cannot read the program"))?;
        if machine::is_static(&self.machine) {
            machine::must_be_static(&program)?;
        }
        match self.form {
            Form::Image => oci::write(project, &program),
            Form::Aws | Form::Azure | Form::Gcp => {
                package(project, self.form, &program, &self.files)
            }
        }
    }
}

/// The default features, but of the clouds only this one; and what its wiring relies on.
fn features(project: &Project, cloud: Cloud, more: Option<&str>) -> String {
    let hosts = ["aws", "azure", "gcp", "local"];
    let default = project.features.get("default");
    let default = default.into_iter().flatten().map(String::as_str);
    let mut wanted: Vec<_> = default.filter(|name| !hosts.contains(name)).collect();
    if project.features.contains_key(cloud.word()) {
        wanted.push(cloud.word());
    }
    if cloud == Cloud::Gcp && infra::verifies_senders(&Function::of(project)) {
        wanted.push("isobar/oidc");
    }
    wanted.extend(more);
    wanted.join(",")
}

/// The folder of what is made, without what was made before.
fn emptied(project: &Project, form: Form) -> Result<PathBuf> {
    let folder = form.folder(project);
    let empty = || {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&folder)
    };
    empty().map_err(unwritten(&folder))?;
    Ok(folder)
}

fn unwritten(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    cause(Kind::Build, format!("cannot write {}", path.display()))
}

/// Writes the program, and the files beside it.
fn package(
    project: &Project,
    form: Form,
    program: &[u8],
    files: &BTreeMap<String, String>,
) -> Result<Artefact> {
    let folder = emptied(project, form)?;
    let path = form.path(project);
    let name = form.program();
    let size = if form.archive().is_some() {
        let zip = archive::zip((name, program), files)?;
        fs::write(&path, &zip).map_err(unwritten(&path))?;
        zip.len()
    } else {
        archive::program(&folder.join(name), program).map_err(unwritten(&folder))?;
        program.len()
    };
    let beside = files.iter().map(|(name, text)| Held::new(name, text.len()));
    Ok(Artefact {
        form,
        cloud: form.cloud(),
        path,
        size: bytes(size),
        holds: beside.chain([Held::new(name, program.len())]).collect(),
        image: None,
    })
}
