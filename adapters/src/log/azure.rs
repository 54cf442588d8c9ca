//! Lines for the Functions host.
//!
//! It takes each line by itself: on stdout as Information, on stderr as an Error, and as a Warning
//! where the line contains "warn"; outside of any invocation. A line that begins with certain words
//! goes elsewhere. So a line is a JSON object with level and ids. Source:
//! <https://github.com/Azure/azure-functions-host>, `WorkerProcess.cs`.

use serde::Serialize;

use super::fields::{BACKTRACE, ERROR_TYPE, Rest};
use super::record::{Record, Severity};
use super::time::Rfc3339;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    level: &'static str,
    message: &'a str,
    timestamp: Rfc3339,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_trace: Option<&'a str>,
    #[serde(skip_serializing_if = "Rest::is_empty")]
    fields: Rest<'a>,
}

pub(super) fn write(record: &Record<'_>, line: &mut Vec<u8>) {
    let from = line.len();
    let place = record.failure_place();
    let parts = Line {
        level: record.severity.as_str(),
        message: &record.message,
        timestamp: Rfc3339::milliseconds(record.time),
        invocation_id: record.request_id(),
        trace_id: record.trace_id(),
        category: record.target,
        error_type: record.fields.text(ERROR_TYPE),
        location: place.map(|(file, line)| format!("{file}:{line}")),
        stack_trace: record.fields.text(BACKTRACE),
        fields: record.fields.rest(record.shown()),
    };
    let _nothing_in_it_can_fail = serde_json::to_writer(&mut *line, &parts);
    if record.severity > Severity::Warn {
        keep_errors(line, from);
    }
}

/// Writes the second letter of each "warn" as its escape, which JSON reads as the same text: else
/// the host would take the error for a warning.
fn keep_errors(line: &mut Vec<u8>, from: usize) {
    let is_warn = |at: usize| {
        let word = line.get(at..at + 4);
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"warn"))
    };
    let found: Vec<_> = (from..line.len()).filter(|at| is_warn(*at)).collect();
    for at in found.into_iter().rev() {
        let escape: &[u8] = if line.get(at + 1) == Some(&b'A') {
            br"\u0041"
        } else {
            br"\u0061"
        };
        line.splice(at + 1..at + 2, escape.iter().copied());
    }
}
