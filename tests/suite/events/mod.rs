//! Events: what every source must show, once, with real programs over real sockets.

mod cases;
pub(crate) mod deployed;
mod items;
mod table;
mod vectors;

use isobar::testing::Source;

/// One test a case and source, so that `cargo test sqs` and `cargo test panic` select.
macro_rules! events {
    ($($module:ident: $source:ident,)*) => {
        /// The sources that the cases run against.
        const TESTED: &[Source] = &[$(Source::$source,)*];

        $(mod $module {
            use isobar::testing::Source;

            use super::cases;

            const SOURCE: Source = Source::$source;

            #[tokio::test]
            async fn a_handled_event_is_seen_whole_and_acknowledged() {
                cases::a_handled_event_is_seen_whole_and_acknowledged(SOURCE).await;
            }

            #[tokio::test]
            async fn a_failed_event_comes_again() {
                cases::a_failed_event_comes_again(SOURCE).await;
            }

            #[tokio::test]
            async fn a_failure_for_good_is_acknowledged() {
                cases::a_failure_for_good_is_acknowledged(SOURCE).await;
            }

            #[tokio::test]
            async fn a_panic_fails_the_event_and_the_process_lives_on() {
                cases::a_panic_fails_the_event_and_the_process_lives_on(SOURCE).await;
            }

            #[tokio::test]
            async fn of_a_batch_only_what_must_comes_again() {
                cases::of_a_batch_only_what_must_comes_again(SOURCE).await;
            }

            #[tokio::test]
            async fn an_event_without_a_handler_comes_again() {
                cases::an_event_without_a_handler_comes_again(SOURCE).await;
            }

            #[tokio::test]
            async fn malformed_data_fails_and_the_process_lives_on() {
                cases::malformed_data_fails_and_the_process_lives_on(SOURCE).await;
            }
        })*
    };
}

events! {
    sqs: Sqs,
    sqs_fifo: SqsFifo,
    sns: Sns,
    sns_in_sqs: SnsInSqs,
    kinesis: Kinesis,
    kafka: Kafka,
    active_mq: ActiveMq,
    rabbit_mq: RabbitMq,
    s3: S3,
    s3_event_bridge: S3EventBridge,
    s3_in_sqs: S3InSqs,
    event_bridge_schedule: EventBridgeSchedule,
    event_bridge: EventBridge,
    dynamo_db: DynamoDb,
    lambda_invoke: LambdaInvoke,
    storage_queue: StorageQueue,
    service_bus: ServiceBus,
    event_hub: EventHub,
    azure_kafka: AzureKafka,
    blob: Blob,
    event_grid_blob: EventGridBlob,
    timer: Timer,
    cosmos_db: CosmosDb,
    azure_sql: AzureSql,
    event_grid: EventGrid,
    pub_sub_push: PubSubPush,
    pub_sub_eventarc: PubSubEventarc,
    cloud_tasks: CloudTasks,
    cloud_storage: CloudStorage,
    cloud_storage_notification: CloudStorageNotification,
    cloud_scheduler: CloudScheduler,
    firestore: Firestore,
    eventarc: Eventarc,
    typed_function: TypedFunction,
    cloud_event: CloudEvent,
}

#[test]
fn every_source_is_tested() {
    assert_eq!(TESTED, Source::ALL);
}
