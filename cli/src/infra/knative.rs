//! Knative, on any cluster: `infra/knative/service.yaml`.

use serde_json::{Map, Value, json};

use super::{File, Function, label, secrets, yaml};
use crate::fail::Result;

const EVENTING: &str = include_str!("../../templates/infra/knative/eventing.yaml.in");

/// The revision's timeout where nothing is said, in seconds.
/// knative.dev/docs/serving/configuration/config-defaults
const TIMEOUT: u32 = 300;

/// What an instance has where nothing is said, in MB: a cluster has no word for it.
const MEMORY: u32 = 256;

/// The user of distroless' nonroot images, so that what is written for them fits.
const USER: u32 = 65_532;

/// The file.
///
/// # Errors
///
/// When Kubernetes would refuse the function's name, or a secret's.
pub(super) fn files(function: &Function) -> Result<Vec<File>> {
    label::must_be(&function.name, 63, "Knative")?;
    let name = &function.name;
    let mut text = format!(
        "# {name} on Knative. Put in what IMAGE stands for, and then:\n\
         #\n\
         #   kubectl apply -f infra/knative/service.yaml\n\n{}",
        yaml::block(&service(function)?)
    );
    if takes_events(function) {
        text.push_str(&EVENTING.replace("{{name}}", name));
    }
    Ok(vec![File {
        path: "knative/service.yaml".to_owned(),
        text,
    }])
}

fn takes_events(function: &Function) -> bool {
    let manifest = &function.manifest;
    !(manifest.message.is_empty()
        && manifest.object.is_empty()
        && manifest.schedule.is_empty()
        && manifest.change.is_empty())
}

fn service(function: &Function) -> Result<Value> {
    let settings = function.manifest.on(None);
    let mut spec = json!({
        "timeoutSeconds": settings.timeout.unwrap_or(TIMEOUT),
        "automountServiceAccountToken": false,
        "containers": [container(function)?],
    });
    let mut template = Map::new();
    if let (Some(concurrency), Some(spec)) = (settings.concurrency, spec.as_object_mut()) {
        spec.insert("containerConcurrency".to_owned(), json!(concurrency));
    }
    if let Some(warm) = settings.warm.filter(|warm| *warm > 0) {
        let least = json!({"annotations": {"autoscaling.knative.dev/min-scale": warm.to_string()}});
        template.insert("metadata".to_owned(), least);
    }
    template.insert("spec".to_owned(), spec);
    Ok(json!({
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": function.name},
        "spec": {"template": template},
    }))
}

fn container(function: &Function) -> Result<Value> {
    let memory = function.manifest.on(None).memory.unwrap_or(MEMORY);
    let memory = format!("{memory}Mi");
    let mut container = json!({
        "image": "IMAGE",
        "ports": [{"name": "http1", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": memory}, "limits": {"memory": memory}},
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": USER,
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "env": variables(function)?,
    });
    if takes_events(function)
        && let Some(container) = container.as_object_mut()
    {
        let why = "ISOBAR_EVENTS_AUTH: whoever can reach the service can send it events, so let the network say who can.";
        container.insert("#env".to_owned(), json!(why));
    }
    Ok(container)
}

fn variables(function: &Function) -> Result<Value> {
    let settings = function.manifest.on(None);
    let timeout = settings.timeout.unwrap_or(TIMEOUT);
    let mut variables = settings.environment;
    let mut set = |name: &str, value: String| {
        variables.entry(name.to_owned()).or_insert(value);
    };
    // Knative tells the program nothing of its timeout, which is its grace too
    set("ISOBAR_DEADLINE", format!("{}.8", timeout - 1));
    set("ISOBAR_GRACE", timeout.to_string());
    if takes_events(function) {
        set("ISOBAR_EVENTS_PATH", "/events".to_owned());
        set("ISOBAR_EVENTS_AUTH", "none".to_owned());
    }
    let secrets = secrets::of(function, None, |name| variables.contains_key(name))?;
    let variables = variables
        .into_iter()
        .map(|(name, value)| json!({"name": name, "value": value}));
    let references = secrets.iter().map(|(name, secret)| {
        let (secret, key) = secret.split_once('/').unwrap_or((secret, name));
        json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
    });
    Ok(variables.chain(references).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::golden;

    #[test]
    fn what_is_generated_is_as_it_was() {
        for (folder, manifest) in golden::manifests() {
            let files = files(&golden::function(&manifest)).expect("files");
            golden::compare(folder, &files);
        }
    }
}
