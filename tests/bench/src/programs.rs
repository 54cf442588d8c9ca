//! The programs that are measured: built here, each with what it is made of and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stats::Problem;

/// Name, package, features, binary.
type Build = (&'static str, &'static str, &'static str, &'static str);

const BUILDS: [Build; 14] = [
    (TRANSLATIONS, "bench", "aws,azure,translate", "translations"),
    ("hello-aws", "hello", "aws", "hello"),
    ("hello-azure", "hello", "azure", "hello"),
    ("hello-gcp", "hello", "gcp", "hello"),
    ("hello-all", "hello", "aws,azure,gcp,local", "hello"),
    ("ours-aws", "bench", "aws", "ours"),
    ("ours-azure", "bench", "azure", "ours"),
    ("floor", "bench", "", "floor"),
    (
        "lambda-http-hello",
        "bench",
        "peers",
        "peer-lambda-http-hello",
    ),
    ("lambda-http", "bench", "peers", "peer-lambda-http"),
    ("lambda-runtime", "bench", "peers", "peer-lambda-runtime"),
    ("azure-sample", "bench", "peers", "peer-azure-sample"),
    ("axum", "bench", "peers", "peer-axum"),
    ("hyper", "bench", "peers", "peer-hyper"),
];

/// The one that no host is played towards.
pub(crate) const TRANSLATIONS: &str = "translations";

/// Where each program is, by its name.
#[derive(Debug)]
pub(crate) struct Programs(BTreeMap<&'static str, PathBuf>);

impl Programs {
    /// Builds those that are wanted, or takes them as they were built last.
    pub(crate) fn build(wanted: impl Fn(&str) -> bool, built: bool) -> Result<Self, Problem> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), PathBuf::from)
            .join("bench");
        let kept = target.join("programs");
        std::fs::create_dir_all(&kept)?;
        let mut programs = BTreeMap::new();
        for build in BUILDS.iter().filter(|build| wanted(build.0)) {
            let program = std::path::absolute(kept.join(build.0))?;
            if !built {
                // All hosts' builds of hello have one name: each is put aside.
                compile(&root, &target, *build)?;
                std::fs::copy(target.join("release").join(build.3), &program)?;
            } else if !program.exists() {
                return Err(format!("{} was never built: leave --built out", build.0).into());
            }
            programs.insert(build.0, program);
        }
        Ok(Self(programs))
    }

    /// The program of a name.
    pub(crate) fn get(&self, name: &str) -> Result<&Path, Problem> {
        let program = self
            .0
            .get(name)
            .ok_or_else(|| format!("there is no program {name}"))?;
        Ok(program)
    }

    /// The size of a program in KiB.
    #[expect(clippy::cast_precision_loss, reason = "no program has 2^52 bytes")]
    pub(crate) fn size(&self, name: &str) -> Result<f64, Problem> {
        Ok(std::fs::metadata(self.get(name)?)?.len() as f64 / 1024.0)
    }
}

#[expect(
    clippy::print_stderr,
    reason = "it takes minutes: one sees what it is at"
)]
fn compile(
    root: &Path,
    target: &Path,
    (name, package, features, bin): Build,
) -> Result<(), Problem> {
    eprintln!("building {name}");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--no-default-features",
        ])
        .args([
            "--package",
            package,
            "--bin",
            bin,
            "--features",
            features,
            "--target-dir",
        ])
        .arg(target)
        .current_dir(root)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name} does not build").into())
    }
}
