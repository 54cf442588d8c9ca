//! What invokes a function.

use isobar_core::{Kind, Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::binding::Binding;

/// What may stand in a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$');

/// The trigger of a function, as its function.json has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) what: What,
    /// The type, such as `queueTrigger`.
    pub(crate) kind: String,
    /// The binding's name; `None` where no file says it.
    pub(crate) name: Option<String>,
    /// `dataType` is `binary`: the value is the base64 of the exact bytes.
    pub(crate) is_binary: bool,
    /// `cardinality`: true for `many`, false for `one`; `None` where it is not said.
    pub(crate) is_many: Option<bool>,
    /// What the events come from, a URI reference: `/queues/orders`.
    pub(crate) source: Text,
    /// A blob's `path`, such as `uploads/{name}`; empty elsewhere.
    pub(crate) path: String,
}

/// The triggers that are known, and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Http,
    Queue,
    ServiceBus,
    EventHub,
    Kafka,
    EventGrid,
    Blob,
    Timer,
    CosmosDb,
    Sql,
    Warmup,
    Other,
}

/// A type of trigger that is known.
struct Known {
    kind: &'static str,
    what: What,
    /// The members of the binding that name what the events come from, each with the folder that
    /// it is in.
    parts: &'static [(&'static str, &'static str)],
}

const fn known(
    kind: &'static str,
    what: What,
    parts: &'static [(&'static str, &'static str)],
) -> Known {
    Known { kind, what, parts }
}

const KNOWN: [Known; 11] = [
    known("httpTrigger", What::Http, &[]),
    known("queueTrigger", What::Queue, &[("queueName", "queues")]),
    known(
        "serviceBusTrigger",
        What::ServiceBus,
        &[
            ("queueName", "queues"),
            ("topicName", "topics"),
            ("subscriptionName", "subscriptions"),
        ],
    ),
    known(
        "eventHubTrigger",
        What::EventHub,
        &[("eventHubName", "eventhubs")],
    ),
    known("kafkaTrigger", What::Kafka, &[("topic", "topics")]),
    known("eventGridTrigger", What::EventGrid, &[]),
    known("blobTrigger", What::Blob, &[]),
    known("timerTrigger", What::Timer, &[]),
    known(
        "cosmosDBTrigger",
        What::CosmosDb,
        &[
            ("databaseName", "dbs"),
            ("containerName", "colls"),
            ("collectionName", "colls"),
        ],
    ),
    known("sqlTrigger", What::Sql, &[("tableName", "tables")]),
    known("warmupTrigger", What::Warmup, &[]),
];

impl Trigger {
    pub(super) fn http(name: Option<&str>) -> Self {
        Self {
            what: What::Http,
            kind: "httpTrigger".to_owned(),
            name: name.map(str::to_owned),
            is_binary: false,
            is_many: None,
            source: Text::new(),
            path: String::new(),
        }
    }

    pub(super) fn read(function: &str, binding: &Binding<'_>) -> Self {
        let known = KNOWN.iter().find(|known| binding.is(known.kind));
        let (what, parts) = known.map_or((What::Other, &[][..]), |known| (known.what, known.parts));
        Self {
            what,
            kind: binding.kind.to_owned(),
            name: Some(binding.name.to_owned()),
            is_binary: binding.says("dataType", "binary"),
            is_many: { binding.text("cardinality") }.map(|text| text.eq_ignore_ascii_case("many")),
            source: source(function, binding, parts),
            path: binding.text("path").unwrap_or_default().to_owned(),
        }
    }

    /// Returns true if HTTP requests invoke it.
    pub(crate) fn is_http(&self) -> bool {
        self.what == What::Http
    }
}

/// The source as the binding names it, else the function: a name may be one of a setting.
fn source(function: &str, binding: &Binding<'_>, parts: &[(&str, &str)]) -> Text {
    let mut named = String::new();
    for (member, folder) in parts {
        if let Some(name) = binding.text(member) {
            named.extend(["/", folder, "/"]);
            named.extend(utf8_percent_encode(name, SEGMENT));
        }
    }
    if named.is_empty() {
        named.push_str("/functions/");
        named.extend(utf8_percent_encode(function, SEGMENT));
    }
    named.into()
}

impl What {
    /// Returns the portable kind of its events; those of Event Grid may be others.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Queue | Self::ServiceBus | Self::EventHub | Self::Kafka => Kind::Message,
            Self::Blob => Kind::Object,
            Self::Timer => Kind::Schedule,
            Self::CosmosDb | Self::Sql => Kind::Change,
            Self::Http | Self::EventGrid | Self::Warmup | Self::Other => Kind::Other,
        }
    }

    /// Returns true if the host moves on after a failure, unless a retry policy holds it.
    ///
    /// Source: <https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages>.
    pub(crate) fn moves_on(self) -> bool {
        matches!(
            self,
            Self::EventHub | Self::Kafka | Self::CosmosDb | Self::Timer
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(json: &Value) -> Trigger {
        Trigger::read("f", &Binding::read(json).unwrap())
    }

    #[test]
    fn a_source_is_what_the_binding_names() {
        for (json, what, wanted) in [
            (
                json!({"type": "QueueTrigger", "name": "m", "queueName": "orders-in"}),
                What::Queue,
                "/queues/orders-in",
            ),
            (
                json!({"type": "serviceBusTrigger", "name": "m", "topicName": "t", "subscriptionName": "s s"}),
                What::ServiceBus,
                "/topics/t/subscriptions/s%20s",
            ),
            (
                json!({"type": "eventHubTrigger", "name": "m", "eventHubName": "%HUB%"}),
                What::EventHub,
                "/eventhubs/%25HUB%25",
            ),
            (
                json!({"type": "cosmosDBTrigger", "name": "m", "databaseName": "db", "containerName": "c"}),
                What::CosmosDb,
                "/dbs/db/colls/c",
            ),
            (
                json!({"type": "sqlTrigger", "name": "m", "tableName": "[dbo].[T]"}),
                What::Sql,
                "/tables/%5Bdbo%5D.%5BT%5D",
            ),
            (
                json!({"type": "mysteryTrigger", "name": "m"}),
                What::Other,
                "/functions/f",
            ),
        ] {
            let trigger = read(&json);
            assert_eq!((trigger.what, &*trigger.source), (what, wanted));
        }
    }

    #[test]
    fn a_data_type_and_a_cardinality_have_any_case() {
        let trigger = read(
            &json!({"type": "eventHubTrigger", "name": "m", "dataType": "Binary", "cardinality": "Many"}),
        );
        assert_eq!((trigger.is_binary, trigger.is_many), (true, Some(true)));
        let trigger = read(&json!({"type": "eventHubTrigger", "name": "m", "cardinality": "one"}));
        assert_eq!((trigger.is_binary, trigger.is_many), (false, Some(false)));
        assert_eq!(
            read(&json!({"type": "eventHubTrigger", "name": "m"})).is_many,
            None
        );
    }
}
