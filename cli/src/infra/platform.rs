//! What infrastructure is generated for.

use super::{File, Function, aws, azure, gcp, knative};
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::project::Project;
use crate::{check, say};

/// The options that name platforms.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = true)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct Platforms {
    /// For AWS Lambda: infra/aws/template.yaml
    #[arg(long)]
    aws: bool,
    /// For Azure Functions: infra/azure/main.bicep
    #[arg(long)]
    azure: bool,
    /// For Google Cloud Run: infra/gcp/setup.sh and service.yaml
    #[arg(long)]
    gcp: bool,
    /// For Knative, on any cluster: infra/knative/service.yaml
    #[arg(long)]
    knative: bool,
    /// For all of them
    #[arg(long)]
    all: bool,
}

/// What infrastructure is generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    /// AWS Lambda, by `CloudFormation`.
    Aws,
    /// Azure Functions, by Bicep.
    Azure,
    /// Google Cloud Run, by gcloud.
    Gcp,
    /// Knative, on any cluster.
    Knative,
}

impl Platforms {
    /// Those that are asked for.
    pub(super) fn list(self) -> Vec<Platform> {
        let wanted = [
            (Platform::Aws, self.aws),
            (Platform::Azure, self.azure),
            (Platform::Gcp, self.gcp),
            (Platform::Knative, self.knative),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted || self.all);
        wanted.map(|(platform, _)| platform).collect()
    }
}

impl Platform {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Aws, Self::Azure, Self::Gcp, Self::Knative];

    /// The option, and the folder below `infra/`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
            Self::Knative => "knative",
        }
    }

    /// The cloud whose limits hold, if one's do.
    pub(super) fn cloud(self) -> Option<Cloud> {
        match self {
            Self::Aws => Some(Cloud::Aws),
            Self::Azure => Some(Cloud::Azure),
            Self::Gcp => Some(Cloud::Gcp),
            Self::Knative => None,
        }
    }

    /// Checks that nothing is beyond what the cloud has.
    ///
    /// # Errors
    ///
    /// When something is.
    pub(super) fn must_have(self, function: &Function) -> Result<()> {
        let beyond = self
            .cloud()
            .map(|cloud| check::beyond(&function.manifest, cloud));
        beyond
            .into_iter()
            .flatten()
            .next()
            .map_or(Ok(()), |finding| {
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
            Self::Azure => azure::files(function),
            Self::Gcp => gcp::files(function),
            Self::Knative => knative::files(function),
        }
    }

    /// Says what the manifest asks for and is not generated, and what to do.
    pub(super) fn say_left_out(self, project: &Project) {
        let left_out = match self {
            Self::Aws => aws::left_out(&Function::of(project)),
            Self::Azure | Self::Gcp | Self::Knative => None,
        };
        if let Some(left_out) = left_out {
            say::warn(left_out);
        }
    }
}
