//! The folder that the Functions host wants: the project's own, or one made from the manifest.

use isobar_hosts::functions::App;
use serde_json::{Value, json};

use crate::fail::{Kind, Result, cause};
use crate::manifest::{AzureSource, Change, Cloud, Message, Mode, Object, Schedule};
use crate::project::Project;

/// The name under which the trigger's own value comes.
pub(super) const INPUT: &str = "item";

/// The project's folder where it has a host.json, else one that is made.
///
/// # Errors
///
/// When it can not be written.
pub(super) fn app(project: &Project, mode: Mode) -> Result<App> {
    if project.folder.join("host.json").exists() {
        return Ok(App::at(&project.folder));
    }
    made(project, mode).map_err(cause(
        Kind::Run,
        "can not make the folder of the Functions host",
    ))
}

fn made(project: &Project, mode: Mode) -> Result<App, isobar_hosts::Error> {
    let manifest = &project.manifest;
    let prefix = manifest.azure.route_prefix.as_deref().unwrap_or_default();
    let mut app = App::new()?.route_prefix(prefix)?;
    if mode == Mode::Proxying {
        app = app.proxying()?;
    }
    for (name, message) in &manifest.message {
        app = app.function(
            &function(name),
            &json!([on_message(name, message, project)]),
        )?;
    }
    for (name, object) in &manifest.object {
        app = app.function(&function(name), &json!([on_object(name, object)]))?;
    }
    for (name, schedule) in &manifest.schedule {
        app = app.function(&function(name), &json!([on_schedule(schedule)]))?;
    }
    for (name, change) in &manifest.change {
        app = app.function(&function(name), &json!([on_change(name, change)]))?;
    }
    // its name sorts last, so that it takes no other function's route
    app.http("web", "{*route}")
}

/// A function's name: the logical name, in the letters that Azure takes.
pub(crate) fn function(logical: &str) -> String {
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

fn on_message(logical: &str, message: &Message, project: &Project) -> Value {
    let name = message.name(logical, Cloud::Azure);
    let own = &message.azure;
    let topic = own
        .topic
        .as_ref()
        .or_else(|| message.topic.as_ref().filter(|_| own.queue.is_none()));
    let source = own.source.unwrap_or(match topic {
        Some(_) => AzureSource::ServiceBus,
        None => AzureSource::StorageQueue,
    });
    let connection = |default: &str| own.connection.clone().unwrap_or_else(|| default.to_owned());
    let mut binding = match (source, topic) {
        (AzureSource::StorageQueue, _) => json!({
            "type": "queueTrigger", "queueName": name,
            "connection": connection("AzureWebJobsStorage"),
        }),
        (AzureSource::ServiceBus, None) => json!({
            "type": "serviceBusTrigger", "queueName": name, "connection": connection("ServiceBus"),
        }),
        (AzureSource::ServiceBus, Some(topic)) => json!({
            "type": "serviceBusTrigger", "topicName": topic,
            "subscriptionName": own.subscription.as_deref().unwrap_or_else(|| project.name()),
            "connection": connection("ServiceBus"),
        }),
        (AzureSource::EventHub, _) => json!({
            "type": "eventHubTrigger", "eventHubName": name, "connection": connection("EventHub"),
            "cardinality": "many",
        }),
    };
    // else the host reads a message as text, and as JSON once more
    if let Some(binding) = binding.as_object_mut() {
        binding.insert("dataType".to_owned(), "binary".into());
    }
    name_it(&mut binding);
    binding
}

fn on_object(logical: &str, object: &Object) -> Value {
    let container = object.name(logical, Cloud::Azure);
    let mut binding = json!({
        "type": "blobTrigger", "path": format!("{container}/{{name}}"), "dataType": "binary",
        "connection": object.azure.connection.as_deref().unwrap_or("AzureWebJobsStorage"),
    });
    name_it(&mut binding);
    binding
}

/// Azure's schedules have six fields, the first one seconds.
fn on_schedule(schedule: &Schedule) -> Value {
    let cron = schedule.azure.cron.as_ref().unwrap_or(&schedule.cron);
    let mut binding = json!({"type": "timerTrigger", "schedule": format!("0 {cron}")});
    name_it(&mut binding);
    binding
}

fn on_change(logical: &str, change: &Change) -> Value {
    let mut binding = json!({
        "type": "cosmosDBTrigger", "containerName": change.name(logical, Cloud::Azure),
        "databaseName": change.azure.database.as_deref().unwrap_or("app"),
        "connection": change.azure.connection.as_deref().unwrap_or("CosmosDB"),
    });
    name_it(&mut binding);
    binding
}

fn name_it(binding: &mut Value) {
    if let Some(binding) = binding.as_object_mut() {
        binding.insert("name".to_owned(), INPUT.into());
        binding.insert("direction".to_owned(), "in".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_names_become_functions_names() {
        for (logical, name) in [("orders", "orders"), ("a.b c", "a_b_c"), ("1st", "on_1st")] {
            assert_eq!(function(logical), name);
        }
    }
}
