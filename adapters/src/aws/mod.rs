//! AWS Lambda: every HTTP front door, buffered and streamed, and the events of every source.
//!
//! The loop speaks the Runtime API. A REST API, an HTTP API, a function URL, a load balancer, VPC
//! Lattice and a WebSocket API's CONNECT all come to the same request; the answer goes back in the
//! form that its front door takes.
//!
//! SQS, SNS, S3, EventBridge and its Scheduler, `DynamoDB` Streams, Kinesis, Kafka, Amazon MQ,
//! `CloudWatch` Logs, SES, Cognito's triggers and direct invokes come to events; what became of each goes back in the form
//! that its source takes. Who needs a source's own types reads them from the native form:
//! `event.native_as::<aws_lambda_events::sqs::SqsMessage>()`.
//!
//! # What is not here
//!
//! A WebSocket's messages, and time windows of streams: they are failed invocations that say so.

mod conninfo;
mod context;
mod error;
mod event;
mod http;
mod incoming;
mod json;
mod run;
mod runtime;
mod settings;
mod trace;

#[doc(hidden)]
#[cfg(feature = "translate")]
pub mod translate;

#[doc(hidden)]
pub use http::Door;
pub use lambda_runtime::SnapStartResource;
pub(crate) use run::{BUILT, launch, tell_unchosen, workers};
pub use run::{Run, run};
pub use settings::{BatchItemFailures, ResponseMode};
