//! What the log is told of a failure, and the client is not.

use std::fmt::Display;

use crate::{Error, chain};

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
        "{what}: {error}{}",
        Causes(error)
    );
}

/// Logs that a deadline passed.
pub(super) fn late(what: &str) {
    tracing::error!(
        "exception.type" = "DeadlineExceeded",
        "{what} overran its deadline"
    );
}

/// The causes of an error, as they go on after its own text; formatted only if a line is written.
pub(super) struct Causes<'a>(pub(super) &'a Error);

impl Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let causes = self.0.source().map(chain);
        // What the error itself has said is not said again.
        match causes.filter(|causes| !self.0.to_string().ends_with(causes)) {
            Some(causes) => write!(f, ": {causes}"),
            None => Ok(()),
        }
    }
}
