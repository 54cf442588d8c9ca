//! Secrets: what is generated has their names, and never a value.

use std::collections::BTreeMap;

use super::Function;
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;

/// Returns the variables that are secrets on a cloud (on Knative, where none is named), each with the
/// name of its secret.
///
/// # Errors
///
/// When one of them is a plain variable too, or the cloud's store has no secret of such a name.
pub(super) fn of(
    function: &Function,
    cloud: Option<Cloud>,
    is_plain: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, String>> {
    let secrets = function.manifest.on(cloud).secrets;
    for (name, secret) in &secrets {
        if is_plain(name) {
            let message = format!("{name} is both a plain variable and a secret");
            return Err(Failure::new(Kind::Project, message)
                .help("take it out of environment, or of secrets: both set the one variable"));
        }
        let (store, form, is_good) = store(cloud);
        if !is_good(secret) {
            let message = format!("{store} has no secret {secret:?}, as {name} is to be");
            return Err(Failure::new(Kind::Project, message).help(format!("a name is {form}")));
        }
    }
    Ok(secrets)
}

/// The store, the form of its names, and what tells whether a name has it.
fn store(cloud: Option<Cloud>) -> (&'static str, &'static str, fn(&str) -> bool) {
    match cloud {
        Some(Cloud::Aws) => (
            "AWS Secrets Manager",
            "letters, digits and /_+=.@-, or an ARN, and behind it where the secret is a JSON object \
             :SecretString:MEMBER",
            of_aws,
        ),
        Some(Cloud::Azure) => ("Azure Key Vault", "letters, digits and -", of_azure),
        Some(Cloud::Gcp) => (
            "Google Secret Manager",
            "letters, digits, - and _, and behind it, where it is not to be the latest, :VERSION",
            of_gcp,
        ),
        None => (
            "Kubernetes",
            "small letters, digits, - and ., and behind it, where it is not the variable's name, /KEY",
            of_kubernetes,
        ),
    }
}

/// docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
fn of_aws(secret: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    let parts: Vec<_> = secret.split(':').collect();
    // arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME
    let rest = if parts.first() == Some(&"arn") { 7 } else { 1 };
    let part = parts.get(rest);
    parts.len() >= rest
        && parts.iter().take(rest).all(|part| !part.is_empty())
        && part.is_none_or(|part| *part == "SecretString")
        && parts.len() <= rest + 4
        && parts.iter().all(|part| part.chars().all(good))
}

/// learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault
fn of_azure(secret: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..=127).contains(&secret.len()) && secret.chars().all(good)
}

/// cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
fn of_gcp(secret: &str) -> bool {
    let (name, version) = gcp_version(secret);
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_number = !version.is_empty() && version.chars().all(|c| c.is_ascii_digit());
    (1..=255).contains(&name.len()) && name.chars().all(good) && (version == "latest" || is_number)
}

/// A secret's name, and the version that is meant.
pub(super) fn gcp_version(secret: &str) -> (&str, &str) {
    secret.split_once(':').unwrap_or((secret, "latest"))
}

/// kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
fn of_kubernetes(secret: &str) -> bool {
    let (name, key) = secret.split_once('/').unwrap_or((secret, "_"));
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let of_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=253).contains(&name.len())
        && name.chars().all(good)
        && name.starts_with(ends)
        && name.ends_with(ends)
        && !key.is_empty()
        && key.chars().all(of_key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::infra::golden::function;

    const CLOUDS: [Option<Cloud>; 4] =
        [Some(Cloud::Aws), Some(Cloud::Azure), Some(Cloud::Gcp), None];

    #[test]
    fn each_store_has_names_of_its_own() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:todo-AbCdEf";
        let member = format!("{arn}:SecretString:url");
        for (secret, wanted) in [
            ("todo-database", [true; 4]),
            ("todo_database", [true, false, true, false]),
            ("prod/todo", [true, false, false, true]),
            ("todo:7", [false, false, true, false]),
            ("todo:SecretString:url", [true, false, false, false]),
            (arn, [true, false, false, false]),
            (&member, [true, false, false, false]),
            ("arn:aws:secretsmanager", [false; 4]),
            ("todo}}", [false; 4]),
            ("todo,other", [false; 4]),
            ("", [false; 4]),
        ] {
            let found = CLOUDS.map(|cloud| {
                let manifest = json!({"secrets": {"DATABASE_URL": secret}});
                of(&function(&manifest), cloud, |_| false).is_ok()
            });
            assert_eq!(found, wanted, "{secret}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_mends_it() {
        let manifest = json!({"secrets": {"DATABASE_URL": "a b"}});
        let told = |is_plain| {
            let found = of(&function(&manifest), Some(Cloud::Azure), |_| is_plain);
            format!("{:?}", found.expect_err("refused"))
        };
        let plain = told(true);
        assert!(plain.contains("DATABASE_URL is both"), "{plain}");
        let wrong = told(false);
        assert!(wrong.contains("letters, digits and -"), "{wrong}");
    }
}
