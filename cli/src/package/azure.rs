//! Azure Functions: the files beside the program that say what triggers it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::fail::{Failure, Kind, Result};
use crate::manifest::{
    Auth, AzureSource, Change, Cloud, Manifest, Message, Mode, Object, On, Schedule, without_seven,
};
use crate::say;

/// The program's name in the archive.
pub(super) const PROGRAM: &str = "server";

/// The function that takes every route. The host tries routes in the order of the functions' names,
/// so that it stands behind those which someone adds.
const HTTP: &str = "zz-http";

/// The name under which a trigger's own value comes.
pub(crate) const INPUT: &str = "item";

/// `host.json`, and a `function.json` for each trigger in a folder of its name, by which the program
/// knows its events.
///
/// # Errors
///
/// When two triggers have the same name.
pub(crate) fn files(app: &str, manifest: &Manifest) -> Result<BTreeMap<String, String>> {
    let mut functions = BTreeMap::new();
    let messages = manifest.message.iter();
    let objects = manifest.object.iter();
    let schedules = manifest.schedule.iter();
    let changes = manifest.change.iter();
    let all = messages
        .map(|(logical, trigger)| (logical, Some(message(app, logical, trigger))))
        .chain(objects.map(|(logical, trigger)| (logical, object(logical, trigger))))
        .chain(schedules.map(|(logical, trigger)| (logical, Some(schedule(logical, trigger)))))
        .chain(changes.map(|(logical, trigger)| (logical, Some(change(logical, trigger)))));
    for (logical, function) in all {
        let Some(function) = function else { continue };
        let name = function_name(logical);
        if functions.insert(name.clone(), function).is_some() {
            let message = format!(
                "two triggers are called {name}, and on Azure Functions a trigger is a function of that name"
            );
            return Err(Failure::new(Kind::Project, message)
                .help("give one of them another name, in the code and in Cargo.toml"));
        }
    }
    let bundle = !functions.is_empty();
    if manifest.http.is_some() || functions.is_empty() {
        let _other = functions.insert(HTTP.to_owned(), http(manifest));
    }
    let mut files: BTreeMap<_, _> = functions
        .into_iter()
        .map(|(name, function)| (format!("{name}/function.json"), format!("{function:#}\n")))
        .collect();
    let host = host(manifest, bundle);
    let _none = files.insert("host.json".to_owned(), format!("{host:#}\n"));
    Ok(files)
}

/// A function's name: the logical name, in the letters that Azure takes.
pub(crate) fn function_name(logical: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = logical.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("on_{name}")
    }
}

fn host(manifest: &Manifest, bundle: bool) -> Value {
    let prefix = manifest.azure.route_prefix.as_deref().unwrap_or_default();
    let mut host = json!({
        "version": "2.0",
        "customHandler": {
            "description": { "defaultExecutablePath": PROGRAM },
            "enableProxyingHttpRequest": manifest.azure.mode != Some(Mode::Invocation),
        },
        "extensions": { "http": { "routePrefix": prefix } },
    });
    let mut set = |key: &str, value| {
        let _none = host
            .as_object_mut()
            .and_then(|host| host.insert(key.to_owned(), value));
    };
    if bundle {
        set(
            "extensionBundle",
            json!({"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}),
        );
    }
    if let Some(seconds) = manifest.on(Some(Cloud::Azure)).timeout {
        set("functionTimeout", json!(span(seconds)));
    }
    host
}

/// A .NET `TimeSpan`, whose hours end at 23.
fn span(seconds: u32) -> String {
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3600 % 24);
    let clock = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    match seconds / 86_400 {
        0 => clock,
        days => format!("{days}.{clock}"),
    }
}

/// A function of one trigger; `retry` where the source moves on after a failure.
fn function(trigger: &Value, retry: bool) -> Value {
    let mut function = json!({ "bindings": [trigger] });
    if let (true, Some(function)) = (retry, function.as_object_mut()) {
        let policy = json!({
            "strategy": "exponentialBackoff",
            "maxRetryCount": 5,
            "minimumInterval": "00:00:02",
            "maximumInterval": "00:01:00",
        });
        let _none = function.insert("retry".to_owned(), policy);
    }
    function
}

fn http(manifest: &Manifest) -> Value {
    let auth = manifest.http.as_ref().map(|http| http.auth);
    let level = match auth {
        Some(Auth::Key) => "function",
        // IAM is App Service authentication, which stands before the host
        Some(Auth::Anonymous | Auth::Iam) | None => "anonymous",
    };
    json!({ "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": level, "route": "{*route}"},
        {"type": "http", "direction": "out", "name": "$return"},
    ]})
}

fn message(app: &str, logical: &str, trigger: &Message) -> Value {
    let azure = &trigger.azure;
    let topic = azure.topic.as_ref().or(trigger.topic.as_ref());
    let queue = azure.queue.as_ref().or(trigger.queue.as_ref());
    let topic = topic.filter(|_| azure.queue.is_none());
    let source = azure.source.unwrap_or_else(|| match topic {
        Some(_) if queue.is_none() || azure.topic.is_some() => AzureSource::ServiceBus,
        _ => AzureSource::StorageQueue,
    });
    let name = trigger.name(logical, Cloud::Azure);
    let connection = |usual: &str| azure.connection.clone().unwrap_or_else(|| usual.to_owned());
    // binary: else the host makes text of bytes, and JSON of text
    match source {
        AzureSource::StorageQueue => function(
            &json!({
                "type": "queueTrigger", "direction": "in", "name": INPUT, "dataType": "binary",
                "queueName": name, "connection": connection("AzureWebJobsStorage"),
            }),
            false,
        ),
        AzureSource::ServiceBus if topic.is_some_and(|topic| topic == name) => function(
            &json!({
                "type": "serviceBusTrigger", "direction": "in", "name": INPUT, "dataType": "binary",
                "topicName": name, "subscriptionName": azure.subscription.as_deref().unwrap_or(app),
                "connection": connection("ServiceBus"),
            }),
            false,
        ),
        AzureSource::ServiceBus => function(
            &json!({
                "type": "serviceBusTrigger", "direction": "in", "name": INPUT, "dataType": "binary",
                "queueName": name, "connection": connection("ServiceBus"),
            }),
            false,
        ),
        AzureSource::EventHub => function(
            &json!({
                "type": "eventHubTrigger", "direction": "in", "name": INPUT, "dataType": "binary",
                "cardinality": "many", "eventHubName": name, "connection": connection("EventHub"),
            }),
            true,
        ),
    }
}

fn object(logical: &str, trigger: &Object) -> Option<Value> {
    if trigger.on.contains(&On::Deleted) {
        say::warn(format_args!(
            "{logical}: Azure's blob trigger tells only of blobs that were made, not of deleted ones"
        ));
        if !trigger.on.contains(&On::Created) {
            return None;
        }
    }
    let container = trigger.name(logical, Cloud::Azure);
    let prefix = trigger.prefix.as_deref().unwrap_or_default();
    let connection = trigger.azure.connection.as_deref();
    // Event Grid tells of blobs: flex consumption refuses to poll for them
    Some(function(
        &json!({
            "type": "blobTrigger", "direction": "in", "name": INPUT, "dataType": "binary",
            "path": format!("{container}/{prefix}{{name}}"), "source": "EventGrid",
            "connection": connection.unwrap_or("AzureWebJobsStorage"),
        }),
        false,
    ))
}

fn schedule(logical: &str, trigger: &Schedule) -> Value {
    let cron = trigger.azure.cron.as_deref().unwrap_or(&trigger.cron);
    if trigger
        .timezone
        .as_deref()
        .is_some_and(|zone| zone != "UTC")
    {
        say::warn(format_args!(
            "{logical}: the Functions host reads its schedule as UTC"
        ));
    }
    function(
        &json!({"type": "timerTrigger", "direction": "in", "name": INPUT, "schedule": ncrontab(logical, cron)}),
        true,
    )
}

/// NCRONTAB has the second before the five fields, Sunday as 0 only, and fires where both days fit.
fn ncrontab(logical: &str, cron: &str) -> String {
    let fields: Vec<_> = cron.split_whitespace().collect();
    if let [_, _, day, _, weekday] = fields.as_slice()
        && !day.starts_with('*')
        && !weekday.starts_with('*')
    {
        say::warn(format_args!(
            "{logical}: the Functions host fires where day of the month and day of the week \
             both fit; other clouds where one does"
        ));
    }
    format!("0 {}", without_seven(cron))
}

fn change(logical: &str, trigger: &Change) -> Value {
    let azure = &trigger.azure;
    function(
        &json!({
            "type": "cosmosDBTrigger", "direction": "in", "name": INPUT,
            "databaseName": azure.database.as_deref().unwrap_or(logical),
            "containerName": trigger.name(logical, Cloud::Azure),
            "connection": azure.connection.as_deref().unwrap_or("Cosmos"),
            "createLeaseContainerIfNotExists": true,
        }),
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(manifest: Value) -> Result<BTreeMap<String, Value>> {
        let manifest = serde_json::from_value(manifest).expect("a manifest");
        let files = files("shop", &manifest)?;
        let read =
            |(name, text): (String, String)| (name, serde_json::from_str(&text).expect("JSON"));
        Ok(files.into_iter().map(read).collect())
    }

    #[test]
    fn a_function_without_triggers_takes_every_route_and_needs_no_bundle() {
        let files = made(json!({"timeout": 90})).expect("files");
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["host.json", "zz-http/function.json"]);
        let host = files.get("host.json").expect("host.json");
        assert_eq!(host.get("extensionBundle"), None);
        assert_eq!(host.get("functionTimeout"), Some(&json!("00:01:30")));
    }

    #[test]
    fn each_trigger_is_a_function_of_its_logical_name() {
        let files = made(json!({
            "message": {"orders": {"azure": {"queue": "acme-orders"}}, "news": {"topic": "news"}},
            "object": {"uploads": {"prefix": "in/"}},
            "schedule": {"nightly": {"cron": "0 3 * * 5-7"}},
            "change": {"items": {}},
        }))
        .expect("files");
        let trigger = |name: &str, key: &str| {
            let file = files
                .get(&format!("{name}/function.json"))
                .expect("a function");
            file.pointer(&format!("/bindings/0/{key}"))
                .cloned()
                .unwrap_or_default()
        };
        assert_eq!(trigger("orders", "queueName"), "acme-orders");
        assert_eq!(trigger("orders", "dataType"), "binary");
        assert_eq!(trigger("news", "subscriptionName"), "shop");
        assert_eq!(trigger("uploads", "path"), "uploads/in/{name}");
        assert_eq!(trigger("nightly", "schedule"), "0 0 3 * * 5-6,0");
        assert_eq!(trigger("items", "type"), "cosmosDBTrigger");
        assert!(!files.contains_key("zz-http/function.json"));
    }

    #[test]
    fn two_triggers_of_one_name_are_refused() {
        let same = json!({"message": {"a": {}}, "object": {"a": {}}});
        assert!(
            made(same)
                .expect_err("refused")
                .to_string()
                .contains("called a")
        );
    }

    #[test]
    fn logical_names_become_functions_names() {
        for (logical, name) in [("orders", "orders"), ("a.b c", "a_b_c"), ("1st", "on_1st")] {
            assert_eq!(function_name(logical), name);
        }
    }

    #[test]
    fn spans_of_days_are_not_hours() {
        assert_eq!(span(86_399), "23:59:59");
        assert_eq!(span(86_400), "1.00:00:00");
    }
}
