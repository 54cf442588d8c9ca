//! AWS: the code in a bucket of its own, and a stack made of the template.

use std::fs;
use std::path::Path;

use super::shell::{Line, Shell};
use crate::fail::{Kind, Result, cause};
use crate::infra;
use crate::manifest::Cloud;
use crate::package;
use crate::project::Project;
use crate::say;

const LOGIN: &str = "log in: aws configure, or aws sso login; AWS_PROFILE says which account";

/// Uploads the code and deploys the stack; returns the URL.
///
/// # Errors
///
/// When credentials or a region are missing, it does not build, or a command fails.
pub(super) fn deploy(
    shell: Shell,
    project: &Project,
    parameters: &[String],
) -> Result<Option<String>> {
    let region = region(shell, project)?;
    say::status(
        "Region",
        format_args!("{} ({})", region.name, region.said_by),
    );
    let region = region.name;
    // with a region, which older tools want even here
    let identity = Line::of("aws sts get-caller-identity --query Account --output text");
    let identity = identity.option("--region", &region);
    let account = shell.ask(&identity, "ACCOUNT", LOGIN)?;
    let template = infra::ensure(project, Cloud::Aws, "template.yaml", shell.is_dry())?;
    let zip = package::make(project, Cloud::Aws, shell.is_dry())?;
    let bucket = format!("isobar-code-{account}-{region}");
    let key = upload(shell, project, &zip, &bucket, &region)?;
    let name = project.name();
    let stack = Line::of("aws cloudformation deploy")
        .option("--stack-name", name)
        .option("--template-file", template.display().to_string())
        .option("--capabilities", "CAPABILITY_IAM")
        .word("--no-fail-on-empty-changeset")
        .option("--region", &region)
        .word("--parameter-overrides")
        .word(format!("CodeBucket={bucket}"))
        .word(format!("CodeKey={key}"))
        .words(parameters.iter().cloned());
    shell.run(&stack)?;
    if project.manifest.http.is_none() {
        return Ok(None);
    }
    let url = Line::of("aws cloudformation describe-stacks")
        .option("--stack-name", name)
        .option(
            "--query",
            "Stacks[0].Outputs[?OutputKey=='Url'].OutputValue",
        )
        .option("--output", "text")
        .option("--region", &region);
    // a template that its owner edited may have no such output
    shell.read(&url, "URL", LOGIN)
}

/// Copies the code to the bucket, which is made where it is not there; returns its key.
fn upload(
    shell: Shell,
    project: &Project,
    zip: &Path,
    bucket: &str,
    region: &str,
) -> Result<String> {
    // the same code has the same key, so that a stack without a change is left alone
    let key = format!("{}/{}.zip", project.name(), hash(zip, shell.is_dry())?);
    let there = Line::of("aws s3api head-bucket").option("--bucket", bucket);
    if !shell.succeeds(&there.option("--region", region))? {
        let make = Line::of("aws s3 mb").word(format!("s3://{bucket}"));
        shell.run(&make.option("--region", region))?;
    }
    let copy = Line::of("aws s3 cp --only-show-errors")
        .word(zip.display().to_string())
        .word(format!("s3://{bucket}/{key}"))
        .option("--region", region);
    shell.run(&copy)?;
    Ok(key)
}

/// Follows the function's log group.
///
/// # Errors
///
/// When a command fails.
pub(super) fn logs(shell: Shell, project: &Project) -> Result<()> {
    let tail = Line::of("aws logs tail")
        .word(format!("/aws/lambda/{}", project.name()))
        .word("--follow")
        .option("--format", "short")
        .option("--region", region(shell, project)?.name);
    shell.run(&tail)
}

/// Deletes the stack. The code stays in its bucket, which other functions share.
///
/// # Errors
///
/// When a command fails.
pub(super) fn remove(shell: Shell, project: &Project) -> Result<()> {
    let region = region(shell, project)?.name;
    for act in [
        Line::of("aws cloudformation delete-stack"),
        Line::of("aws cloudformation wait stack-delete-complete"),
    ] {
        let of = act.option("--stack-name", project.name());
        shell.run(&of.option("--region", &region))?;
    }
    Ok(())
}

/// Where in AWS, and who says so.
struct Region {
    name: String,
    said_by: &'static str,
}

/// The manifest's region, the environment's, or the tool's own.
fn region(shell: Shell, project: &Project) -> Result<Region> {
    if let Some(name) = project.manifest.aws.region.clone() {
        let said_by = "the manifest: package.metadata.isobar.aws.region";
        return Ok(Region { name, said_by });
    }
    for said_by in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let set = std::env::var(said_by).ok();
        if let Some(name) = set.filter(|region| !region.is_empty()) {
            return Ok(Region { name, said_by });
        }
    }
    let help = "say which: region = \"eu-west-1\" in [package.metadata.isobar.aws], or AWS_REGION";
    let name = shell.ask(&Line::of("aws configure get region"), "REGION", help)?;
    let said_by = "aws configure; the manifest may say another: package.metadata.isobar.aws.region";
    Ok(Region { name, said_by })
}

fn hash(file: &Path, dry: bool) -> Result<String> {
    if dry {
        return Ok("HASH".to_owned());
    }
    let bytes = fs::read(file).map_err(cause(Kind::Build, "cannot read the archive"))?;
    Ok(package::digest(&bytes))
}
