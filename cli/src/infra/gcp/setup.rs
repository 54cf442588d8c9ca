//! What stands around the service: a script of gcloud.

use std::collections::BTreeSet;

use super::service::{audience, events_path, secrets, timeout};
use super::{is_public, is_pushed_to, names, takes_events};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;
use crate::infra::secrets::gcp_version;
use crate::manifest::{Cloud, Object, On, Schedule, without_seven};

const HEAD: &str = include_str!("../../../templates/infra/gcp/head.sh.in");
const SECRETS: &str = include_str!("../../../templates/infra/gcp/secrets.sh.in");
const SENDER: &str = include_str!("../../../templates/infra/gcp/sender.sh.in");
const PUSHES: &str = include_str!("../../../templates/infra/gcp/pushes.sh.in");
const BUCKETS: &str = include_str!("../../../templates/infra/gcp/buckets.sh.in");
const JOBS: &str = include_str!("../../../templates/infra/gcp/jobs.sh.in");
const CHANGES: &str = include_str!("../../../templates/infra/gcp/changes.sh.in");
const TAIL: &str = include_str!("../../../templates/infra/gcp/tail.sh.in");

/// The script.
///
/// # Errors
///
/// When Google Cloud would refuse a schedule's name, or a secret's.
pub(super) fn text(function: &Function) -> Result<String> {
    let manifest = &function.manifest;
    let dead_letters = is_pushed_to(function) || !manifest.change.is_empty();
    let parts = [
        (HEAD, true),
        (SECRETS, !secrets(function)?.is_empty()),
        (SENDER, takes_events(function)),
        (PUSHES, dead_letters),
        (BUCKETS, !manifest.object.is_empty()),
        (JOBS, !manifest.schedule.is_empty()),
        (CHANGES, !manifest.change.is_empty()),
        (TAIL, true),
    ];
    let parts = parts.into_iter().filter(|(_, wanted)| *wanted);
    let text: String = parts.map(|(part, _)| part).collect();
    let gcp = &manifest.gcp;
    let wait = timeout(function);
    let audience = audience(function);
    let text = text
        .replace("{{name}}", &function.name)
        .replace("{{project}}", &from(gcp.project.as_deref(), "project"))
        .replace("{{region}}", &from(gcp.region.as_deref(), "run/region"))
        .replace("{{server}}", &names::server(function))
        .replace("{{sender}}", &names::sender(function))
        .replace("{{dead_letters}}", &names::dead_letters(function))
        .replace("{{path}}", &quoted(&events_path(function)))
        .replace(
            "{{audience}}",
            &audience.map_or_else(|| "\"$URL\"".to_owned(), |audience| quoted(&audience)),
        )
        // Pub/Sub waits for 10 to 600 seconds, Scheduler for 15 to 1800
        .replace("{{ack}}", &wait.clamp(10, 600).to_string())
        .replace("{{attempt}}", &wait.clamp(15, 1800).to_string())
        .replace("{{before}}", &lines(&before(function)?))
        .replace("{{after}}", &lines(&after(function)?));
    Ok(text)
}

/// What the manifest says, else what gcloud has.
fn from(said: Option<&str>, property: &str) -> String {
    said.map_or_else(
        || format!("$(gcloud config get-value {property} 2>/dev/null || true)"),
        quoted,
    )
}

fn lines(lines: &[String]) -> String {
    let parts = lines.iter().flat_map(|line| ["    ", line, "\n"]);
    parts.collect()
}

/// A call of one of the script's functions.
fn call<const N: usize>(function: &str, arguments: [&str; N]) -> String {
    let arguments = arguments.map(quoted).join(" ");
    format!("{function} {arguments}")
}

/// A word of the shell, as it is.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@%+:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// What the service needs to be there.
fn before(function: &Function) -> Result<Vec<String>> {
    let manifest = &function.manifest;
    let mut lines = vec![services(function)];
    let server = names::server(function);
    lines.push(call(
        "account",
        [&server, &format!("{} runs as it", function.name)],
    ));
    // each once, whatever variables it is the value of
    let secrets = secrets(function)?;
    let secrets: BTreeSet<_> = { secrets.values() }
        .map(|secret| gcp_version(secret).0)
        .collect();
    lines.extend(secrets.into_iter().map(|secret| call("secret", [secret])));
    if takes_events(function) {
        let what = format!("sends {} its events", function.name);
        lines.push(call("account", [&names::sender(function), &what]));
    }
    if is_pushed_to(function) || !manifest.change.is_empty() {
        lines.push("dead_letters".to_owned());
    }
    let topics = manifest.message.iter();
    lines.extend(
        topics.map(|(logical, message)| call("topic", [message.name(logical, Cloud::Gcp)])),
    );
    for (logical, object) in &manifest.object {
        let bucket = object.name(logical, Cloud::Gcp);
        let topic = names::objects(function, logical);
        let prefix = object.prefix.as_deref().unwrap_or_default();
        lines.push(call("bucket", [bucket]));
        lines.push(call("tells", [bucket, &topic, prefix, types(object)]));
    }
    if !manifest.change.is_empty() {
        lines.push("receiver".to_owned());
    }
    Ok(lines)
}

fn services(function: &Function) -> String {
    let manifest = &function.manifest;
    let change = !manifest.change.is_empty();
    let secrets = !manifest.on(Some(Cloud::Gcp)).secrets.is_empty();
    let services = [
        ("run", true),
        ("storage", true),
        ("pubsub", is_pushed_to(function) || change),
        ("cloudscheduler", !manifest.schedule.is_empty()),
        ("eventarc", change),
        ("firestore", change),
        ("secretmanager", secrets),
    ];
    let services = services.into_iter().filter(|(_, wanted)| *wanted);
    let services: Vec<_> = services
        .map(|(service, _)| format!("{service}.googleapis.com"))
        .collect();
    format!("gcloud services enable {}", services.join(" "))
}

/// What a bucket tells of.
/// cloud.google.com/storage/docs/pubsub-notifications#events
fn types(object: &Object) -> &'static str {
    let created = object.on.is_empty() || object.on.contains(&On::Created);
    match (created, object.on.contains(&On::Deleted)) {
        (true, true) => "OBJECT_FINALIZE,OBJECT_DELETE",
        (false, true) => "OBJECT_DELETE",
        _ => "OBJECT_FINALIZE",
    }
}

/// Who may call the service, and what sends it events.
fn after(function: &Function) -> Result<Vec<String>> {
    let manifest = &function.manifest;
    let mut lines = Vec::new();
    if is_public(function) {
        lines.push("invoker allUsers".to_owned());
    }
    if takes_events(function) {
        lines.push("invoker \"serviceAccount:$SENDER\"".to_owned());
    }
    for (logical, message) in &manifest.message {
        let topic = message.name(logical, Cloud::Gcp);
        lines.push(call("push", [message.subscription(logical), topic]));
    }
    for logical in manifest.object.keys() {
        let topic = names::objects(function, logical);
        lines.push(call("push", [&topic, &topic]));
    }
    for (logical, schedule) in &manifest.schedule {
        lines.push(job(logical, schedule)?);
    }
    for (logical, change) in &manifest.change {
        let database = change.gcp.database.as_deref().unwrap_or("(default)");
        let trigger = names::trigger(function, logical);
        let collection = change.name(logical, Cloud::Gcp);
        lines.push(call("changes", [&trigger, database, collection]));
    }
    Ok(lines)
}

/// A job has the logical name, by which the program knows it.
fn job(logical: &str, schedule: &Schedule) -> Result<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if logical.is_empty() || logical.len() > 500 || !logical.chars().all(good) {
        let message = format!("no job of Cloud Scheduler may be called {logical:?}");
        return Err(Failure::new(Kind::Project, message)
            .help("a name has letters, digits, - and _, 500 at most"));
    }
    let cron = schedule.gcp.cron.as_ref().unwrap_or(&schedule.cron);
    let zone = schedule.timezone.as_deref().unwrap_or("Etc/UTC");
    Ok(call("job", [logical, &without_seven(cron), zone]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::infra::golden::function;

    #[test]
    fn only_what_is_public_is_for_everybody() {
        let text = |auth: &str| {
            let manifest = json!({"http": {"auth": auth}, "message": {"orders": {}}});
            text(&function(&manifest)).expect("a script")
        };
        assert!(text("anonymous").contains("    invoker allUsers\n"));
        for auth in ["iam", "key"] {
            assert!(!text(auth).contains("allUsers"));
        }
    }

    #[test]
    fn a_word_is_no_code() {
        assert_eq!(quoted("a-b/c"), "a-b/c");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
    }

    #[test]
    fn a_schedule_that_no_job_can_be_called_after_is_refused() {
        let manifest = json!({"schedule": {"a.b": {"cron": "0 3 * * 7"}}});
        let error = text(&function(&manifest)).expect_err("refused").to_string();
        assert!(error.contains("a.b"), "{error}");
    }
}
