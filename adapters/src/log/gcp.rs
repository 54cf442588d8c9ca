//! Lines for Cloud Logging, and through it for Error Reporting.
//!
//! Sources: <https://cloud.google.com/logging/docs/structured-logging>,
//! <https://cloud.google.com/error-reporting/docs/formatting-error-messages>. A backtrace of Rust is
//! none that Error Reporting reads: hence the type, by which it takes the message.

use std::time::Duration;

use isobar_core::Function;

use super::fields::{BACKTRACE, Fields, Value};
use super::json::Object;
use super::record::{Record, Severity};
use super::time::Rfc3339;

const REPORTED: &str =
    "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent";

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
    let place = record.place();
    let access = Access::of(record);
    let hidden = if access.is_some() {
        &IN_HTTP[..]
    } else {
        record.shown()
    };
    Object::write(line, |line| {
        line.text("severity", severity(record.severity));
        line.text("message", &record.message);
        line.text("time", &Rfc3339::microseconds(record.time).text());
        if record.severity >= Severity::Error {
            reported(record, line);
        }
        if let Some(access) = access {
            line.object("httpRequest", |http| access.write(http));
        }
        let project = record.function.and_then(Function::account);
        if let Some((project, trace)) = project.zip(record.trace_id()) {
            let name = ["projects/", project, "/traces/", trace].concat();
            line.text("logging.googleapis.com/trace", &name);
            let span_id = invocation.and_then(|invocation| invocation.span_id.as_deref());
            line.text_of("logging.googleapis.com/spanId", span_id);
            if let Some(sampled) = invocation.and_then(|invocation| invocation.trace_sampled) {
                line.value("logging.googleapis.com/trace_sampled", &sampled);
            }
        }
        if let Some(request_id) = record.request_id() {
            line.object("logging.googleapis.com/labels", |labels| {
                labels.text("request_id", request_id);
            });
        }
        if let Some((file, number)) = place {
            line.object("logging.googleapis.com/sourceLocation", |source| {
                source.text("file", file);
                source.number("line", number);
                source.text_of("function", record.within());
            });
        }
        line.text_of("backtrace", record.fields.text(BACKTRACE));
        line.rest(record.fields.rest(hidden));
    });
}

/// What makes Error Reporting take a line.
fn reported(record: &Record<'_>, line: &mut Object<'_>) {
    line.text("@type", REPORTED);
    if let Some(function) = record.function {
        line.object("serviceContext", |service| {
            service.text("service", function.name());
            let version = function.version();
            service.text_of("version", Some(version).filter(|it| !it.is_empty()));
        });
    }
    if let Some((file, number)) = record.place() {
        line.object("context", |context| {
            context.object("reportLocation", |location| {
                location.text("filePath", file);
                location.value("lineNumber", &number);
                location.text("functionName", record.within().unwrap_or("handler"));
            });
        });
    }
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
struct Access<'a> {
    method: &'a str,
    path: &'a str,
    fields: &'a Fields,
}

impl<'a> Access<'a> {
    fn of(record: &'a Record<'_>) -> Option<Self> {
        let fields = &*record.fields;
        if record.target != "isobar::access" {
            return None;
        }
        Some(Self {
            method: fields.text("method")?,
            path: fields.text("path")?,
            fields,
        })
    }

    /// Sizes are texts, and a time has its unit:
    /// <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>.
    fn write(&self, http: &mut Object<'_>) {
        let Self { fields, .. } = self;
        http.text("requestMethod", self.method);
        http.text("requestUrl", self.path);
        if let Some(status) = fields.unsigned("status") {
            http.value("status", &status);
        }
        let milliseconds = match fields.get("duration_ms") {
            Some(Value::Float(milliseconds)) => milliseconds,
            _ => 0.0,
        };
        let latency = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default();
        let (seconds, micros) = (latency.as_secs(), latency.subsec_micros());
        http.text("latency", &format!("{seconds}.{micros:06}s"));
        for (name, field) in [
            ("requestSize", "request_bytes"),
            ("responseSize", "response_bytes"),
        ] {
            let bytes = fields.unsigned(field).unwrap_or_default();
            http.number(name, bytes);
        }
    }
}
