//! Lines for AWS Lambda.
//!
//! The keys are those of the managed runtimes:
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>. A line
//! without `level` or `timestamp` would be filed as INFO.

use std::fmt;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::fields::{BACKTRACE, ERROR_TYPE, Rest};
use super::record::Record;
use super::text::{push_fields, push_line, push_name};
use super::time::Rfc3339;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    timestamp: Rfc3339,
    level: &'static str,
    message: &'a str,
    logger: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    /// The name by which AWS' own tools write it.
    #[serde(rename = "xray_trace_id", skip_serializing_if = "Option::is_none")]
    xray: Option<Xray<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_trace: Option<Lines<'a>>,
    #[serde(skip_serializing_if = "Rest::is_empty")]
    fields: Rest<'a>,
}

pub(super) fn write_json(record: &Record<'_>, line: &mut Vec<u8>) {
    let trace_id = record.trace_id();
    let parts = Line {
        timestamp: Rfc3339::milliseconds(record.time),
        level: record.severity.as_str(),
        message: &record.message,
        logger: record.target,
        request_id: record.request_id(),
        trace_id,
        xray: trace_id.and_then(|id| id.split_at_checked(8)).map(Xray),
        tenant_id: record.invocation.and_then(|i| i.tenant.as_deref()),
        error_type: record.fields.text(ERROR_TYPE),
        location: record.failure_place().map(Location),
        stack_trace: record.fields.text(BACKTRACE).map(Lines),
        fields: record.fields.rest(record.shown()),
    };
    let _nothing_in_it_can_fail = serde_json::to_writer(line, &parts);
}

/// A trace id as X-Ray writes it: `1-{8 hex}-{24 hex}`.
struct Xray<'a>((&'a str, &'a str));

impl Serialize for Xray<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (seconds, random) = self.0;
        serializer.collect_str(&format_args!("1-{seconds}-{random}"))
    }
}

/// `file:line`.
struct Location<'a>((&'a str, u64));

impl Serialize for Location<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (file, line) = self.0;
        serializer.collect_str(&format_args!("{file}:{line}"))
    }
}

/// A text as the list of its lines.
struct Lines<'a>(&'a str);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lines = serializer.serialize_seq(None)?;
        for line in self.0.lines() {
            lines.serialize_element(line.trim_end())?;
        }
        lines.end()
    }
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
