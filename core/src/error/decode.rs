use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

use super::BoxError;

/// Why data did not decode: what was read, what is wrong with it, and the cause.
///
/// It is a [`std::error::Error`], so `?` takes it inside anyhow too; as an
/// [`Error`](crate::Error) it keeps its status, 422.
#[derive(Debug)]
pub struct DecodeError {
    what: Cow<'static, str>,
    source: BoxError,
}

impl DecodeError {
    /// Makes an error of what was read ("the data of message 17") and the cause.
    pub fn new(what: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self {
            what: what.into(),
            source: source.into(),
        }
    }

    /// Returns the status that it has as an [`Error`](crate::Error).
    pub fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not decode: {}", self.what, self.source)
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
