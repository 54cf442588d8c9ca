//! `CloudWatch`'s embedded metric format: one JSON line on stdout an invocation, of which the log
//! service makes metrics, with no call of ours.
//!
//! Source:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::meter::InFlight;
use super::{Measurement, Sink};
use crate::RunError;
use crate::config::Environment;
use crate::log::{Rfc3339, Stream};

const NAMESPACE: &str = "ISOBAR_METRICS_NAMESPACE";

/// Where a function has no name; no dimension may be empty.
const UNNAMED: &str = "unnamed";

/// Each is a metric of its own, and has its price: what alarms are set on, and what is looked at then.
const DIMENSIONS: &[&[&str]] = &[&["FunctionName"], &["FunctionName", "Trigger", "Outcome"]];

const fn metric(name: &'static str, unit: &'static str) -> Metric {
    Metric { name, unit }
}

const OF_ALL: [Metric; 5] = [
    metric("Invocations", "Count"),
    metric("Errors", "Count"),
    metric("Duration", "Milliseconds"),
    metric("ColdStarts", "Count"),
    metric("InFlight", "Count"),
];

const OF_EVENTS: [Metric; 7] = {
    let [invocations, errors, duration, cold_starts, in_flight] = OF_ALL;
    let (size, failed) = (metric("BatchSize", "Count"), metric("FailedItems", "Count"));
    [
        invocations,
        errors,
        duration,
        cold_starts,
        in_flight,
        size,
        failed,
    ]
};

pub(super) fn sinks(environment: &Environment, in_flight: Arc<InFlight>) -> Vec<Box<dyn Sink>> {
    let emf = Emf::new(environment, in_flight).ok();
    emf.map(|emf| Box::new(emf) as Box<dyn Sink>)
        .into_iter()
        .collect()
}

/// Returns the namespace of the metrics.
///
/// # Errors
///
/// Fails where `CloudWatch` takes none such. Source:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Namespace>.
pub(super) fn namespace(environment: &Environment) -> Result<&str, RunError> {
    let namespace = environment.text(NAMESPACE).unwrap_or("Isobar");
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b" .-_/#:".contains(&byte);
    let is_reserved = namespace.starts_with("AWS/") || namespace.starts_with(':');
    if namespace.len() > 255 || is_reserved || !namespace.bytes().all(is_legal) {
        let wanted = "up to 255 letters, digits, spaces and . - _ / # : are wanted, \
                      and neither AWS/ nor : at the beginning";
        return Err(environment.wrong(NAMESPACE, wanted));
    }
    Ok(namespace)
}

/// Writes measurements to stdout.
struct Emf {
    namespace: String,
    function: String,
    version: Option<String>,
    level: Option<&'static str>,
    in_flight: Arc<InFlight>,
}

impl Emf {
    fn new(environment: &Environment, in_flight: Arc<InFlight>) -> Result<Self, RunError> {
        let version = environment.text("AWS_LAMBDA_FUNCTION_VERSION");
        let function = environment.text("AWS_LAMBDA_FUNCTION_NAME");
        Ok(Self {
            namespace: namespace(environment)?.to_owned(),
            function: function.unwrap_or(UNNAMED).to_owned(),
            version: version.map(str::to_owned),
            level: level(environment),
            in_flight,
        })
    }

    fn line(&self, measurement: &Measurement, now: SystemTime) -> Vec<u8> {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let is_batch = measurement.items.is_some();
        let metrics: &[Metric] = if is_batch { &OF_EVENTS } else { &OF_ALL };
        let line = Line {
            metadata: Metadata {
                timestamp: u64::try_from(since.as_millis()).unwrap_or_default(),
                directives: [Directive {
                    namespace: &self.namespace,
                    dimensions: DIMENSIONS,
                    metrics,
                }],
            },
            function_name: &self.function,
            trigger: measurement.trigger,
            outcome: measurement.outcome,
            invocations: 1,
            errors: measurement.is_error().into(),
            duration: (measurement.duration.as_secs_f64() * 1_000_000.0).round() / 1000.0,
            cold_starts: measurement.cold_start.into(),
            in_flight: self.in_flight.count(),
            batch_size: measurement.items,
            failed_items: is_batch.then_some(measurement.failed),
            method: measurement.method,
            function_version: self.version.as_deref(),
            request_id: &measurement.request_id,
            level: self.level,
            timestamp: self.level.map(|_| Rfc3339::milliseconds(now)),
        };
        let mut bytes = Vec::with_capacity(1024);
        let _nothing_in_it_can_fail = serde_json::to_writer(&mut bytes, &line);
        bytes.push(b'\n');
        bytes
    }
}

impl Sink for Emf {
    fn record(&self, measurement: &Measurement) {
        Stream::Stdout.write(&self.line(measurement, SystemTime::now()));
    }
}

/// The level that a line has to have, or Lambda would take it for INFO and drop it, where the
/// function's logs are JSON and less than that level is not wanted. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>.
fn level(environment: &Environment) -> Option<&'static str> {
    let level = environment.text("AWS_LAMBDA_LOG_LEVEL")?;
    let stricter = ["WARN", "ERROR", "FATAL"];
    let known = |known: &&str| known.eq_ignore_ascii_case(level);
    stricter.into_iter().find(known)
}

/// The whole line: what the metadata names is found beside it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata<'a>,
    function_name: &'a str,
    trigger: &'static str,
    outcome: &'static str,
    invocations: u64,
    errors: u64,
    /// Milliseconds.
    duration: f64,
    cold_starts: u64,
    in_flight: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_version: Option<&'a str>,
    #[serde(rename = "requestId", skip_serializing_if = "str::is_empty")]
    request_id: &'a str,
    #[serde(rename = "level", skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    #[serde(rename = "timestamp", skip_serializing_if = "Option::is_none")]
    timestamp: Option<Rfc3339>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// Milliseconds since 1970.
    timestamp: u64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: &'static [&'static [&'static str]],
    metrics: &'a [Metric],
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}
