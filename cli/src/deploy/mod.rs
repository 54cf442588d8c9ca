//! `cargo isobar deploy`, `logs` and `remove`: the provider's own tool does it, and each command is
//! shown before it runs.

mod aws;
mod azure;
mod gcp;
mod shell;

use crate::cli::Target;
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::project::Project;
use crate::say;
use shell::Shell;

const DEPLOY: &str = "\
Examples:
  cargo isobar deploy --aws             build, then drive aws: a bucket for code, a stack, the URL
  cargo isobar deploy --gcp --dry-run   only show the commands, one a line
  cargo isobar deploy --azure           the same by az, into a resource group of its own";

const LOGS: &str = "\
Examples:
  cargo isobar logs --aws               follow what the function logs
  cargo isobar logs --gcp --dry-run     only show the command";

const REMOVE: &str = "\
Examples:
  cargo isobar remove --aws             delete the stack, after a question
  cargo isobar remove --azure --yes     delete the resource group, and all that is in it, unasked
  cargo isobar remove --gcp --dry-run   only show the commands";

/// Which cloud, and whether anything is done.
#[derive(Debug, clap::Args)]
struct What {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    cloud: One,
    /// Show the commands, one a line on stdout, and run none
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct One {
    /// AWS Lambda, by aws
    #[arg(long)]
    aws: bool,
    /// Azure Functions, by az
    #[arg(long)]
    azure: bool,
    /// Google Cloud Run, by gcloud
    #[arg(long)]
    gcp: bool,
}

/// Build, and deploy by the provider's own tool: aws, az or gcloud
///
/// What infra/ holds is deployed as it is there; where it holds nothing for the cloud, it is generated.
/// A tool or credentials that are missing are said before anything is built. The
/// manifest says where (aws.region, azure.location, gcp.region); where it does not, the environment or
/// the tool's own configuration does, but for Azure, which has no default.
#[derive(Debug, clap::Args)]
#[command(after_help = DEPLOY)]
pub(crate) struct Deploy {
    #[command(flatten)]
    what: What,
    /// A parameter of the template in infra/, such as clientId=..; AWS and Azure have them
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<String>,
}

/// Follow what the deployed function logs
#[derive(Debug, clap::Args)]
#[command(after_help = LOGS)]
pub(crate) struct Logs {
    #[command(flatten)]
    what: What,
}

/// Remove what was deployed
#[derive(Debug, clap::Args)]
#[command(after_help = REMOVE)]
pub(crate) struct Remove {
    #[command(flatten)]
    what: What,
    /// Ask nothing
    #[arg(short, long)]
    yes: bool,
}

/// A parameter, which must have a name.
fn parameter(text: &str) -> Result<String, &'static str> {
    match text.split_once('=') {
        Some((name, _value)) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err("a parameter is said as NAME=VALUE"),
    }
}

impl What {
    fn cloud(&self) -> Cloud {
        match self.cloud {
            One { aws: true, .. } => Cloud::Aws,
            One { azure: true, .. } => Cloud::Azure,
            _ => Cloud::Gcp,
        }
    }

    /// The project, and a shell that has the cloud's tool.
    fn begin(&self) -> Result<(Project, Shell)> {
        let project = Project::find(&self.target)?;
        let shell = Shell::new(self.dry_run, self.cloud())?;
        Ok((project, shell))
    }
}

impl Deploy {
    /// Deploys, and ends with the URL.
    pub(crate) fn run(&self) -> Result<()> {
        if self.what.cloud() == Cloud::Gcp && !self.parameters.is_empty() {
            return Err(
                Failure::new(Kind::Usage, "Google Cloud has no template with parameters")
                    .help("infra/gcp/setup.sh says what it takes"),
            );
        }
        let (project, shell) = self.what.begin()?;
        let url = match self.what.cloud() {
            Cloud::Aws => aws::deploy(shell, &project, &self.parameters),
            Cloud::Azure => azure::deploy(shell, &project, &self.parameters),
            Cloud::Gcp => gcp::deploy(shell, &project),
        }?;
        if self.what.dry_run {
            return Ok(());
        }
        let cloud = self.what.cloud().host();
        match url {
            Some(url) => {
                say::status("Deployed", format_args!("to {cloud}"));
                say::data(url);
            }
            None => say::status(
                "Deployed",
                format_args!("to {cloud}; it has no URL of its own"),
            ),
        }
        Ok(())
    }
}

impl Logs {
    /// Follows, until it is interrupted.
    pub(crate) fn run(&self) -> Result<()> {
        let (project, shell) = self.what.begin()?;
        match self.what.cloud() {
            Cloud::Aws => aws::logs(shell, &project),
            Cloud::Azure => azure::logs(shell, &project),
            Cloud::Gcp => gcp::logs(shell, &project),
        }
    }
}

impl Remove {
    /// What is deleted, in the words of the question.
    fn what_goes(&self, project: &Project) -> String {
        let name = project.name();
        match self.what.cloud() {
            Cloud::Aws => format!("the stack {name} from AWS, with what it made"),
            Cloud::Azure => {
                let group = azure::group(project);
                format!("the resource group {group} from Azure, with ALL that is in it")
            }
            Cloud::Gcp => format!("the service {name} from Google Cloud"),
        }
    }

    /// Removes, where it is wanted.
    pub(crate) fn run(&self) -> Result<()> {
        let (project, shell) = self.what.begin()?;
        if !self.yes && !self.what.dry_run {
            let question = format!("delete {}? (yes/no)", self.what_goes(&project));
            let answer = say::ask(&question);
            if answer.as_deref() != Some("yes") {
                return Err(Failure::new(Kind::Usage, "nothing was removed")
                    .help("say yes, or --yes where nobody can be asked"));
            }
        }
        match self.what.cloud() {
            Cloud::Aws => aws::remove(shell, &project),
            Cloud::Azure => azure::remove(shell, &project),
            Cloud::Gcp => gcp::remove(shell, &project),
        }
    }
}
