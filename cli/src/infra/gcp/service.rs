//! The service itself: as a file, and as flags of `gcloud run deploy`, which say the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{is_public, names, takes_events};
use crate::fail::Result;
use crate::infra::{Function, secrets, yaml};
use crate::manifest::Cloud;
use crate::wiring;

/// What Cloud Run has where nothing is said.
/// cloud.google.com/run/docs/configuring/services (memory-limits, request-timeout, concurrency)
const MEMORY: u32 = 512;
const TIMEOUT: u32 = 300;
const CONCURRENCY: u32 = 80;

const PATH: &str = "ISOBAR_EVENTS_PATH";
const AUTH: &str = "ISOBAR_EVENTS_AUTH";
const AUDIENCE: &str = "ISOBAR_EVENTS_AUDIENCE";
const SENDERS: &str = "ISOBAR_EVENTS_SENDERS";

/// The project's place in a file, where the manifest does not name it.
const PROJECT: &str = "PROJECT";

/// How long a request may take, in seconds.
pub(super) fn timeout(function: &Function) -> u32 {
    let settings = function.manifest.on(Some(Cloud::Gcp));
    settings.timeout.unwrap_or(TIMEOUT)
}

/// The path that events are sent to.
pub(super) fn events_path(function: &Function) -> String {
    said(function, PATH).unwrap_or_else(|| "/events".to_owned())
}

/// Whom the senders' tokens are for, where the program verifies them and they are not for the
/// service's address, which Cloud Run itself wants.
pub(super) fn audience(function: &Function) -> Option<String> {
    let audiences = said(function, AUDIENCE)?;
    audiences.split(',').next().map(str::to_owned)
}

fn said(function: &Function, name: &str) -> Option<String> {
    variables(function, PROJECT).remove(name)
}

/// Returns true if the program verifies senders of events by their tokens.
pub(super) fn verifies_senders(function: &Function) -> bool {
    said(function, AUTH).is_some_and(|auth| auth == "oidc")
}

/// All variables of the program.
fn variables(function: &Function, project: &str) -> BTreeMap<String, String> {
    let mut variables = wiring::variables(&function.manifest, Cloud::Gcp);
    let mut set = |name: &str, value: &str| {
        let there = variables.entry(name.to_owned());
        there.or_insert_with(|| value.to_owned()).clone()
    };
    // Cloud Run tells services nothing of their timeout, and the answer is to be in time for it
    set("ISOBAR_DEADLINE", &format!("{}.8", timeout(function) - 1));
    if takes_events(function) {
        set(PATH, "/events");
        let public = is_public(function);
        if set(AUTH, if public { "oidc" } else { "iam" }) == "oidc" {
            set(AUDIENCE, &format!("{}-events", function.name));
            let sender = names::sender(function);
            set(SENDERS, &names::address(&sender, project));
        }
    }
    variables
}

/// The variables that are secrets.
pub(super) fn secrets(function: &Function) -> Result<BTreeMap<String, String>> {
    let variables = variables(function, PROJECT);
    secrets::of(function, Some(Cloud::Gcp), |name| {
        variables.contains_key(name)
    })
}

/// The processors that so much memory wants.
/// cloud.google.com/run/docs/configuring/services/memory-limits
fn cpus(memory: u32) -> u32 {
    match memory {
        0..=4096 => 1,
        4097..=8192 => 2,
        8193..=16_384 => 4,
        16_385..=24_576 => 6,
        _ => 8,
    }
}

/// The file, in the form of Knative that Cloud Run takes.
/// cloud.google.com/run/docs/reference/yaml/v1
///
/// # Errors
///
/// When a secret is none.
pub(super) fn text(function: &Function) -> Result<String> {
    let project = function.manifest.gcp.project.as_deref();
    let open = if project.is_some() {
        "IMAGE stands"
    } else {
        "IMAGE and PROJECT stand"
    };
    let name = &function.name;
    let region = function.manifest.gcp.region.as_deref().unwrap_or("REGION");
    let service = service(function, project.unwrap_or(PROJECT))?;
    Ok(format!(
        "# {name} on Google Cloud Run, for who deploys an image. Put in what {open} for, and then:\n\
         #\n\
         #   infra/gcp/setup.sh before\n\
         #   gcloud run services replace infra/gcp/service.yaml --region={region}\n\
         #   infra/gcp/setup.sh after\n\n{}",
        yaml::block(&service)
    ))
}

fn service(function: &Function, project: &str) -> Result<Value> {
    let settings = function.manifest.on(Some(Cloud::Gcp));
    let memory = settings.memory.unwrap_or(MEMORY);
    let variables = variables(function, project)
        .into_iter()
        .map(|(name, value)| json!({"name": name, "value": value}));
    let references = secrets(function)?.into_iter().map(|(name, secret)| {
        let (secret, version) = secrets::gcp_version(&secret);
        json!({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": version}}})
    });
    let mut template = json!({"spec": {
        "containerConcurrency": settings.concurrency.unwrap_or(CONCURRENCY),
        "timeoutSeconds": timeout(function),
        "serviceAccountName": names::address(&names::server(function), project),
        "containers": [{
            "image": "IMAGE",
            "#ports": "http1: with h2c a WebSocket cannot be opened.",
            "ports": [{"name": "http1", "containerPort": 8080}],
            "resources": {"limits": {"cpu": cpus(memory).to_string(), "memory": format!("{memory}Mi")}},
            "env": variables.chain(references).collect::<Vec<_>>(),
        }],
    }});
    if let (Some(warm), Some(template)) = (
        settings.warm.filter(|warm| *warm > 0),
        template.as_object_mut(),
    ) {
        let least = json!({"annotations": {"autoscaling.knative.dev/minScale": warm.to_string()}});
        template.insert("metadata".to_owned(), least);
    }
    Ok(json!({
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": function.name},
        "spec": {"template": template},
    }))
}

/// What `gcloud run deploy` is told so that the service is as `infra/gcp/service.yaml` has it.
///
/// # Errors
///
/// When a secret is none.
pub(super) fn flags(function: &Function, project: &str) -> Result<Vec<String>> {
    let settings = function.manifest.on(Some(Cloud::Gcp));
    let memory = settings.memory.unwrap_or(MEMORY);
    let warm = settings.warm.filter(|warm| *warm > 0);
    let calls = if is_public(function) { "" } else { "no-" };
    let mut flags = vec![
        format!("--memory={memory}Mi"),
        format!("--cpu={}", cpus(memory)),
        format!(
            "--concurrency={}",
            settings.concurrency.unwrap_or(CONCURRENCY)
        ),
        format!("--timeout={}", timeout(function)),
        format!(
            "--min-instances={}",
            warm.map_or_else(|| "default".to_owned(), |warm| warm.to_string())
        ),
        format!(
            "--service-account={}",
            names::address(&names::server(function), project)
        ),
        format!("--set-env-vars={}", listed(&variables(function, project))),
        "--no-use-http2".to_owned(),
        format!("--{calls}allow-unauthenticated"),
    ];
    let secrets = secrets(function)?;
    let references = secrets.iter().map(|(name, secret)| {
        let (secret, version) = secrets::gcp_version(secret);
        format!("{name}={secret}:{version}")
    });
    let references: Vec<_> = references.collect();
    if !references.is_empty() {
        flags.push(format!("--set-secrets={}", references.join(",")));
    }
    Ok(flags)
}

/// A list between whose items stands what is in none of them: see `gcloud topic escaping`.
fn listed(variables: &BTreeMap<String, String>) -> String {
    let pairs = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let pairs: Vec<_> = pairs.collect();
    let free = |mark: &char| !pairs.iter().any(|pair| pair.contains(*mark));
    let mut marks = ",;|@#~%+".chars().chain('\u{2500}'..='\u{257f}');
    let mark = marks.find(free).unwrap_or(',');
    format!("^{mark}^{}", pairs.join(&mark.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::golden::function;

    fn flag(manifest: &Value, name: &str) -> String {
        let flags = flags(&function(manifest), "acme").expect("flags");
        let found = flags.iter().find_map(|flag| flag.strip_prefix(name));
        found.expect("a flag").to_owned()
    }

    #[test]
    fn the_flags_say_what_the_file_says() {
        let manifest = json!({
            "memory": 6000, "timeout": 30, "concurrency": 1, "warm": 2,
            "http": {"auth": "anonymous"},
        });
        let flags = flags(&function(&manifest), "acme")
            .expect("flags")
            .join(" ");
        let wanted = "--memory=6000Mi --cpu=2 --concurrency=1 --timeout=30 --min-instances=2 \
                      --service-account=shop-server@acme.iam.gserviceaccount.com \
                      --set-env-vars=^,^ISOBAR_DEADLINE=29.8 --no-use-http2 --allow-unauthenticated";
        assert_eq!(flags, wanted);
    }

    #[test]
    fn nobody_may_call_who_is_not_let_in() {
        for manifest in [json!({}), json!({"http": {"auth": "key"}})] {
            let flags = flags(&function(&manifest), "acme").expect("flags");
            assert!(flags.contains(&"--no-allow-unauthenticated".to_owned()));
        }
    }

    #[test]
    fn a_variable_may_have_every_mark() {
        let manifest = json!({"environment": {"A": "1,2", "B": "x;y=z"}});
        assert_eq!(
            flag(&manifest, "--set-env-vars="),
            "^|^A=1,2|B=x;y=z|ISOBAR_DEADLINE=299.8"
        );
    }

    #[test]
    fn a_secret_goes_by_its_name_and_version() {
        let secrets = json!({"DATABASE_URL": "shop-database", "KEY": "shop-key:7"});
        let manifest = json!({ "secrets": secrets });
        let wanted = "DATABASE_URL=shop-database:latest,KEY=shop-key:7";
        assert_eq!(flag(&manifest, "--set-secrets="), wanted);
    }

    #[test]
    fn who_may_send_events_is_always_said() {
        let events = json!({"message": {"orders": {}}});
        assert!(flag(&events, "--set-env-vars=").contains("ISOBAR_EVENTS_AUTH=iam"));
        let public = json!({"message": {"orders": {}}, "http": {"auth": "anonymous"}});
        let variables = flag(&public, "--set-env-vars=");
        for word in [
            "AUTH=oidc",
            "AUDIENCE=shop-events",
            "SENDERS=shop-sender@acme.iam",
            "PATH=/events",
        ] {
            assert!(variables.contains(word), "{variables}");
        }
    }
}
