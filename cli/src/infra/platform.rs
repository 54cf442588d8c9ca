//! What infrastructure is generated for.

use super::{File, Function, aws};
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::project::Project;
use crate::{check, say};

/// The options that name platforms.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct Platforms {
    /// For AWS Lambda: infra/aws/template.yaml
    #[arg(long)]
    aws: bool,
    /// For all of them
    #[arg(long)]
    all: bool,
}

/// What infrastructure is generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    /// AWS Lambda, by `CloudFormation`.
    Aws,
}

impl Platforms {
    /// Those that are asked for.
    pub(super) fn list(self) -> Vec<Platform> {
        let wanted = [(Platform::Aws, self.aws)];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted || self.all);
        wanted.map(|(platform, _)| platform).collect()
    }
}

impl Platform {
    /// All of them.
    pub(super) const ALL: [Self; 1] = [Self::Aws];

    /// The option, and the folder below `infra/`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
        }
    }

    /// The cloud whose limits hold.
    pub(super) fn cloud(self) -> Cloud {
        match self {
            Self::Aws => Cloud::Aws,
        }
    }

    /// Checks that nothing is beyond what the cloud has.
    ///
    /// # Errors
    ///
    /// When something is.
    pub(super) fn must_have(self, function: &Function) -> Result<()> {
        let beyond = check::beyond(&function.manifest, self.cloud());
        beyond.into_iter().next().map_or(Ok(()), |finding| {
            let message = format!("{}: {}", finding.key, finding.message);
            Err(Failure::new(Kind::Project, message).help(finding.help))
        })
    }

    /// Its files.
    ///
    /// # Errors
    ///
    /// When the manifest asks for what it has not.
    pub(super) fn files(self, function: &Function) -> Result<Vec<File>> {
        match self {
            Self::Aws => aws::files(function),
        }
    }

    /// Says what the manifest asks for and is not generated, and what to do.
    pub(super) fn say_left_out(self, project: &Project) {
        let left_out = match self {
            Self::Aws => aws::left_out(&Function::of(project)),
        };
        if let Some(left_out) = left_out {
            say::warn(left_out);
        }
    }
}
