use std::borrow::Cow;

use isobar_core::Interrupted;
use serde::Serialize;

/// Why an invocation failed, or the start did: what the Runtime API is told.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failure {
    /// `Runtime.` or `Function.` and letters: of any other form the service makes `Runtime.Unknown`.
    pub(super) error_type: &'static str,
    pub(super) error_message: Cow<'static, str>,
    stack_trace: [(); 0],
}

/// Managed Instances take no error over 1 MiB; in JSON a byte may become six.
const LONGEST: usize = 64 << 10;

impl Failure {
    fn new(error_type: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let mut error_message: Cow<'static, str> = message.into();
        if error_message.len() > LONGEST {
            let fits = |end: &usize| error_message.is_char_boundary(*end);
            let end = (0..=LONGEST).rev().find(fits).unwrap_or_default();
            error_message.to_mut().truncate(end);
        }
        Self {
            error_type,
            error_message,
            stack_trace: [],
        }
    }

    /// The payload is nothing that this function takes.
    pub(super) fn invalid_event(found: &str) -> Self {
        let message = format!("this function does not take what came: {found}");
        Self::new("Runtime.InvalidEvent", message)
    }

    /// An event of a known source cannot be read.
    pub(super) fn malformed(what: String) -> Self {
        Self::new("Runtime.InvalidEvent", what)
    }

    /// An event's handler failed. The cause is for the log: whoever invoked us reads this.
    pub(super) fn handler(what: String) -> Self {
        Self::new("Function.HandlerError", what)
    }

    /// Events were not tried, or dropped, since the time was over.
    pub(super) fn late(what: String) -> Self {
        Self::new("Function.Timeout", what)
    }

    /// The program's own start failed.
    pub(super) fn init(cause: String) -> Self {
        Self::new("Runtime.InitError", cause)
    }

    /// The Runtime API refused the answer.
    pub(super) fn refused(status: u16) -> Self {
        if status == 413 {
            let message = "the answer is over the limit of 6 MB";
            return Self::new("Function.ResponseSizeTooLarge", message);
        }
        let message = format!("the Runtime API refused the answer with status {status}");
        Self::new("Runtime.ResponseRefused", message)
    }

    /// A resource failed after the restore.
    pub(super) fn restore(cause: String) -> Self {
        Self::new("Runtime.AfterRestoreError", cause)
    }

    /// A streamed body broke off. The cause is for the log: whoever invoked us reads this.
    pub(super) fn interrupted(error: &(dyn std::error::Error + 'static)) -> Self {
        match Interrupted::of(error) {
            Some(Interrupted::Deadline) => {
                Self::new("Function.Timeout", "the function took too long")
            }
            _ => Self::new("Function.StreamError", "the response's body broke off"),
        }
    }

    /// Returns it as the Runtime API takes it.
    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
