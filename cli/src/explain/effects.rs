//! What a source does with an outcome, in words, and what of an event is not as it was sent.

use super::outcomes::Kind;

/// How a source hears of outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// What it does where all succeeded.
    done: &'static str,
    /// Where it failed.
    failed: &'static str,
    /// Where a part of it failed.
    partly: &'static str,
    /// What is not as it was sent.
    pub(super) changes: &'static [&'static str],
}

const DROPPED: &str = "it is acknowledged, and logged as an error: it is not delivered again";

impl Source {
    /// What it does.
    pub(super) fn effect(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Done => self.done,
            Kind::Failed => self.failed,
            Kind::Partly => self.partly,
            Kind::Dropped if *self == CALL => self.failed,
            Kind::Dropped => DROPPED,
        }
    }
}

const fn source(
    done: &'static str,
    failed: &'static str,
    partly: &'static str,
    changes: &'static [&'static str],
) -> Source {
    Source {
        done,
        failed,
        partly,
        changes,
    }
}

const ASYNC_DONE: &str = "the asynchronous invoke is over; the result is not read";
const ASYNC: &str = "Lambda invokes twice more (after 1 and 2 minutes), then the event goes to the failure destination or dead-letter queue, where there is one";
const SHARD: &str = "the shard is read again from the first failure (ReportBatchItemFailures); what follows waits, until it succeeds, is too old or was tried too often";
const WHOLE: &str = "the whole batch is delivered again";

const CALL: Source = source(
    "the caller gets the result",
    "the caller gets the error: errorType and errorMessage",
    "the caller gets the error",
    &[],
);

/// On AWS, by the portable event's type and the payload's shape.
pub(super) fn on_aws(shape: &str) -> Source {
    match shape {
        "SQS" => source(
            "each message is deleted from the queue",
            "each message is delivered again after the visibility timeout, and at last goes to the dead-letter queue (ReportBatchItemFailures; without it the mapping loses what failed)",
            "the failed message is delivered again (in a FIFO queue those of its group after it, too); the others are deleted",
            &[
                "attributes of a binary type are base64 text",
                "the receipt handle and the service's own attributes are reached by native() alone",
            ],
        ),
        "Kinesis" | "DynamoDB Streams" => source(
            "the checkpoint moves on",
            SHARD,
            SHARD,
            if matches!(shape.as_bytes().first(), Some(b'D')) {
                &["the typed attributes (S, N, M, ..) have become plain JSON"]
            } else {
                &["the data was base64, and is bytes again"]
            },
        ),
        "Kafka" => source(
            "the offsets are committed",
            "the partition is read again from the first failure",
            "the partition is read again from the first failure",
            &["keys, values and headers were base64 or lists of numbers, and are bytes again"],
        ),
        "Amazon MQ (ActiveMQ)" | "Amazon MQ (RabbitMQ)" => source(
            "the messages are acknowledged",
            WHOLE,
            WHOLE,
            &["the data was base64, and is bytes again"],
        ),
        "S3" => source(
            ASYNC_DONE,
            ASYNC,
            ASYNC,
            &["the key was form-encoded (a + for a space), and is the object's own again"],
        ),
        "CloudWatch Logs" => source(
            ASYNC_DONE,
            ASYNC,
            ASYNC,
            &["the data was base64 of gzip, and is JSON"],
        ),
        "a direct invoke" | "a Cognito user pool's trigger" => CALL,
        _ => source(ASYNC_DONE, ASYNC, ASYNC, &[]),
    }
}

/// On Azure, by the type of the trigger.
pub(super) fn on_azure(trigger: &str) -> Source {
    let encoded: &[&str] = &[
        "values were JSON in a string, and are themselves again",
        "metadata that the message's own JSON may have overwritten is left out, unless function.json has dataType binary",
    ];
    let poison =
        "the message is delivered again; after maxDequeueCount (5) it goes to the poison queue";
    let moves_on = "the host moves on without it, unless the function has a retry policy";
    match trigger.to_ascii_lowercase().as_str() {
        "queuetrigger" => source("the message is deleted", poison, poison, encoded),
        "servicebustrigger" => {
            let again = "the message is abandoned and delivered again; at the entity's maximum it is dead-lettered";
            source("the message is completed", again, WHOLE, encoded)
        }
        "eventhubtrigger" | "cosmosdbtrigger" => {
            source("the checkpoint moves on", moves_on, moves_on, encoded)
        }
        "kafkatrigger" => source("the offset is committed", moves_on, moves_on, encoded),
        "blobtrigger" => {
            let again =
                "the blob is delivered again; after 5 tries it goes to webjobs-blobtrigger-poison";
            source(
                "the blob is done",
                again,
                again,
                &[
                    "without dataType binary the content is text, and bytes that are not UTF-8 are lost",
                ],
            )
        }
        "timertrigger" => {
            let lost = "it is logged; the schedule goes on with its next time";
            source(
                "the schedule goes on",
                lost,
                lost,
                &["what the host says of the schedule beside it is reached by native() alone"],
            )
        }
        "eventgridtrigger" => {
            let again = "Event Grid delivers it again, for 24 hours at most";
            source("the event is acknowledged", again, again, &[])
        }
        "sqltrigger" => {
            let again = "the rows are delivered again after the lease, five times in all, and are skipped then";
            source("the rows are done", again, again, encoded)
        }
        _ => source(
            "the invocation succeeded",
            "the invocation failed",
            "the invocation failed",
            &[],
        ),
    }
}

/// On Google Cloud, by how it came.
pub(super) fn on_gcp(way: &str) -> Source {
    match way {
        "Cloud Scheduler" => {
            let lost = "the job's retry settings count; by default (0) it waits for its next time";
            source("the job has run", lost, lost, &[])
        }
        "Cloud Tasks" => {
            let again = "the task is sent again, as the queue's retry settings say";
            source("the task is removed", again, again, &[])
        }
        "Pub/Sub push" => {
            let again = "the message is delivered again: at once, or as the subscription's retry policy says; at last to the dead-letter topic, where there is one";
            source(
                "the message is acknowledged",
                again,
                again,
                &["the data was base64, and is bytes again"],
            )
        }
        "a background event" => {
            let again = "where the function retries, the event is delivered again for 24 hours (7 days in the first generation)";
            source(
                "the event is acknowledged",
                again,
                again,
                &["it was made a CloudEvent, by Google's own table"],
            )
        }
        _ => {
            let again = "Eventarc delivers it again for 24 hours, and then drops it or gives it to the dead-letter topic; Knative as its delivery spec says";
            source("the event is acknowledged", again, again, &[])
        }
    }
}
