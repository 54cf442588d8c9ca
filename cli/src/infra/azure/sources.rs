//! What the functions take events from, read off their bindings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{list, quoted, text};
use crate::fail::{Kind, Result, cause};
use crate::infra::Function;
use crate::package::azure;

const QUEUES: &str = include_str!("../../../templates/infra/azure/queues.bicep.in");
const BUS: &str = include_str!("../../../templates/infra/azure/bus.bicep.in");
const HUBS: &str = include_str!("../../../templates/infra/azure/hubs.bicep.in");
const BLOBS: &str = include_str!("../../../templates/infra/azure/blobs.bicep.in");
const COSMOS: &str = include_str!("../../../templates/infra/azure/cosmos.bicep.in");

/// A service that has a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    Queues,
    Blobs,
    Bus,
    Hubs,
    Cosmos,
}

/// What the functions take events from.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Whether there is an HTTP side.
    pub(super) http: bool,
    /// Blob triggers: function, container, prefix.
    pub(super) blobs: BTreeSet<(String, String, String)>,
    queues: BTreeSet<String>,
    bus_queues: BTreeSet<String>,
    /// Topics, and subscriptions of them.
    bus_topics: BTreeSet<(String, String)>,
    hubs: BTreeSet<String>,
    /// Databases, and containers in them.
    collections: BTreeSet<(String, String)>,
    /// Connections to what is not made here, since the manifest gives them names of their own.
    others: BTreeSet<(String, Service)>,
    /// Functions that are neither of HTTP nor of blobs.
    alone: BTreeSet<String>,
}

impl Service {
    /// The setting that holds the connection where the manifest names none.
    fn usual(self) -> &'static str {
        match self {
            Self::Queues | Self::Blobs => "AzureWebJobsStorage",
            Self::Bus => "ServiceBus",
            Self::Hubs => "EventHub",
            Self::Cosmos => "Cosmos",
        }
    }
}

impl Sources {
    /// Reads the functions that are packed for Azure.
    ///
    /// # Errors
    ///
    /// When two triggers have the same name.
    pub(super) fn of(function: &Function) -> Result<Self> {
        let mut sources = Self::default();
        for (path, file) in azure::files(&function.name, &function.manifest)? {
            let Some(name) = path.strip_suffix("/function.json") else {
                continue;
            };
            let fault = cause(Kind::Project, format!("{path} is no JSON"));
            let file: Value = serde_json::from_str(&file).map_err(fault)?;
            sources.add(name, file.pointer("/bindings/0").unwrap_or(&Value::Null));
        }
        Ok(sources)
    }

    fn add(&mut self, function: &str, binding: &Value) {
        let text = |key| {
            let value = binding.get(key).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let kind = text("type");
        match kind.as_str() {
            "httpTrigger" => self.http = true,
            "blobTrigger" => {}
            _ => drop(self.alone.insert(function.to_owned())),
        }
        let Some(service) = service(&kind) else {
            return;
        };
        let connection = text("connection");
        if connection != service.usual() {
            self.others.insert((connection, service));
            return;
        }
        match service {
            Service::Queues => self.queues.insert(text("queueName")),
            Service::Hubs => self.hubs.insert(text("eventHubName")),
            Service::Cosmos => self
                .collections
                .insert((text("databaseName"), text("containerName"))),
            Service::Bus if binding.get("topicName").is_some() => self
                .bus_topics
                .insert((text("topicName"), text("subscriptionName"))),
            Service::Bus => self.bus_queues.insert(text("queueName")),
            Service::Blobs => {
                let path = text("path");
                let (container, rest) = path.split_once('/').unwrap_or((&path, ""));
                let prefix = rest.strip_suffix("{name}").unwrap_or(rest);
                self.blobs
                    .insert((function.to_owned(), container.to_owned(), prefix.to_owned()))
            }
        };
    }

    /// What is kept warm: HTTP's group, the blobs', and each other function by itself.
    /// learn.microsoft.com/azure/azure-functions/flex-consumption-plan#always-ready-instances
    pub(super) fn groups(&self) -> Vec<String> {
        let http = self.http.then(|| "http".to_owned());
        let blobs = (!self.blobs.is_empty()).then(|| "blob".to_owned());
        let alone = self.alone.iter().map(|name| format!("function:{name}"));
        http.into_iter().chain(blobs).chain(alone).collect()
    }

    /// The settings that hold connections: where the service is, and no secret.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        let mut set = |name: &str, value: &str| settings.push((name.to_owned(), value.to_owned()));
        // for blobs too, the host keeps in queues what is to be done
        if !self.queues.is_empty() || !self.blobs.is_empty() {
            let queues = "storage.properties.primaryEndpoints.queue";
            set("AzureWebJobsStorage__queueServiceUri", queues);
        }
        if self.has_bus() {
            let namespace = "'${bus.name}.servicebus.windows.net'";
            set("ServiceBus__fullyQualifiedNamespace", namespace);
        }
        if !self.hubs.is_empty() {
            let namespace = "'${hubsNamespace.name}.servicebus.windows.net'";
            set("EventHub__fullyQualifiedNamespace", namespace);
        }
        if !self.collections.is_empty() {
            set(
                "Cosmos__accountEndpoint",
                "cosmos.properties.documentEndpoint",
            );
        }
        for (connection, service) in &self.others {
            for (key, value) in other_settings(*service, &parameter(connection)) {
                set(&format!("{connection}__{key}"), &value);
            }
        }
        settings.sort();
        settings.dedup();
        settings
    }

    /// The parameters that say where connections lead to, with a word in place of each value.
    pub(super) fn parameters(&self) -> impl Iterator<Item = String> {
        let names: BTreeSet<_> = self
            .others
            .iter()
            .map(|(name, _)| parameter(name))
            .collect();
        names.into_iter().map(|name| format!("{name}=WHERE"))
    }

    fn has_bus(&self) -> bool {
        !self.bus_queues.is_empty() || !self.bus_topics.is_empty()
    }

    /// Writes the resources, and who may read them.
    pub(super) fn resources(&self, text: &mut String) {
        if !self.queues.is_empty() {
            text.push_str(&QUEUES.replace("{{queues}}", &list(&self.queues)));
        }
        if self.has_bus() {
            text.push_str(&self.bus());
        }
        if !self.hubs.is_empty() {
            text.push_str(&HUBS.replace("{{hubs}}", &list(&self.hubs)));
        }
        if !self.blobs.is_empty() {
            text.push_str(&self.blob_storage());
        }
        if !self.collections.is_empty() {
            text.push_str(&self.cosmos());
        }
        let mut others: BTreeMap<&str, Vec<Service>> = BTreeMap::new();
        for (connection, service) in &self.others {
            others.entry(connection).or_default().push(*service);
        }
        for (connection, services) in others {
            text.push_str(&other(connection, &services));
        }
    }

    fn bus(&self) -> String {
        let topics: BTreeSet<_> = self.bus_topics.iter().map(|(topic, _)| topic).collect();
        BUS.replace("{{queues}}", &list(&self.bus_queues))
            .replace("{{topics}}", &list(topics))
            .replace("{{subscriptions}}", &pairs("topic", &self.bus_topics))
    }

    fn blob_storage(&self) -> String {
        let containers: BTreeSet<_> = self
            .blobs
            .iter()
            .map(|(_, container, _)| container)
            .collect();
        let triggers = self.blobs.iter().map(|(function, container, prefix)| {
            let fields = [
                ("function", quoted(function)),
                ("container", quoted(container)),
                ("prefix", quoted(prefix)),
            ];
            text::object(2, &fields)
        });
        BLOBS
            .replace("{{containers}}", &list(containers))
            .replace("{{triggers}}", &triggers.collect::<String>())
    }

    fn cosmos(&self) -> String {
        let databases: BTreeSet<_> = self.collections.iter().map(|(base, _)| base).collect();
        COSMOS
            .replace("{{databases}}", &list(databases))
            .replace("{{collections}}", &pairs("database", &self.collections))
    }
}

fn service(kind: &str) -> Option<Service> {
    Some(match kind {
        "queueTrigger" => Service::Queues,
        "blobTrigger" => Service::Blobs,
        "serviceBusTrigger" => Service::Bus,
        "eventHubTrigger" => Service::Hubs,
        "cosmosDBTrigger" => Service::Cosmos,
        _ => return None,
    })
}

/// The lines of a list of names, and of what each is in.
fn pairs(within: &str, pairs: &BTreeSet<(String, String)>) -> String {
    let lines = pairs
        .iter()
        .map(|(outer, inner)| text::object(2, &[(within, quoted(outer)), ("name", quoted(inner))]));
    lines.collect()
}

/// A connection's parameter.
fn parameter(connection: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = connection.chars().map(plain).collect();
    format!("at{name}")
}

/// The settings of a connection to what is not made here, by its parameter.
/// learn.microsoft.com/azure/azure-functions/functions-reference#common-properties-for-identity-based-connections
fn other_settings(service: Service, parameter: &str) -> Vec<(&'static str, String)> {
    let storage =
        |part| format!("'https://${{{parameter}}}.{part}.${{environment().suffixes.storage}}'");
    match service {
        Service::Queues => vec![("queueServiceUri", storage("queue"))],
        // what failed is kept in queues
        Service::Blobs => vec![
            ("blobServiceUri", storage("blob")),
            ("queueServiceUri", storage("queue")),
        ],
        Service::Bus | Service::Hubs => vec![("fullyQualifiedNamespace", parameter.to_owned())],
        Service::Cosmos => vec![("accountEndpoint", parameter.to_owned())],
    }
}

/// A parameter that says where something is, and what its owner has to let the app do.
fn other(connection: &str, services: &[Service]) -> String {
    let needs = services.iter().map(|service| match service {
        Service::Queues => {
            "a storage account's name; its queues and their poison queues are to be there, with the roles Storage Queue Data Reader, Message Processor and Message Sender"
        }
        Service::Blobs => {
            "a storage account's name; it is to have the roles Storage Blob Data Owner and Storage Queue Data Contributor, and a subscription of Event Grid"
        }
        Service::Bus => {
            "a namespace, NAME.servicebus.windows.net, with the role Azure Service Bus Data Receiver"
        }
        Service::Hubs => {
            "a namespace, NAME.servicebus.windows.net, with the role Azure Event Hubs Data Receiver"
        }
        Service::Cosmos => {
            "an account's endpoint, with Cosmos DB Built-in Data Contributor and a container leases"
        }
    });
    let needs: Vec<_> = needs.collect();
    let what = format!(
        "{connection}, which is not made here: {}.",
        needs.join("; ")
    );
    format!(
        "\n@description({})\nparam {} string\n",
        quoted(what),
        parameter(connection)
    )
}
