//! What is read in order: Kinesis, `DynamoDB` Streams, Kafka.

use serde_json::{Value, json};

use super::function::invoked;
use super::template::{Template, arn, dead_letters, id, of, sub};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;

/// A stream, and the mapping to the function.
///
/// # Errors
///
/// When no stream may have the name.
pub(super) fn kinesis(
    function: &Function,
    logical: &str,
    name: &str,
    batch: Option<u32>,
    template: &mut Template,
) -> Result<()> {
    must_be_a_name("stream", logical, name, 128)?;
    let id = id(logical);
    let stream = format!("{id}Stream");
    template.resource(
        &stream,
        json!({
            "Type": "AWS::Kinesis::Stream",
            "Properties": {
                "Name": name, "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
            },
        }),
    );
    template.allow(json!({
        "Effect": "Allow", "Resource": arn(&stream),
        "Action": [
            "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
            "kinesis:GetShardIterator", "kinesis:ListShards",
        ],
    }));
    shards(function, &id, &arn(&stream), batch, template);
    template.output(
        &format!("{id}StreamName"),
        &format!("The stream of {logical}"),
        &of(&stream),
    );
    Ok(())
}

/// The mapping of a table's stream. Its keys are not ours to know, so the table is made elsewhere.
///
/// # Errors
///
/// When no table may have the name.
pub(super) fn table(
    function: &Function,
    logical: &str,
    table: &str,
    template: &mut Template,
) -> Result<()> {
    must_be_a_name("table", logical, table, 255)?;
    // messages may have the same logical name
    let id = format!("{}Table", id(logical));
    let parameter = format!("{id}StreamArn");
    template.parameter(
        &parameter,
        json!({
            "Type": "String",
            "Description": format!(
                "The ARN of the stream of the table {table}, with old and new images \
                 (aws dynamodb describe-table --table-name {table} --query Table.LatestStreamArn)"
            ),
        }),
    );
    template.allow(json!({
        "Effect": "Allow", "Resource": of(&parameter),
        "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    }));
    let streams = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table";
    template.allow(json!({
        "Effect": "Allow", "Action": "dynamodb:ListStreams",
        "Resource": sub(format!("{streams}/{table}/stream/*")),
    }));
    shards(function, &id, &of(&parameter), None, template);
    Ok(())
}

/// A mapping of shards: a record that fails for good must not hold up all behind it for a day.
fn shards(
    function: &Function,
    id: &str,
    source: &Value,
    batch: Option<u32>,
    template: &mut Template,
) {
    let dead = left_out(id, template);
    template.resource(&format!("{id}Mapping"), json!({
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": invoked(function), "EventSourceArn": source,
            "BatchSize": batch.unwrap_or(100), "StartingPosition": "TRIM_HORIZON",
            "#FunctionResponseTypes": "A shard is read again from the first record that failed. Without it what failed would be lost.",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": true,
            "#MaximumRetryAttempts": "Then where the record is goes to the dead letters, and the shard goes on.",
            "MaximumRetryAttempts": 10, "MaximumRecordAgeInSeconds": 86_400,
            "DestinationConfig": {"OnFailure": {"Destination": arn(&dead)}},
        },
    }));
}

/// The queue that is told of what was given up.
fn left_out(id: &str, template: &mut Template) -> String {
    let dead = format!("{id}DeadLetters");
    template.resource(&dead, dead_letters(
        "Where in the stream the records are that were given up. The records stay in the stream until they expire.",
    ));
    template.allow(json!({
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn(&dead),
    }));
    template.output(
        &format!("{id}DeadLettersUrl"),
        "Where records are that were given up",
        &of(&dead),
    );
    dead
}

/// The mapping of a topic of Amazon MSK. A cluster is in a network, so it is made elsewhere.
///
/// Sources: docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
///
/// # Errors
///
/// When no topic may have the name.
pub(super) fn kafka(
    function: &Function,
    logical: &str,
    topic: &str,
    batch: Option<u32>,
    template: &mut Template,
) -> Result<()> {
    must_be_a_name("topic", logical, topic, 249)?;
    let id = id(logical);
    let parameter = format!("{id}ClusterArn");
    template.parameter(
        &parameter,
        json!({
            "Type": "String",
            "Description": format!("The ARN of the MSK cluster that has the topic {topic}"),
        }),
    );
    template.allow(json!({
        "Effect": "Allow", "Resource": of(&parameter),
        "Action": [
            "kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers",
            "kafka-cluster:Connect", "kafka-cluster:DescribeClusterDynamicConfiguration",
        ],
    }));
    // no two mappings may have the same
    let group = format!("{}-{id}", function.name);
    let inside = |kind: &str, name: &str| {
        sub(format!(
            "arn:${{AWS::Partition}}:kafka:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*/*/{name}"
        ))
    };
    template.allow(json!({
        "#": "for clusters with IAM access control; the name of the cluster is in their ARN",
        "Effect": "Allow", "Action": ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
        "Resource": inside("topic", topic),
    }));
    template.allow(json!({
        "Effect": "Allow", "Action": ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
        "Resource": inside("group", &group),
    }));
    template.allow(json!({
        "#": "Lambda reads a cluster from within its network. EC2 has no finer resource for these.",
        "Effect": "Allow", "Resource": "*",
        "Action": [
            "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    }));
    let dead = left_out(&id, template);
    template.resource(&format!("{id}Mapping"), json!({
        "#": "One record that fails brings its whole batch again: the mapping could report single ones in \
              provisioned mode only, and then wants ISOBAR_BATCH_ITEM_FAILURES=kafka.",
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": invoked(function), "EventSourceArn": of(&parameter), "Topics": [topic],
            "BatchSize": batch.unwrap_or(100), "StartingPosition": "TRIM_HORIZON",
            "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": group},
            "DestinationConfig": {"OnFailure": {"Destination": arn(&dead)}},
        },
    }));
    Ok(())
}

fn must_be_a_name(what: &str, logical: &str, name: &str, most: usize) -> Result<()> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.len() <= most && name.chars().all(good) {
        return Ok(());
    }
    let message = format!("{logical}: no {what} may be called {name:?}");
    Err(Failure::new(Kind::Project, message).help(format!(
        "a name has letters, digits, -, _ and ., {most} at most: give it one for AWS"
    )))
}
