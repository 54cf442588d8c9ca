//! The signs by which a payload of AWS Lambda shows what it is.
//!
//! Isobar itself decides what it takes; this says by which members a reader can tell, and names
//! what Isobar has no trigger for. Names and members are those of AWS's own example events.

use std::fmt::Write;

use serde_json::Value;

/// One member that tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// It is there.
    Has(&'static str),
    /// It is not there.
    HasNo(&'static str),
    /// It is this text.
    Is(&'static str, &'static str),
    /// It is a text that has this in it.
    Contains(&'static str, &'static str),
}

use Sign::{Contains, Has, HasNo, Is};

/// What a payload can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Its name in print.
    pub(super) name: &'static str,
    /// All of these hold.
    pub(super) signs: &'static [Sign],
}

const fn shape(name: &'static str, signs: &'static [Sign]) -> Shape {
    Shape { name, signs }
}

/// What Isobar takes; the first one that fits.
pub(super) const TAKEN: &[Shape] = &[
    shape("Application Load Balancer", &[Has("/requestContext/elb")]),
    shape(
        "API Gateway, WebSocket API",
        &[
            Has("/requestContext/connectionId"),
            Has("/requestContext/routeKey"),
        ],
    ),
    shape(
        "function URL",
        &[
            Is("/version", "2.0"),
            Has("/requestContext/http"),
            Contains("/requestContext/domainName", ".lambda-url."),
        ],
    ),
    shape(
        "API Gateway, HTTP API (payload 2.0)",
        &[Is("/version", "2.0"), Has("/requestContext/http")],
    ),
    shape(
        "VPC Lattice",
        &[Is("/version", "2.0"), Has("/requestContext/serviceArn")],
    ),
    shape("VPC Lattice (1.0)", &[Has("/raw_path"), Has("/method")]),
    shape(
        "API Gateway, HTTP API (payload 1.0)",
        &[
            Is("/version", "1.0"),
            Has("/requestContext"),
            Has("/httpMethod"),
        ],
    ),
    shape(
        "API Gateway, REST API",
        &[Has("/requestContext"), Has("/httpMethod"), Has("/resource")],
    ),
    shape(
        "API Gateway, REST API",
        &[Has("/requestContext"), Has("/httpMethod")],
    ),
    shape("SQS", &[Is("/Records/0/eventSource", "aws:sqs")]),
    shape("SNS", &[Is("/Records/0/EventSource", "aws:sns")]),
    shape("S3", &[Is("/Records/0/eventSource", "aws:s3")]),
    shape(
        "DynamoDB Streams",
        &[Is("/Records/0/eventSource", "aws:dynamodb")],
    ),
    shape("Kinesis", &[Is("/Records/0/eventSource", "aws:kinesis")]),
    shape("SES", &[Is("/Records/0/eventSource", "aws:ses")]),
    shape("Kafka", &[Is("/eventSource", "aws:kafka")]),
    shape("Kafka", &[Is("/eventSource", "SelfManagedKafka")]),
    shape("Amazon MQ (ActiveMQ)", &[Is("/eventSource", "aws:mq")]),
    shape("Amazon MQ (ActiveMQ)", &[Is("/eventSource", "aws:amq")]),
    shape("Amazon MQ (RabbitMQ)", &[Is("/eventSource", "aws:rmq")]),
    shape(
        "EventBridge, schedule",
        &[
            Is("/source", "aws.events"),
            Is("/detail-type", "Scheduled Event"),
        ],
    ),
    shape(
        "S3 by EventBridge",
        &[
            Is("/source", "aws.s3"),
            Has("/detail-type"),
            Has("/detail/bucket"),
        ],
    ),
    shape("EventBridge", &[Has("/detail-type"), Has("/source")]),
    shape(
        "a Cognito user pool's trigger",
        &[
            Has("/triggerSource"),
            Has("/userPoolId"),
            Has("/request"),
            Has("/response"),
        ],
    ),
    shape("CloudWatch Logs", &[Has("/awslogs/data")]),
    shape("S3's test event", &[Is("/Event", "s3:TestEvent")]),
];

/// What Isobar has no trigger for.
pub(super) const OTHERS: &[Shape] = &[
    shape(
        "a CodeDeploy hook's call",
        &[Has("/DeploymentId"), Has("/LifecycleEventHookExecutionId")],
    ),
    shape(
        "an answer of SQS's own API, not an event",
        &[Has("/Messages/0/ReceiptHandle")],
    ),
    shape(
        "a WebSocket API's disconnect",
        &[Is("/requestContext/eventType", "DISCONNECT")],
    ),
    shape(
        "a WebSocket API's message",
        &[Is("/requestContext/eventType", "MESSAGE")],
    ),
    shape(
        "an API Gateway authorizer's request (REST)",
        &[Is("/type", "TOKEN"), Has("/methodArn")],
    ),
    shape(
        "an API Gateway authorizer's request (REST)",
        &[Is("/type", "REQUEST"), Has("/methodArn")],
    ),
    shape(
        "an API Gateway authorizer's request (HTTP API)",
        &[Is("/type", "REQUEST"), Has("/routeArn")],
    ),
    shape(
        "an API Gateway authorizer's request",
        &[Has("/authorizationToken"), Has("/methodArn")],
    ),
    shape(
        "an API Gateway authorizer's answer",
        &[Has("/policyDocument")],
    ),
    shape("an IoT authorizer's answer", &[Has("/policyDocuments")]),
    shape("an IoT authorizer's request", &[Has("/protocolData")]),
    shape(
        "an HTTP answer, not an event",
        &[Has("/statusCode"), HasNo("/requestContext")],
    ),
    shape(
        "an answer to SQS, not an event",
        &[Has("/batchItemFailures")],
    ),
    shape(
        "a Firehose answer, not an event",
        &[Has("/records/0/result")],
    ),
    shape(
        "a Firehose transformation",
        &[Has("/deliveryStreamArn"), Has("/records")],
    ),
    shape(
        "a Cognito sync event",
        &[Has("/identityPoolId"), Has("/datasetRecords")],
    ),
    shape(
        "an AppSync authorizer's request",
        &[Has("/authorizationToken"), Has("/requestContext/apiId")],
    ),
    shape(
        "an AppSync authorizer's answer, not an event",
        &[Has("/isAuthorized"), Has("/resolverContext")],
    ),
    shape("an AppSync resolver's call", &[Has("/info/fieldName")]),
    shape(
        "an AppSync resolver's call",
        &[Has("/operation"), Has("/payload")],
    ),
    shape(
        "an AppSync identity, a part of an event",
        &[Has("/cognitoIdentityPoolId"), Has("/userArn")],
    ),
    shape(
        "an AppSync identity, a part of an event",
        &[Has("/claims"), Has("/issuer")],
    ),
    shape(
        "a Bedrock agent's call",
        &[Has("/actionGroup"), Has("/agent")],
    ),
    shape("a Lex call", &[Has("/currentIntent"), Has("/bot")]),
    shape("a Lex answer, not an event", &[Has("/dialogAction")]),
    shape("an Amazon Connect call", &[Has("/Details/ContactData")]),
    shape("an AWS Config rule's call", &[Has("/configRuleName")]),
    shape(
        "a Client VPN connection handler's call",
        &[Has("/connection-id"), Has("/endpoint-id")],
    ),
    shape("a CodePipeline job", &[Has("/CodePipeline.job")]),
    shape(
        "a CodeCommit trigger",
        &[Is("/Records/0/eventSource", "aws:codecommit")],
    ),
    shape(
        "a CloudWatch alarm's action",
        &[Has("/alarmData"), Has("/alarmArn")],
    ),
    shape(
        "a CloudWatch alarm's message inside SNS, a part of an event",
        &[Has("/AlarmName"), Has("/NewStateValue")],
    ),
    shape(
        "a CloudFormation custom resource's request",
        &[Has("/RequestType"), Has("/ResponseURL")],
    ),
    shape(
        "a custom resource provider's request",
        &[Has("/RequestType"), Has("/ResourceProperties")],
    ),
    shape(
        "a CloudFormation custom resource's answer, not an event",
        &[Has("/StackId"), Has("/Status")],
    ),
    shape(
        "a custom resource provider's answer, not an event",
        &[Has("/PhysicalResourceId"), HasNo("/RequestType")],
    ),
    shape("a DocumentDB stream", &[Is("/eventSource", "aws:docdb")]),
    shape(
        "an IoT button's click",
        &[Has("/serialNumber"), Has("/clickType")],
    ),
    shape(
        "an IoT 1-Click event",
        &[Has("/deviceEvent"), Has("/placementInfo")],
    ),
    shape(
        "S3 Object Lambda's call",
        &[Has("/xAmzRequestId"), Has("/protocolVersion")],
    ),
    shape(
        "a Secrets Manager rotation",
        &[Has("/SecretId"), Has("/ClientRequestToken")],
    ),
    shape(
        "a record of DynamoDB Streams, a part of an event",
        &[Is("/eventSource", "aws:dynamodb"), Has("/dynamodb")],
    ),
    shape(
        "CloudTrail's record of a user, a part of an event",
        &[Has("/userIdentity"), Has("/eventVersion")],
    ),
    shape(
        "CloudTrail's record of a user, a part of an event",
        &[Has("/sessionContext")],
    ),
];

impl Sign {
    fn holds(self, payload: &Value) -> bool {
        let text = |at: &str| payload.pointer(at).and_then(Value::as_str);
        match self {
            Has(at) => payload.pointer(at).is_some_and(|value| !value.is_null()),
            HasNo(at) => payload.pointer(at).is_none(),
            Is(at, wanted) => text(at) == Some(wanted),
            Contains(at, wanted) => text(at).is_some_and(|text| text.contains(wanted)),
        }
    }

    /// It in words, as a reader looks for it.
    pub(super) fn words(self) -> String {
        match self {
            Has(at) => format!("{} is there", path(at)),
            HasNo(at) => format!("{} is not there", path(at)),
            Is(at, wanted) => format!("{} is \"{wanted}\"", path(at)),
            Contains(at, wanted) => format!("{} has \"{wanted}\" in it", path(at)),
        }
    }
}

/// A JSON pointer as a reader writes it: `Records[0].eventSource`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        if part.chars().all(|c| c.is_ascii_digit()) {
            // a String takes all that is written
            let _written = write!(path, "[{part}]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

/// The first shape that a payload has.
pub(super) fn find(shapes: &'static [Shape], payload: &Value) -> Option<&'static Shape> {
    shapes
        .iter()
        .find(|shape| shape.signs.iter().all(|sign| sign.holds(payload)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn signs_are_found_and_said() {
        let payload = json!({"Records": [{"eventSource": "aws:sqs"}]});
        let shape = find(TAKEN, &payload).unwrap();
        assert_eq!(shape.name, "SQS");
        assert_eq!(
            shape.signs[0].words(),
            "Records[0].eventSource is \"aws:sqs\""
        );
        assert!(find(TAKEN, &json!({"a": 1})).is_none());
    }
}
