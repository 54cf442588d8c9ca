//! AWS `CloudFormation`: `infra/aws/template.yaml`.
//!
//! Queues, topics, streams and buckets are made. Tables and clusters have a form of their own, and
//! are parameters.

mod cron;
mod function;
mod http;
mod message;
mod object;
mod rest;
mod schedule;
mod stream;
mod template;

use super::{File, Function, yaml};
use crate::fail::Result;
use crate::manifest::Cloud;
use template::Template;

const HEAD: &str =
    "Deploy it after cargo isobar build --aws, with a bucket of yours in the same region:";

/// The template.
///
/// # Errors
///
/// When the manifest asks for what AWS has not.
pub(super) fn files(function: &Function) -> Result<Vec<File>> {
    let mut triggers = Template::default();
    let buckets = triggers_of(function, &mut triggers)?;
    let mut template = Template::default();
    function::add(function, &buckets, triggers.statements(), &mut template)?;
    if let Some(http) = &function.manifest.http {
        http::add(function, http.auth, &mut template)?;
    }
    let description = format!("{} on AWS Lambda", function.name);
    Ok(vec![File {
        path: "aws/template.yaml".to_owned(),
        text: template.and(triggers).text(&head(function), &description)?,
    }])
}

/// Adds what brings events; the buckets for which a name was made.
fn triggers_of(function: &Function, template: &mut Template) -> Result<Vec<(String, String)>> {
    let manifest = &function.manifest;
    let mut buckets = Vec::new();
    let mut unanswered = !manifest.object.is_empty() || !manifest.schedule.is_empty();
    for (logical, message) in &manifest.message {
        unanswered |= message::add(function, logical, message, template)?;
    }
    for (logical, change) in &manifest.change {
        stream::table(
            function,
            logical,
            change.name(logical, Cloud::Aws),
            template,
        );
    }
    for (logical, object) in &manifest.object {
        let made = object::add(function, logical, object, template)?;
        buckets.extend(made.map(|name| (logical.clone(), name)));
    }
    if !manifest.schedule.is_empty() {
        schedule::group(function, template);
    }
    for (logical, schedule) in &manifest.schedule {
        schedule::add(function, logical, schedule, template)?;
    }
    if unanswered {
        function::failed_events(function, template);
    }
    Ok(buckets)
}

/// How it is deployed, and what it lacks.
fn head(function: &Function) -> Vec<String> {
    let name = &function.name;
    let mut lines = yaml::comment(HEAD);
    let commands = [
        format!("  aws s3 cp bootstrap.zip s3://BUCKET/{name}/1.zip"),
        format!(
            "  aws cloudformation deploy --template-file infra/aws/template.yaml --stack-name {name} \\"
        ),
        format!(
            "      --capabilities CAPABILITY_IAM --parameter-overrides CodeBucket=BUCKET CodeKey={name}/1.zip"
        ),
    ];
    lines.extend(commands.into_iter().map(|command| format!("# {command}")));
    if let Some(left_out) = left_out(function) {
        lines.push("#".to_owned());
        lines.extend(yaml::comment(left_out));
    }
    lines
}

/// What the manifest asks for and is not generated.
pub(super) fn left_out(function: &Function) -> Option<&'static str> {
    let http = function.manifest.http.as_ref()?;
    http::left_out(http::front(function, http.auth))
}
