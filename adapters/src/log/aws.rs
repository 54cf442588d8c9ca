//! Lines for AWS Lambda.
//!
//! The keys are those of the managed runtimes:
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>. A line
//! without `level` or `timestamp` would be filed as INFO.

use std::fmt;

use super::fields::{BACKTRACE, ERROR_TYPE};
use super::json::Object;
use super::record::Record;
use super::text::{push_fields, push_line, push_name};
use super::time::Rfc3339;

pub(super) fn write_json(record: &Record<'_>, line: &mut Vec<u8>) {
    let trace_id = record.trace_id();
    Object::write(line, |line| {
        line.text("timestamp", &Rfc3339::milliseconds(record.time).text());
        line.text("level", record.severity.as_str());
        line.text("message", &record.message);
        line.text("logger", record.target);
        line.text_of("requestId", record.request_id());
        line.text_of("traceId", trace_id);
        // X-Ray's form, by the name by which AWS' own tools write it: `1-{8 hex}-{24 hex}`
        if let Some((seconds, random)) = trace_id.and_then(|id| id.split_at_checked(8)) {
            line.text("xray_trace_id", &["1-", seconds, "-", random].concat());
        }
        line.text_of(
            "tenantId",
            record.invocation.and_then(|i| i.tenant.as_deref()),
        );
        line.text_of("errorType", record.fields.text(ERROR_TYPE));
        if let Some((file, number)) = record.failure_place() {
            line.text("location", &format!("{file}:{number}"));
        }
        if let Some(backtrace) = record.fields.text(BACKTRACE) {
            let lines: Vec<_> = backtrace.lines().map(str::trim_end).collect();
            line.value("stackTrace", &lines);
        }
        line.rest(record.fields.rest(record.shown()));
    });
}

/// Writes `time`, id, level and message, with tabs between, as Lambda's own runtime of Node.js does.
/// A newline would end the record.
pub(super) fn write_text(record: &Record<'_>, line: &mut Vec<u8>) {
    // what an access line has, at once
    let mut text = String::with_capacity(512);
    let _text_takes_all = tabbed(record, &mut text);
    line.extend_from_slice(text.as_bytes());
}

fn tabbed(record: &Record<'_>, text: &mut String) -> fmt::Result {
    Rfc3339::milliseconds(record.time).push_to(text);
    text.push('\t');
    push_line(text, record.request_id().unwrap_or("-"))?;
    text.push('\t');
    text.push_str(record.severity.as_str());
    text.push('\t');
    push_line(text, &record.message)?;
    push_fields(record, text)?;
    if let Some(trace_id) = record.trace_id() {
        push_name(text, "trace_id");
        text.push_str(trace_id);
    }
    if let Some(backtrace) = record.fields.text(BACKTRACE) {
        push_name(text, "backtrace");
        push_line(text, backtrace)?;
    }
    Ok(())
}
