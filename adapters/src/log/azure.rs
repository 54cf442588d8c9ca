//! Lines for the Functions host.
//!
//! It takes each line by itself: on stdout as Information, on stderr as an Error, and as a Warning
//! where the line contains "warn"; outside of any invocation. A line that begins with certain words
//! goes elsewhere. So a line is a JSON object with level and ids. Source:
//! <https://github.com/Azure/azure-functions-host>, `WorkerProcess.cs`.

use super::fields::{BACKTRACE, ERROR_TYPE};
use super::json::Object;
use super::record::{Record, Severity};
use super::time::Rfc3339;

pub(super) fn write(record: &Record<'_>, line: &mut Vec<u8>) {
    let from = line.len();
    let place = record.failure_place();
    Object::write(line, |line| {
        line.text("level", record.severity.as_str());
        line.text("message", &record.message);
        line.text("timestamp", &Rfc3339::milliseconds(record.time).text());
        line.text_of("invocationId", record.request_id());
        line.text_of("traceId", record.trace_id());
        line.text("category", record.target);
        line.text_of("errorType", record.fields.text(ERROR_TYPE));
        if let Some((file, number)) = place {
            line.text("location", &format!("{file}:{number}"));
        }
        line.text_of("stackTrace", record.fields.text(BACKTRACE));
        line.rest(record.fields.rest(record.shown()));
    });
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
