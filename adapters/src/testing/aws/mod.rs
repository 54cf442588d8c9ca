//! What AWS Lambda's Runtime API delivers.

mod changes;
mod messages;
mod objects;
mod others;

use super::{Item, Native, Source};

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";

pub(super) fn native(source: Source, name: &str, items: &[Item]) -> Option<Native> {
    let body = match source {
        Source::Sqs => messages::sqs(name, items),
        Source::SqsFifo => messages::sqs_fifo(name, items),
        Source::Sns => messages::sns(name, items),
        Source::SnsInSqs => messages::sns_in_sqs(name, items),
        Source::Kinesis => messages::kinesis(name, items),
        Source::Kafka => messages::kafka(name, items),
        Source::ActiveMq => messages::active_mq(name, items),
        Source::RabbitMq => messages::rabbit_mq(name, items),
        Source::S3 => objects::s3(name, items),
        Source::S3EventBridge => objects::s3_event_bridge(name, items),
        Source::S3InSqs => objects::s3_in_sqs(name, items),
        Source::EventBridgeSchedule => others::schedule(name, items),
        Source::EventBridge => others::event_bridge(items),
        Source::DynamoDb => changes::dynamo_db(name, items),
        Source::LambdaInvoke => return others::invoke(items),
        _ => return None,
    };
    let mut native = Native::json(source, &body);
    if source == Source::SqsFifo {
        native.names = Some(format!("{name}={name}.fifo"));
    }
    Some(native)
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}
