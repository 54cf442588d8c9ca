//! Messages: of queues, topics, streams and clusters.

use serde_json::{Value, json};

use super::function::{invoked, timeout};
use super::stream;
use super::template::{Template, arn, dead_letters, id, of};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;
use crate::manifest::{AwsSource, Cloud, Message};

/// How often a message is tried, before it goes to the dead letters.
const TRIES: u32 = 5;

/// Adds what brings a message; `true` where it comes without anyone who waits for an answer.
///
/// # Errors
///
/// When the service has no such thing.
pub(super) fn add(
    function: &Function,
    logical: &str,
    message: &Message,
    template: &mut Template,
) -> Result<bool> {
    let name = message.name(logical, Cloud::Aws);
    let batch = message.aws.batch.or(message.batch);
    match message.aws_source() {
        AwsSource::Sqs => queue(function, logical, name, batch, template)?,
        AwsSource::Sns => {
            topic(function, logical, name, template)?;
            return Ok(true);
        }
        AwsSource::Kinesis => stream::kinesis(function, logical, name, batch, template)?,
        AwsSource::Kafka => stream::kafka(function, logical, name, batch, template)?,
    }
    Ok(false)
}

/// A queue, its dead letters, and the mapping to the function.
fn queue(
    function: &Function,
    logical: &str,
    name: &str,
    batch: Option<u32>,
    template: &mut Template,
) -> Result<()> {
    let plain = name.strip_suffix(".fifo");
    must_be_a_name(
        "queue",
        logical,
        plain.unwrap_or(name),
        80 - "-failed.fifo".len(),
    )?;
    let fifo = plain.is_some();
    let most = if fifo { 10 } else { 10_000 };
    let batch = within(logical, batch.unwrap_or(10), most)?;
    let id = id(logical);
    let (queue, dead) = (format!("{id}Queue"), format!("{id}DeadLetters"));
    template.resource(&dead, dead_queue(plain, &queue));
    template.resource(&queue, json!({
        "Type": "AWS::SQS::Queue",
        "Properties": own(json!({
            "QueueName": name, "SqsManagedSseEnabled": true,
            "#VisibilityTimeout": "Six times the function's, as AWS advises: a batch that waits for a free instance comes only once.",
            "VisibilityTimeout": timeout(function).saturating_mul(6).max(30),
            "RedrivePolicy": {"deadLetterTargetArn": arn(&dead), "maxReceiveCount": TRIES},
        }), fifo),
    }));
    let mut mapping = json!({
        "FunctionName": invoked(function), "EventSourceArn": arn(&queue), "BatchSize": batch,
        "#FunctionResponseTypes": "Only the messages that failed are delivered again. Without it those which failed would be lost.",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    if let (Some(mapping), true) = (mapping.as_object_mut(), batch > 10) {
        // a larger batch is refused without a time to gather it
        mapping.insert("MaximumBatchingWindowInSeconds".to_owned(), 1.into());
    }
    template.resource(
        &format!("{id}Mapping"),
        json!({"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}),
    );
    template.allow(json!({
        "Effect": "Allow", "Resource": arn(&queue),
        "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
    }));
    template.output(
        &format!("{id}QueueUrl"),
        &format!("The queue of {logical}"),
        &of(&queue),
    );
    template.output(
        &format!("{id}DeadLettersUrl"),
        &format!("What of {logical} failed {TRIES} times"),
        &of(&dead),
    );
    Ok(())
}

/// The dead letters of a queue; those of a FIFO queue have to be one too.
fn dead_queue(fifo: Option<&str>, queue: &str) -> Value {
    let mut dead = dead_letters(&format!("Messages of {queue} that failed {TRIES} times."));
    if let (Some(name), Some(properties)) = (fifo, dead.pointer_mut("/Properties")) {
        *properties = own(properties.take(), true);
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("QueueName".to_owned(), format!("{name}-failed.fifo").into());
        }
    }
    dead
}

fn own(mut properties: Value, fifo: bool) -> Value {
    if let (Some(properties), true) = (properties.as_object_mut(), fifo) {
        properties.insert("FifoQueue".to_owned(), true.into());
    }
    properties
}

/// A topic, and the function's subscription.
fn topic(function: &Function, logical: &str, name: &str, template: &mut Template) -> Result<()> {
    if name.strip_suffix(".fifo").is_some() {
        let message = format!("{logical}: a FIFO topic of SNS delivers to queues only");
        return Err(Failure::new(Kind::Project, message).help(
            "subscribe a FIFO queue to it, and name that: aws = { source = \"sqs\", queue = \"..fifo\" }",
        ));
    }
    must_be_a_name("topic", logical, name, 256)?;
    let id = id(logical);
    let (topic, dead) = (format!("{id}Topic"), format!("{id}DeadLetters"));
    template.resource(
        &topic,
        json!({"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}),
    );
    template.resource(&dead, dead_letters(&format!(
        "Messages of {topic} that could not be handed to the function; those that it failed are in FailedEvents.",
    )));
    template.resource(&format!("{dead}Policy"), json!({
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": [of(&dead)], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": arn(&dead),
            "Condition": {"ArnEquals": {"aws:SourceArn": of(&topic)}},
        }]}},
    }));
    template.resource(
        &format!("{topic}Permission"),
        json!({
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction", "FunctionName": invoked(function),
                "Principal": "sns.amazonaws.com", "SourceArn": of(&topic),
            },
        }),
    );
    template.resource(
        &format!("{id}Subscription"),
        json!({
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": of(&topic), "Protocol": "lambda", "Endpoint": invoked(function),
                "RedrivePolicy": {"deadLetterTargetArn": arn(&dead)},
            },
            "#DependsOn": "else what is published meanwhile is refused",
            "DependsOn": [format!("{dead}Policy"), format!("{topic}Permission")],
        }),
    );
    template.output(
        &format!("{id}TopicArn"),
        &format!("The topic of {logical}"),
        &of(&topic),
    );
    Ok(())
}

/// A batch that the service takes.
pub(super) fn within(logical: &str, batch: u32, most: u32) -> Result<u32> {
    if batch <= most {
        return Ok(batch);
    }
    let message =
        format!("{logical}: a FIFO queue of SQS delivers {most} messages at most, not {batch}");
    Err(Failure::new(Kind::Project, message).help(format!("aws = {{ batch = {most} }}")))
}

fn must_be_a_name(what: &str, logical: &str, name: &str, most: usize) -> Result<()> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= most && name.chars().all(good) {
        return Ok(());
    }
    let message = format!("{logical}: no {what} of AWS may be called {name:?}");
    Err(Failure::new(Kind::Project, message).help(format!(
        "a name has letters, digits, - and _, {most} at most: aws = {{ {what} = \"..\" }}"
    )))
}
