//! What a cloud would refuse.

use super::Finding;
use crate::manifest::{Auth, Cloud, Manifest};

/// Where a setting is beyond what a cloud has.
pub(super) fn findings(manifest: &Manifest) -> Vec<Finding> {
    let mut findings: Vec<_> = Cloud::ALL
        .into_iter()
        .flat_map(|cloud| beyond(manifest, cloud))
        .collect();
    if manifest
        .http
        .as_ref()
        .is_some_and(|http| http.auth == Auth::Key)
    {
        findings.push(key_on_gcp());
    }
    findings
}

/// Where a setting is beyond what this cloud has.
pub(crate) fn beyond(manifest: &Manifest, cloud: Cloud) -> Vec<Finding> {
    let settings = manifest.on(Some(cloud));
    let (memory, timeout) = limits(cloud);
    let settings = [
        ("memory", settings.memory, memory, "MB"),
        ("timeout", settings.timeout, timeout, "s"),
    ];
    let beyond = settings
        .into_iter()
        .filter_map(|(key, value, (least, most), unit)| {
            let value = value.filter(|value| !(least..=most).contains(value))?;
            Some(Finding {
                key: format!("package.metadata.isobar.{key}"),
                message: format!("{} has {least} to {most} {unit}, not {value}", cloud.host()),
                help: format!(
                    "[package.metadata.isobar.{}]\n         {key} = {}",
                    cloud.word(),
                    value.clamp(least, most)
                ),
            })
        });
    beyond.collect()
}

/// The least and the most of memory and of time.
fn limits(cloud: Cloud) -> ((u32, u32), (u32, u32)) {
    match cloud {
        // docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        Cloud::Aws => ((128, 10_240), (1, 900)),
        // learn.microsoft.com/azure/azure-functions/flex-consumption-plan
        Cloud::Azure => ((128, 4096), (1, 86_400)),
        // cloud.google.com/run/docs/configuring/services/memory-limits and request-timeout
        Cloud::Gcp => ((128, 32_768), (1, 3600)),
    }
}

fn key_on_gcp() -> Finding {
    Finding {
        key: "package.metadata.isobar.http.auth".to_owned(),
        message: "Google Cloud Run has no keys".to_owned(),
        help: "auth = \"iam\" is the same word on all three clouds; for Google Cloud Run \"key\" \
               will be taken as \"iam\""
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_cloud_would_refuse_is_found() {
        let manifest = json!({"memory": 8192, "timeout": 1800, "http": {"auth": "key"}});
        let manifest = Manifest::read(Path::new("Cargo.toml"), Some(&manifest)).unwrap();
        let messages: Vec<_> = findings(&manifest)
            .into_iter()
            .map(|found| found.message)
            .collect();
        assert_eq!(
            messages,
            [
                "AWS Lambda has 1 to 900 s, not 1800",
                "Azure Functions has 128 to 4096 MB, not 8192",
                "Google Cloud Run has no keys",
            ]
        );
    }
}
