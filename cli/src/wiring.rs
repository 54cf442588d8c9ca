//! What a deployment tells the program: the variables by which a host's names become the code's.

use std::collections::BTreeMap;

use crate::manifest::{Cloud, Manifest};

/// The variables that the program has on a cloud: the manifest's, and ours where they are needed.
pub(crate) fn variables(manifest: &Manifest, cloud: Cloud) -> BTreeMap<String, String> {
    let mut variables = manifest.on(Some(cloud)).environment;
    if let Some(names) = names(manifest, cloud) {
        variables.entry("ISOBAR_NAMES".to_owned()).or_insert(names);
    }
    variables
}

/// `ISOBAR_NAMES`: the logical names whose own name on this cloud is another.
pub(crate) fn names(manifest: &Manifest, cloud: Cloud) -> Option<String> {
    let messages = manifest
        .message
        .iter()
        .map(|(logical, trigger)| (logical, trigger.name(logical, cloud)));
    let objects = manifest
        .object
        .iter()
        .map(|(logical, trigger)| (logical, trigger.name(logical, cloud)));
    let changes = manifest
        .change
        .iter()
        .map(|(logical, trigger)| (logical, trigger.name(logical, cloud)));
    let named = messages.chain(objects).chain(changes);
    let pairs: Vec<_> = named
        .filter(|(logical, own)| logical != own)
        .map(|(logical, own)| format!("{logical}={own}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest() -> Manifest {
        serde_json::from_value(json!({
            "environment": {"A": "1"},
            "message": {"orders": {"aws": {"queue": "acme-orders"}}},
            "object": {"uploads": {"bucket": "uploads"}},
        }))
        .expect("a manifest")
    }

    #[test]
    fn only_names_that_differ_are_mapped() {
        let names = names(&manifest(), Cloud::Aws);
        assert_eq!(names.as_deref(), Some("orders=acme-orders"));
        assert_eq!(super::names(&manifest(), Cloud::Gcp), None);
    }

    #[test]
    fn the_map_stands_beside_the_manifests_own_variables() {
        let variables = variables(&manifest(), Cloud::Aws);
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        assert_eq!(names, ["A", "ISOBAR_NAMES"]);
    }
}
