//! What the log is told of a failure, and the client is not.

use std::fmt::Display;

use crate::Error;

/// Logs a failure, once: its whole chain of causes, where it became our error, and the backtrace
/// where one was captured.
pub(super) fn failed(what: impl Display, event_id: Option<&str>, error: &Error) {
    let place = error.location();
    tracing::error!(
        event_id,
        "exception.type" = "HandlerError",
        exception.stacktrace = error.backtrace().map(display),
        code.file.path = place.file(),
        code.line.number = place.line(),
        "{what}: {error:?}"
    );
}

/// Logs that a deadline passed.
pub(super) fn late(what: &str) {
    tracing::error!(
        "exception.type" = "DeadlineExceeded",
        "{what} overran its deadline"
    );
}
