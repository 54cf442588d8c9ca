use isobar_core::{Kind, Provider};

use super::Delivery;

macro_rules! sources {
    ($($(#[$doc:meta])* $name:ident $function:ident = $provider:ident $kind:ident $batches:literal $title:literal,)*) => {
        /// Where events come from: a trigger of one host.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Source {
            $($(#[$doc])* $name,)*
        }

        $(
            $(#[$doc])*
            ///
            /// Begins a delivery from the one of this name.
            pub fn $function(name: impl Into<String>) -> Delivery {
                Delivery::new(Source::$name, name)
            }
        )*

        impl Source {
            /// All sources, by host.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Returns the host that it is a trigger of.
            pub fn provider(self) -> Provider {
                match self {
                    $(Self::$name => Provider::$provider,)*
                }
            }

            /// Returns the kind of its events.
            pub fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)*
                }
            }

            /// Returns true if a delivery may have several items.
            pub fn takes_batches(self) -> bool {
                match self {
                    $(Self::$name => $batches,)*
                }
            }

            /// Returns its name in print, such as `SQS FIFO`.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }
        }
    };
}

sources! {
    /// AWS: a standard queue.
    Sqs sqs = Aws Message true "SQS",
    /// AWS: a FIFO queue.
    SqsFifo sqs_fifo = Aws Message true "SQS FIFO",
    /// AWS: a topic.
    Sns sns = Aws Message false "SNS",
    /// AWS: a topic's message in a queue.
    SnsInSqs sns_in_sqs = Aws Message true "SNS in SQS",
    /// AWS: a shard of a stream.
    Kinesis kinesis = Aws Message true "Kinesis",
    /// AWS: a topic of Apache Kafka.
    Kafka kafka = Aws Message true "Kafka (AWS)",
    /// AWS: a queue of Amazon MQ for `ActiveMQ`.
    ActiveMq active_mq = Aws Message true "ActiveMQ",
    /// AWS: a queue of Amazon MQ for `RabbitMQ`.
    RabbitMq rabbit_mq = Aws Message true "RabbitMQ",
    /// AWS: a bucket.
    S3 s3 = Aws Object false "S3",
    /// AWS: a bucket, by way of `EventBridge`.
    S3EventBridge s3_event_bridge = Aws Object false "S3 by EventBridge",
    /// AWS: a bucket's notification in a queue.
    S3InSqs s3_in_sqs = Aws Object true "S3 in SQS",
    /// AWS: a rule of `EventBridge` with a schedule.
    EventBridgeSchedule event_bridge_schedule = Aws Schedule false "EventBridge schedule",
    /// AWS: an application's own event, by `EventBridge`.
    EventBridge event_bridge = Aws Other false "EventBridge",
    /// AWS: a table's stream.
    DynamoDb dynamo_db = Aws Change true "DynamoDB Streams",
    /// AWS: a direct invoke, also by Step Functions.
    LambdaInvoke lambda_invoke = Aws Invoke false "Lambda invoke",
    /// Azure: a queue of a storage account.
    StorageQueue storage_queue = Azure Message false "Queue Storage",
    /// Azure: a queue or topic of Service Bus.
    ServiceBus service_bus = Azure Message false "Service Bus",
    /// Azure: a partition of Event Hubs.
    EventHub event_hub = Azure Message true "Event Hubs",
    /// Azure: a topic of Apache Kafka.
    AzureKafka azure_kafka = Azure Message false "Kafka (Azure)",
    /// Azure: a blob container.
    Blob blob = Azure Object false "Blob Storage",
    /// Azure: a blob container, by way of Event Grid.
    EventGridBlob event_grid_blob = Azure Object false "Blob Storage by Event Grid",
    /// Azure: a timer.
    Timer timer = Azure Schedule false "timer",
    /// Azure: a container of Cosmos DB.
    CosmosDb cosmos_db = Azure Change true "Cosmos DB",
    /// Azure: a table of Azure SQL.
    AzureSql azure_sql = Azure Change true "Azure SQL",
    /// Azure: an application's own event, by Event Grid.
    EventGrid event_grid = Azure Other false "Event Grid",
    /// Google Cloud: a push subscription.
    PubSubPush pub_sub_push = Gcp Message false "Pub/Sub push",
    /// Google Cloud: a topic, by Eventarc.
    PubSubEventarc pub_sub_eventarc = Gcp Message false "Pub/Sub by Eventarc",
    /// Google Cloud: a queue of Cloud Tasks.
    CloudTasks cloud_tasks = Gcp Message false "Cloud Tasks",
    /// Google Cloud: a bucket, by Eventarc.
    CloudStorage cloud_storage = Gcp Object false "Cloud Storage",
    /// Google Cloud: a bucket's notification to a topic.
    CloudStorageNotification cloud_storage_notification = Gcp Object false "Cloud Storage notification",
    /// Google Cloud: a job of Cloud Scheduler.
    CloudScheduler cloud_scheduler = Gcp Schedule false "Cloud Scheduler",
    /// Google Cloud: a collection of Firestore, by Eventarc.
    Firestore firestore = Gcp Change false "Firestore",
    /// Google Cloud: an application's own event, by Eventarc.
    Eventarc eventarc = Gcp Other false "Eventarc",
    /// Google Cloud: a call of a typed function.
    TypedFunction typed_function = Gcp Invoke false "typed function",
    /// This machine, and Knative: any `CloudEvent` by POST.
    CloudEvent cloud_event = Local Other false "CloudEvents by POST",
}

impl Source {
    /// Returns the sources of one kind of event.
    pub fn of_kind(kind: Kind) -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(move |source| source.kind() == kind)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}
