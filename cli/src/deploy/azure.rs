//! Azure: a resource group of the function's own, the Bicep file deployed to it, then the archive.

use super::shell::{Line, Shell};
use crate::fail::{Failure, Kind, Result};
use crate::infra;
use crate::manifest::Cloud;
use crate::package;
use crate::project::Project;
use crate::say;

const LOGIN: &str = "log in: az login; az account set says which subscription";

/// Deploys the resources and the code; returns the URL.
///
/// # Errors
///
/// When nobody is logged in, no location is said, it does not build, or a command fails.
pub(super) fn deploy(
    shell: Shell,
    project: &Project,
    parameters: &[String],
) -> Result<Option<String>> {
    let account = Line::of("az account show --query id --output tsv");
    let _subscription = shell.ask(&account, "SUBSCRIPTION", LOGIN)?;
    let location = location(project)?;
    let said_by = "the manifest: package.metadata.isobar.azure.location";
    say::status("Location", format_args!("{location} ({said_by})"));
    let bicep = infra::ensure(project, Cloud::Azure, "main.bicep", shell.is_dry())?;
    let zip = package::make(project, Cloud::Azure, shell.is_dry())?;
    let group = group(project);
    let create = Line::of("az group create --output none")
        .option("--name", group)
        .option("--location", location);
    shell.run(&create)?;
    let mut resources = Line::of("az deployment group create --output none")
        .option("--resource-group", group)
        .option("--name", project.name())
        .option("--template-file", bicep.display().to_string());
    for parameter in parameters {
        resources = resources.option("--parameters", parameter);
    }
    shell.run(&resources)?;
    let app = app(shell, project)?;
    let code = Line::of("az functionapp deployment source config-zip --output none")
        .option("--resource-group", group)
        .option("--name", &app)
        .option("--src", zip.display().to_string());
    shell.run(&code)?;
    if !project.manifest.object.is_empty() {
        // Event Grid asks the deployed program for its consent, so that this comes second
        shell.run(&resources.option("--parameters", "eventSubscriptions=true"))?;
    }
    if project.manifest.http.is_none() {
        return Ok(None);
    }
    let host = Line::of("az functionapp show --query defaultHostName --output tsv")
        .option("--resource-group", group)
        .option("--name", &app);
    let host = shell.ask(&host, "HOST", LOGIN)?;
    Ok(Some(format!("https://{host}")))
}

/// Follows the app's log.
///
/// # Errors
///
/// When a command fails.
pub(super) fn logs(shell: Shell, project: &Project) -> Result<()> {
    let tail = Line::of("az webapp log tail")
        .option("--resource-group", group(project))
        .option("--name", app(shell, project)?);
    shell.run(&tail)
}

/// Deletes the resource group.
///
/// # Errors
///
/// When the command fails.
pub(super) fn remove(shell: Shell, project: &Project) -> Result<()> {
    shell.run(&Line::of("az group delete --yes").option("--name", group(project)))
}

/// The app's name, which the whole world shares, so that the template makes it.
fn app(shell: Shell, project: &Project) -> Result<String> {
    let outputs = Line::of("az deployment group show --output tsv")
        .option("--query", "properties.outputs.functionAppName.value")
        .option("--resource-group", group(project))
        .option("--name", project.name());
    let help = "deploy it first: cargo isobar deploy --azure";
    shell.ask(&outputs, "APP", help)
}

/// The resource group: the manifest's, else one of the function's own.
pub(super) fn group(project: &Project) -> &str {
    let own = project.manifest.azure.resource_group.as_deref();
    own.unwrap_or_else(|| project.name())
}

fn location(project: &Project) -> Result<&str> {
    project.manifest.azure.location.as_deref().ok_or_else(|| {
        let message = "where in Azure the function is to be is not said";
        Failure::new(Kind::Project, message)
            .help("say it: location = \"westeurope\" in [package.metadata.isobar.azure]; az account list-locations --output table lists all")
    })
}
