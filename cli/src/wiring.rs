//! What a deployment tells the program: the variables by which a host's names become the code's.

use std::collections::BTreeMap;

use crate::manifest::{Cloud, Manifest};
use crate::package::azure;

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
    let own = if cloud == Cloud::Azure {
        functions(manifest)
    } else {
        sources(manifest, cloud)
    };
    let pairs: Vec<_> = own
        .into_iter()
        .filter(|(logical, own)| **logical != *own)
        .map(|(logical, own)| format!("{logical}={own}"))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// On Azure an event has the name of its function, whatever the queue is called.
fn functions(manifest: &Manifest) -> Vec<(&String, String)> {
    let messages = manifest.message.keys();
    let logical = messages
        .chain(manifest.object.keys())
        .chain(manifest.schedule.keys())
        .chain(manifest.change.keys());
    logical
        .map(|logical| (logical, azure::function_name(logical)))
        .collect()
}

fn sources(manifest: &Manifest, cloud: Cloud) -> Vec<(&String, String)> {
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
    // a push has the name of its subscription, what Eventarc tells that of the topic
    let pushes = manifest.message.iter().filter_map(|(logical, trigger)| {
        let own = trigger.subscription(logical);
        (cloud == Cloud::Gcp && own != trigger.name(logical, cloud)).then_some((logical, own))
    });
    let named = messages.chain(pushes).chain(objects).chain(changes);
    named
        .map(|(logical, own)| (logical, own.to_owned()))
        .collect()
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
        assert_eq!(super::names(&manifest(), Cloud::Azure), None);
    }

    #[test]
    fn a_push_is_known_by_its_subscription() {
        let orders = json!({"gcp": {"topic": "acme", "subscription": "shop-acme"}});
        let manifest = serde_json::from_value(json!({"message": {"orders": orders}}));
        let names = names(&manifest.expect("a manifest"), Cloud::Gcp);
        assert_eq!(names.as_deref(), Some("orders=acme,orders=shop-acme"));
    }

    #[test]
    fn the_map_stands_beside_the_manifests_own_variables() {
        let variables = variables(&manifest(), Cloud::Aws);
        let names: Vec<_> = variables.keys().map(String::as_str).collect();
        assert_eq!(names, ["A", "ISOBAR_NAMES"]);
    }
}
