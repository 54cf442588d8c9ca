//! Triggers, by the logical names that the code uses, and each cloud's own names for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cloud;

/// The HTTP side.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Http {
    /// Who may call.
    pub(crate) auth: Auth,
}

/// Who may call the HTTP side.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Auth {
    /// Everybody.
    Anonymous,
    /// Who has a key: Azure's function key, an API key of AWS's REST API. Google Cloud has none.
    Key,
    /// Whom the cloud's own identities allow: AWS's IAM, Google's invokers. It is the default,
    /// since nobody is let in by it who was not meant.
    #[default]
    Iam,
}

/// Messages of a queue or topic.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Message {
    /// The queue's own name; the logical name where neither queue nor topic is set.
    pub(crate) queue: Option<String>,
    /// The topic's own name, where messages come from a topic.
    pub(crate) topic: Option<String>,
    /// How many messages one delivery may have.
    #[schemars(range(min = 1, max = 10000))]
    pub(crate) batch: Option<u32>,
    /// What AWS has otherwise.
    pub(crate) aws: MessageAws,
    /// What Azure has otherwise.
    pub(crate) azure: MessageAzure,
    /// What Google Cloud has otherwise.
    pub(crate) gcp: MessageGcp,
}

/// Where messages come from on AWS.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct MessageAws {
    /// The service; `sqs` for a queue, `sns` for a topic where it is not set.
    pub(crate) source: Option<AwsSource>,
    /// The queue's own name.
    pub(crate) queue: Option<String>,
    /// The topic's own name.
    pub(crate) topic: Option<String>,
    /// How many messages one delivery may have.
    #[schemars(range(min = 1, max = 10000))]
    pub(crate) batch: Option<u32>,
}

/// A service of AWS that has messages.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AwsSource {
    /// Simple Queue Service.
    Sqs,
    /// Simple Notification Service.
    Sns,
    /// Kinesis Data Streams: the queue's name is the stream's.
    Kinesis,
    /// Managed Streaming for Apache Kafka.
    Kafka,
}

/// Where messages come from on Azure.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct MessageAzure {
    /// The service; `storage-queue` for a queue, `service-bus` for a topic where it is not set.
    pub(crate) source: Option<AzureSource>,
    /// The queue's (or event hub's) own name.
    pub(crate) queue: Option<String>,
    /// The topic's own name.
    pub(crate) topic: Option<String>,
    /// The topic's subscription; the function's name where it is not set.
    pub(crate) subscription: Option<String>,
    /// The setting that holds the connection.
    pub(crate) connection: Option<String>,
    /// How many messages one delivery may have.
    #[schemars(range(min = 1, max = 10000))]
    pub(crate) batch: Option<u32>,
}

/// A service of Azure that has messages.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AzureSource {
    /// Queue Storage.
    StorageQueue,
    /// Service Bus.
    ServiceBus,
    /// Event Hubs.
    EventHub,
}

/// Where messages come from on Google Cloud: always Pub/Sub.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct MessageGcp {
    /// The topic's own name.
    pub(crate) topic: Option<String>,
    /// The subscription's own name; the topic's where it is not set.
    pub(crate) subscription: Option<String>,
}

/// Objects that are made or deleted in a bucket.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Object {
    /// The bucket's (or container's) own name; the logical name where it is not set.
    pub(crate) bucket: Option<String>,
    /// What is told of: objects that were made, deleted, or both. Made ones where it is not set.
    pub(crate) on: Vec<On>,
    /// Only keys that begin so.
    pub(crate) prefix: Option<String>,
    /// What AWS has otherwise.
    pub(crate) aws: Bucket,
    /// What Azure has otherwise.
    pub(crate) azure: Bucket,
    /// What Google Cloud has otherwise.
    pub(crate) gcp: Bucket,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum On {
    /// It was made, or written anew.
    Created,
    /// It was deleted.
    Deleted,
}

/// A bucket's own name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Bucket {
    /// The bucket's (or container's) own name.
    pub(crate) bucket: Option<String>,
    /// The setting that holds the connection, on Azure.
    pub(crate) connection: Option<String>,
}

/// A schedule.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
pub(crate) struct Schedule {
    /// When: minute, hour, day of the month, month, day of the week, such as `0 3 * * *`.
    pub(crate) cron: String,
    /// The time zone of these, such as `Europe/Berlin`; UTC where it is not set.
    pub(crate) timezone: Option<String>,
    /// What AWS has otherwise.
    #[serde(default)]
    pub(crate) aws: When,
    /// What Azure has otherwise.
    #[serde(default)]
    pub(crate) azure: When,
    /// What Google Cloud has otherwise.
    #[serde(default)]
    pub(crate) gcp: When,
}

/// When a schedule is due.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct When {
    /// When, on this cloud: five fields as above.
    pub(crate) cron: Option<String>,
}

/// Changes in a database.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Change {
    /// The table's (collection's, container's) own name; the logical name where it is not set.
    pub(crate) table: Option<String>,
    /// What AWS has otherwise: `DynamoDB` Streams.
    pub(crate) aws: Collection,
    /// What Azure has otherwise: Cosmos DB, or SQL.
    pub(crate) azure: Collection,
    /// What Google Cloud has otherwise: Firestore.
    pub(crate) gcp: Collection,
}

/// A table's own name.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Collection {
    /// The table's (collection's, container's) own name.
    pub(crate) table: Option<String>,
    /// The database that it is in, where the cloud has several.
    pub(crate) database: Option<String>,
    /// The setting that holds the connection, on Azure.
    pub(crate) connection: Option<String>,
}

impl Message {
    /// The service that it comes from on AWS: what is said, else what has the name.
    pub(crate) fn aws_source(&self) -> AwsSource {
        let topic = match (&self.aws.queue, &self.aws.topic) {
            (Some(_), _) => false,
            (None, Some(_)) => true,
            (None, None) => self.queue.is_none() && self.topic.is_some(),
        };
        let other = if topic {
            AwsSource::Sns
        } else {
            AwsSource::Sqs
        };
        self.aws.source.unwrap_or(other)
    }

    /// What its subscription is called on Google Cloud: as the topic is, where nothing is said.
    pub(crate) fn subscription<'a>(&'a self, logical: &'a str) -> &'a str {
        let own = self.gcp.subscription.as_deref();
        own.unwrap_or_else(|| self.name(logical, Cloud::Gcp))
    }

    /// What this cloud calls it, given its logical name.
    pub(crate) fn name<'a>(&'a self, logical: &'a str, cloud: Cloud) -> &'a str {
        let own = match cloud {
            Cloud::Aws => self.aws.queue.as_ref().or(self.aws.topic.as_ref()),
            Cloud::Azure => self.azure.queue.as_ref().or(self.azure.topic.as_ref()),
            Cloud::Gcp => self.gcp.topic.as_ref(),
        };
        let common = self.queue.as_ref().or(self.topic.as_ref());
        own.or(common).map_or(logical, String::as_str)
    }
}

impl Object {
    /// What this cloud calls it, given its logical name.
    pub(crate) fn name<'a>(&'a self, logical: &'a str, cloud: Cloud) -> &'a str {
        let own = match cloud {
            Cloud::Aws => &self.aws,
            Cloud::Azure => &self.azure,
            Cloud::Gcp => &self.gcp,
        };
        let own = own.bucket.as_ref().or(self.bucket.as_ref());
        own.map_or(logical, String::as_str)
    }
}

impl Change {
    /// What this cloud calls it, given its logical name.
    pub(crate) fn name<'a>(&'a self, logical: &'a str, cloud: Cloud) -> &'a str {
        let own = match cloud {
            Cloud::Aws => &self.aws,
            Cloud::Azure => &self.azure,
            Cloud::Gcp => &self.gcp,
        };
        let own = own.table.as_ref().or(self.table.as_ref());
        own.map_or(logical, String::as_str)
    }
}
