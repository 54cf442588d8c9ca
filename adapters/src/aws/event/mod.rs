//! Events of every source: a file a trigger. Which one it is shows by structure.

mod activemq;
mod arn;
mod attribute;
mod cloud_event;
mod cognito;
mod delivery;
mod dynamodb;
mod eventbridge;
mod gather;
mod invoke;
mod kafka;
mod key;
mod kinesis;
mod logs;
mod malformed;
mod rabbitmq;
mod records;
mod s3;
mod scope;
mod ses;
mod shard;
mod sns;
mod sqs;
mod time;
mod unwrap;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bytestring::ByteString;

use super::context::Call;
use super::http::event::Event;
use super::settings::EventRules;
use delivery::Way;
use gather::Gathered;
use scope::Scope;

pub(super) use delivery::Delivery;
#[cfg(feature = "translate")]
pub(super) use delivery::Tell;
pub(super) use malformed::Malformed;
pub(super) use records::Records;

/// Why a payload became no events.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is of a source that is not known for certain; the text names it.
    Foreign(Cow<'static, str>),
    Malformed(Malformed),
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

/// Reads a queue's batch as the service writes it, before anything else is known of the payload.
pub(super) fn decode_at_once(payload: &ByteString, rules: &EventRules) -> Option<Delivery> {
    let gathered = sqs::read_at_once(Scope { payload, rules })?;
    Some(Delivery::new(OF_SQS, gathered, Way::Items, rules))
}

const OF_SQS: &str = "messages of SQS";

/// Reads what is no HTTP event. `signs` are its members, as far as they tell what it is.
pub(super) fn decode<'a>(
    payload: &'a ByteString,
    signs: &Event<'a>,
    rules: &'a EventRules,
    call: &Call,
) -> Result<Delivery, Refused> {
    let scope = Scope { payload, rules };
    if signs.window.is_there && signs.records.is_there {
        return Err(Refused::Foreign("a time window of a stream".into()));
    }
    let (what, gathered, way) = if signs.records.is_there {
        of_records(scope, &signs.records)?
    } else if let Some(source) = &signs.source {
        of_source(scope, source, call)?
    } else if signs.detail_type.is_some() && signs.origin.is_some() {
        let event = eventbridge::event(scope, payload)?;
        ("an event of EventBridge", Gathered::one(event), Way::Whole)
    } else if signs.logs.is_there {
        ("lines of CloudWatch Logs", logs::read(scope)?, Way::Whole)
    } else if s3::is_test(signs.service.as_deref(), signs.tested.as_deref()) {
        ("S3's test", Gathered::of(0), Way::Whole)
    } else if signs.context.is_there {
        return Err(Refused::Foreign(
            "an event of no HTTP front door's shape".into(),
        ));
    } else if let Some(event) = cognito::event(scope, signs, call) {
        ("a trigger of Cognito", Gathered::one(event), Way::Trigger)
    } else {
        ("a direct invoke", invoke::read(scope, call), Way::Call)
    };
    Ok(Delivery::new(what, gathered, way, rules))
}

type Found = (&'static str, Gathered, Way);

fn of_records<'a>(scope: Scope<'a>, records: &Records<'a>) -> Result<Found, Refused> {
    let all = &*records.all;
    Ok(match records.source.as_deref() {
        Some("aws:sqs") => (OF_SQS, sqs::read(scope, all), Way::Items),
        Some("aws:sns") => ("a message of SNS", sns::read(scope, all), Way::Whole),
        Some("aws:s3") => ("a notification of S3", s3::read(scope, all), Way::Whole),
        Some("aws:dynamodb") => (
            "changes of DynamoDB",
            dynamodb::read(scope, all),
            Way::Shard,
        ),
        Some("aws:kinesis") => ("records of Kinesis", kinesis::read(scope, all), Way::Shard),
        Some("aws:ses") => ("a mail of SES", ses::read(scope, all), Way::Whole),
        Some(other) => return Err(unknown(other)),
        None if all.is_empty() => return Err(Refused::Foreign("a batch without records".into())),
        None => return Err(Refused::Foreign("a batch of no known source".into())),
    })
}

fn of_source(scope: Scope<'_>, source: &str, call: &Call) -> Result<Found, Refused> {
    const MQ: &str = "messages of Amazon MQ";
    Ok(match source {
        "aws:kafka" | "aws:SelfManagedKafka" | "SelfManagedKafka" => {
            ("records of Kafka", kafka::read(scope)?, Way::Partitions)
        }
        "aws:mq" | "aws:amq" => (MQ, activemq::read(scope)?, Way::Whole),
        "aws:rmq" => (MQ, rabbitmq::read(scope, &call.request_id)?, Way::Whole),
        other => return Err(unknown(other)),
    })
}

fn unknown(source: &str) -> Refused {
    let source: String = source.chars().take(100).collect();
    Refused::Foreign(format!("a batch of {source}, a source that is not known").into())
}
