//! Objects: a bucket that tells the function.

use serde_json::json;

use super::function::invoked;
use super::template::{Template, id, of, sub};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;
use crate::manifest::{Cloud, Object, On};

/// How long an account's number is.
const ACCOUNT: usize = 12;

/// Adds a bucket. Where the manifest gives it no name of its own, one is made, and given back: a
/// bucket's name is the only one of its kind in the world.
///
/// # Errors
///
/// When no bucket may have the name.
pub(super) fn add(
    function: &Function,
    logical: &str,
    object: &Object,
    template: &mut Template,
) -> Result<Option<String>> {
    let named = object.aws.bucket.as_ref().or(object.bucket.as_ref());
    let own_names = function.manifest.on(Some(Cloud::Aws)).environment;
    let made = named.is_none() && !own_names.contains_key("ISOBAR_NAMES");
    let name = if made {
        let name = format!("{}-{logical}", function.name);
        let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
        must_be_a_name(logical, &name, 63 - ACCOUNT - 1)?;
        format!("{name}-${{AWS::AccountId}}")
    } else {
        let name = object.name(logical, Cloud::Aws);
        must_be_a_name(logical, name, 63)?;
        name.to_owned()
    };
    bucket(function, logical, object, &name, made, template);
    Ok(made.then_some(name))
}

fn bucket(
    function: &Function,
    logical: &str,
    object: &Object,
    name: &str,
    made: bool,
    template: &mut Template,
) {
    let id = id(logical);
    let (bucket, permission) = (format!("{id}Bucket"), format!("{id}BucketPermission"));
    template.resource(&permission, json!({
        "#": "By the bucket's name and not by the bucket, which is made after it: S3 asks whether it may invoke.",
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": invoked(function),
            "Principal": "s3.amazonaws.com", "SourceAccount": of("AWS::AccountId"),
            "SourceArn": sub(format!("arn:${{AWS::Partition}}:s3:::{name}")),
        },
    }));
    let all = [On::Created];
    let on = if object.on.is_empty() {
        all.as_slice()
    } else {
        &object.on
    };
    let told: Vec<_> = on
        .iter()
        .flat_map(|on| events(*on))
        .map(|event| {
            let mut told = json!({"Event": event, "Function": invoked(function)});
            if let (Some(told), Some(prefix)) = (told.as_object_mut(), &object.prefix) {
                let rules = json!({"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}});
                told.insert("Filter".to_owned(), rules);
            }
            told
        })
        .collect();
    template.resource(
        &bucket,
        json!({
            "#": "It stays, with what is in it, when the stack is deleted.",
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
            "DependsOn": [permission],
            "Properties": {
                "BucketName": if made { sub(name) } else { name.into() },
                "NotificationConfiguration": {"LambdaConfigurations": told},
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": true, "BlockPublicPolicy": true,
                    "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
                },
            },
        }),
    );
    template.output(
        &format!("{bucket}Name"),
        &format!("The bucket of {logical}"),
        &of(&bucket),
    );
}

/// docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
fn events(on: On) -> Vec<&'static str> {
    match on {
        On::Created => vec!["s3:ObjectCreated:*"],
        On::Deleted => vec!["s3:ObjectRemoved:*"],
    }
}

fn must_be_a_name(logical: &str, name: &str, most: usize) -> Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (3..=most).contains(&name.len())
        && name.chars().all(good)
        && name.starts_with(ends)
        && name.ends_with(ends)
    {
        return Ok(());
    }
    let message = format!("{logical}: no bucket of S3 may be called {name:?}");
    Err(Failure::new(Kind::Project, message).help(format!(
        "a name has 3 to {most} small letters, digits, - and .: aws = {{ bucket = \"..\" }}"
    )))
}
