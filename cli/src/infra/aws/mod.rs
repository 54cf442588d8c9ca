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

use std::collections::BTreeMap;

use super::{File, Function, yaml};
use crate::fail::{Failure, Kind, Result};
use crate::manifest::{AwsSource, Cloud, Manifest};
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
    must_be_distinct(manifest)?;
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
        )?;
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

/// One source has one logical name: by its own name alone an event says where it comes from.
fn must_be_distinct(manifest: &Manifest) -> Result<()> {
    let messages = manifest.message.iter().map(|(logical, message)| {
        let source = match message.aws_source() {
            AwsSource::Sqs => "queue",
            AwsSource::Sns => "topic",
            AwsSource::Kinesis => "stream",
            AwsSource::Kafka => "topic of Kafka",
        };
        (source, message.name(logical, Cloud::Aws), logical)
    });
    let objects = manifest
        .object
        .iter()
        .map(|(logical, object)| ("bucket", object.name(logical, Cloud::Aws), logical));
    let changes = manifest
        .change
        .iter()
        .map(|(logical, change)| ("table", change.name(logical, Cloud::Aws), logical));
    let mut seen = BTreeMap::new();
    for (source, name, logical) in messages.chain(objects).chain(changes) {
        if let Some(other) = seen.insert((source, name), logical) {
            let message = format!("{other} and {logical} are both the {source} {name}");
            return Err(Failure::new(Kind::Project, message)
                .help("take one of them out: an event does not say which of the two it is for"));
        }
    }
    Ok(())
}

/// How it is deployed, and what it lacks.
fn head(function: &Function) -> Vec<String> {
    let name = &function.name;
    let mut lines = yaml::comment(HEAD);
    let commands = [
        format!("  aws s3 cp target/isobar/BINARY/aws/bootstrap.zip s3://BUCKET/{name}/1.zip"),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::infra::golden;

    /// What AWS alone has, beside the manifests that all clouds have.
    fn manifests() -> Vec<(&'static str, Value)> {
        let mut manifests = golden::manifests();
        manifests.extend([
            ("aws-streams", streams()),
            ("aws-rest-api", rest_api()),
            ("aws-http-api", http_api()),
            ("aws-alb", json!({"http": {}, "aws": {"front": "alb"}})),
        ]);
        manifests
    }

    fn streams() -> Value {
        json!({
            "timeout": 20, "architecture": "arm64",
            "message": {
                "clicks": {"batch": 500, "aws": {"source": "kinesis", "queue": "acme-clicks"}},
                "log": {"aws": {"source": "kafka", "queue": "audit"}},
                "orders": {"aws": {"queue": "orders.fifo"}},
                "bulk": {"batch": 1000},
            },
            "change": {"orders": {"table": "people"}},
        })
    }

    fn rest_api() -> Value {
        json!({
            "memory": 512, "timeout": 60,
            "http": {"auth": "key"}, "schedule": {"nightly": {"cron": "0 3 * * *"}},
            "message": {"orders": {}, "news": {"topic": "news"}}, "object": {"uploads": {}},
            "aws": {"stream": true, "warm": 2},
        })
    }

    fn http_api() -> Value {
        json!({
            "http": {"auth": "anonymous"},
            "aws": {"front": "http-api", "environment": {"ISOBAR_NAMES": "a=${b}"}},
        })
    }

    #[test]
    fn the_template_is_what_it_was() {
        for (name, manifest) in manifests() {
            let files = files(&golden::function(&manifest)).expect(name);
            golden::compare(name, &files);
        }
    }

    #[test]
    fn what_aws_has_not_is_refused_with_what_mends_it() {
        for (manifest, help) in [
            (
                json!({"http": {"auth": "key"}, "aws": {"front": "url"}}),
                "rest-api",
            ),
            (
                json!({"http": {}, "aws": {"front": "alb", "stream": true}}),
                "front = \"url\"",
            ),
            (
                json!({"message": {"a": {"topic": "a.fifo"}}}),
                "source = \"sqs\"",
            ),
            (
                json!({"message": {"a": {"queue": "a.fifo", "batch": 11}}}),
                "batch = 10",
            ),
            (
                json!({"message": {"a": {"queue": "a b"}}}),
                "letters, digits",
            ),
            (
                json!({"message": {"a-b": {}, "a_b": {}}}),
                "another logical name",
            ),
            (json!({"object": {"a": {"bucket": "A"}}}), "small letters"),
            (
                json!({"object": {"a": {"bucket": "abc"}, "abc": {}}}),
                "take one",
            ),
            (
                json!({"message": {"a": {"aws": {"source": "kinesis", "queue": "a/b"}}}}),
                "letters, digits",
            ),
            (
                json!({"schedule": {"a": {"cron": "0 0 1 * 1"}}}),
                "two schedules",
            ),
            (json!({"environment": {"_A": "1"}}), "begins with a letter"),
        ] {
            let error = files(&golden::function(&manifest)).expect_err("refused");
            let error = error.to_string();
            assert!(error.contains(help), "{manifest}: {error}");
        }
    }
}
