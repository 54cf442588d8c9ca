//! Lines as the inspector shows them.

use super::record::Record;
use crate::inspect;

/// Shows a line beside the invocation within which it was written.
pub(super) fn line(record: &Record<'_>) {
    inspect::logged(record.request_id(), |at_ms| isobar_inspector::Line {
        at_ms,
        level: record.severity.as_str().to_owned(),
        target: record.target.to_owned(),
        message: record.message.to_string(),
        fields: record.fields.shown(record.shown()),
    });
}
