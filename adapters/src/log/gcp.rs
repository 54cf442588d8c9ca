//! Lines for Cloud Logging, and through it for Error Reporting.
//!
//! Sources: <https://cloud.google.com/logging/docs/structured-logging>,
//! <https://cloud.google.com/error-reporting/docs/formatting-error-messages>. A backtrace of Rust is
//! none that Error Reporting reads: hence the type, by which it takes the message.

use serde::{Serialize, Serializer};

use super::fields::{BACKTRACE, Rest, Value};
use super::record::{Record, Severity};
use super::time::Rfc3339;

const REPORTED: &str =
    "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent";

#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    message: &'a str,
    time: Rfc3339,
    #[serde(rename = "@type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(rename = "serviceContext", skip_serializing_if = "Option::is_none")]
    service: Option<Service<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    #[serde(rename = "httpRequest", skip_serializing_if = "Option::is_none")]
    http: Option<HttpRequest<'a>>,
    #[serde(
        rename = "logging.googleapis.com/trace",
        skip_serializing_if = "Option::is_none"
    )]
    trace: Option<Trace<'a>>,
    #[serde(
        rename = "logging.googleapis.com/spanId",
        skip_serializing_if = "Option::is_none"
    )]
    span_id: Option<&'a str>,
    #[serde(
        rename = "logging.googleapis.com/trace_sampled",
        skip_serializing_if = "Option::is_none"
    )]
    trace_sampled: Option<bool>,
    #[serde(
        rename = "logging.googleapis.com/labels",
        skip_serializing_if = "Option::is_none"
    )]
    labels: Option<Labels<'a>>,
    #[serde(
        rename = "logging.googleapis.com/sourceLocation",
        skip_serializing_if = "Option::is_none"
    )]
    source: Option<SourceLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backtrace: Option<&'a str>,
    #[serde(skip_serializing_if = "Rest::is_empty")]
    fields: Rest<'a>,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    #[serde(rename = "reportLocation")]
    location: ReportLocation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportLocation<'a> {
    file_path: &'a str,
    line_number: u64,
    function_name: &'a str,
}

#[derive(Serialize)]
struct Labels<'a> {
    request_id: &'a str,
}

#[derive(Serialize)]
struct SourceLocation<'a> {
    file: &'a str,
    #[serde(serialize_with = "text")]
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
}

/// Sizes are texts, and a time has its unit:
/// <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpRequest<'a> {
    request_method: &'a str,
    request_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u64>,
    latency: Seconds,
    #[serde(serialize_with = "text")]
    request_size: u64,
    #[serde(serialize_with = "text")]
    response_size: u64,
}

/// What `httpRequest` says of an access line.
const IN_HTTP: [&str; 6] = [
    "request_id",
    "method",
    "path",
    "status",
    "request_bytes",
    "response_bytes",
];

pub(super) fn write(record: &Record<'_>, line: &mut Vec<u8>) {
    let invocation = record.invocation;
    let is_error = record.severity >= Severity::Error;
    let place = record.place();
    let http = http_request(record);
    let hidden = if http.is_some() {
        &IN_HTTP[..]
    } else {
        record.shown()
    };
    let project = record.function.and_then(|function| function.account());
    let trace = project.zip(record.trace_id()).map(Trace);
    let is_traced = trace.is_some();
    let parts = Line {
        severity: severity(record.severity),
        message: &record.message,
        time: Rfc3339::microseconds(record.time),
        kind: is_error.then_some(REPORTED),
        service: record
            .function
            .filter(|_| is_error)
            .map(|function| Service {
                service: function.name(),
                version: function.version(),
            }),
        context: place.filter(|_| is_error).map(|(file, line)| Context {
            location: ReportLocation {
                file_path: file,
                line_number: line,
                function_name: record.within().unwrap_or("handler"),
            },
        }),
        http,
        trace,
        span_id: invocation
            .and_then(|i| i.span_id.as_deref())
            .filter(|_| is_traced),
        trace_sampled: invocation
            .and_then(|i| i.trace_sampled)
            .filter(|_| is_traced),
        labels: record.request_id().map(|request_id| Labels { request_id }),
        source: place.map(|(file, line)| SourceLocation {
            file,
            line,
            function: record.within(),
        }),
        backtrace: record.fields.text(BACKTRACE),
        fields: record.fields.rest(hidden),
    };
    let _nothing_in_it_can_fail = serde_json::to_writer(line, &parts);
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Trace | Severity::Debug => "DEBUG",
        Severity::Info => "INFO",
        Severity::Warn => "WARNING",
        Severity::Error | Severity::Fatal => "ERROR",
    }
}

/// The access line of an HTTP request.
fn http_request<'a>(record: &'a Record<'_>) -> Option<HttpRequest<'a>> {
    let fields = &record.fields;
    if record.target != "isobar::access" {
        return None;
    }
    let milliseconds = match fields.get("duration_ms") {
        Some(Value::Float(milliseconds)) => milliseconds,
        _ => 0.0,
    };
    Some(HttpRequest {
        request_method: fields.text("method")?,
        request_url: fields.text("path")?,
        status: fields.unsigned("status"),
        latency: Seconds(milliseconds / 1000.0),
        request_size: fields.unsigned("request_bytes").unwrap_or_default(),
        response_size: fields.unsigned("response_bytes").unwrap_or_default(),
    })
}

/// `projects/PROJECT/traces/TRACE`.
struct Trace<'a>((&'a str, &'a str));

impl Serialize for Trace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (project, trace) = self.0;
        serializer.collect_str(&format_args!("projects/{project}/traces/{trace}"))
    }
}

/// `0.012345s`.
struct Seconds(f64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.6}s", self.0))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
