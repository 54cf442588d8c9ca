//! The cargo project that a command is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, TargetKind};

use crate::cli::Target;
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Manifest;

/// A package, its binary, and its manifest.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The package's name.
    pub(crate) package: String,
    /// The binary's name.
    pub(crate) bin: String,
    /// Its Cargo.toml.
    pub(crate) file: PathBuf,
    /// The folder of Cargo.toml.
    pub(crate) folder: PathBuf,
    /// The folder that holds the whole workspace.
    pub(crate) workspace: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// Whether it depends on isobar by that name, so that features of it can be asked for.
    pub(crate) uses_isobar: bool,
    /// The package's features, and what each turns on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    /// What the package says of itself to people.
    pub(crate) about: About,
    /// `[package.metadata.isobar]`.
    pub(crate) manifest: Manifest,
}

/// What a package says of itself to people, by the keys of `[package]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) documentation: Option<String>,
}

impl Project {
    /// Finds what is meant.
    pub(crate) fn find(target: &Target) -> Result<Self> {
        let metadata = metadata(target.manifest_path.as_deref())?;
        let package = package(&metadata, target)?;
        let file = PathBuf::from(&package.manifest_path);
        let folder = file.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self {
            package: package.name.to_string(),
            uses_isobar: uses_isobar(package),
            features: package.features.clone(),
            about: About::of(package),
            bin: bin(package, target.bin.as_deref())?,
            manifest: Manifest::read(&file, package.metadata.get("isobar"))?,
            workspace: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
            file,
            folder,
        })
    }

    /// The function's name: the manifest's, else the package's.
    pub(crate) fn name(&self) -> &str {
        self.manifest.name.as_deref().unwrap_or(&self.package)
    }

    /// The folder for what `cargo isobar` itself keeps.
    pub(crate) fn own(&self) -> PathBuf {
        self.target.join("isobar").join(&self.bin)
    }
}

impl About {
    fn of(package: &Package) -> Self {
        Self {
            version: package.version.to_string(),
            description: package.description.clone(),
            license: package.license.clone(),
            repository: package.repository.clone(),
            homepage: package.homepage.clone(),
            documentation: package.documentation.clone(),
        }
    }
}

fn metadata(manifest_path: Option<&Path>) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.no_deps();
    if let Some(path) = manifest_path {
        command.manifest_path(path);
    }
    command.exec().map_err(|error| {
        let text = match &error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr.trim().to_owned(),
            other => other.to_string(),
        };
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        Failure::new(Kind::Project, text)
            .help("go into a project's folder, or make one: cargo isobar new demo")
    })
}

/// The package named; else that of this folder, else the only one that says it is a function, else
/// the only one.
fn package<'a>(metadata: &'a Metadata, target: &Target) -> Result<&'a Package> {
    let members = metadata.workspace_packages();
    if let Some(name) = &target.package {
        let found = members.iter().find(|package| *package.name == **name);
        return found.copied().ok_or_else(|| {
            let there = members.iter().map(|package| package.name.as_str());
            let there: Vec<_> = there.collect();
            Failure::new(Kind::Project, format!("there is no package {name}"))
                .help(format!("there are: {}", there.join(", ")))
        });
    }
    if let Some(root) = metadata.root_package() {
        return Ok(root);
    }
    let functions = members
        .iter()
        .filter(|package| package.metadata.get("isobar").is_some());
    let functions: Vec<_> = functions.copied().collect();
    match (functions.as_slice(), members.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one),
        ([], some) | (some, _) => {
            let names: Vec<_> = some.iter().map(|package| package.name.as_str()).collect();
            Err(
                Failure::new(Kind::Project, "the workspace has several packages")
                    .help(format!("say which: -p {}", names.join(" | -p "))),
            )
        }
    }
}

fn uses_isobar(package: &Package) -> bool {
    let mut all = package.dependencies.iter();
    all.any(|dependency| {
        let is_of_the_program = dependency.kind == DependencyKind::Normal;
        is_of_the_program && dependency.name == "isobar" && dependency.rename.is_none()
    })
}

fn bin(package: &Package, wanted: Option<&str>) -> Result<String> {
    let of_kind = package
        .targets
        .iter()
        .filter(|target| target.kind.contains(&TargetKind::Bin));
    let bins: Vec<_> = of_kind.map(|target| target.name.as_str()).collect();
    let wanted = wanted.or(package.default_run.as_deref());
    match (wanted, bins.as_slice()) {
        (Some(name), bins) if bins.contains(&name) => Ok(name.to_owned()),
        (None, [one]) => Ok((*one).to_owned()),
        (_, []) => {
            let message = format!("the package {} has no binary", package.name);
            Err(Failure::new(Kind::Project, message)
                .help("a function is a program: give it a src/main.rs that calls isobar::start"))
        }
        (Some(name), bins) => Err(Failure::new(
            Kind::Project,
            format!("there is no binary {name}"),
        )
        .help(format!("there are: {}", bins.join(", ")))),
        (None, bins) => Err(
            Failure::new(Kind::Project, "the package has several binaries")
                .help(format!("say which: --bin {}", bins.join(" | --bin "))),
        ),
    }
}
