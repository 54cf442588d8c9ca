use std::borrow::Cow;

use isobar_core::{Error, StatusCode};

/// Why what was delivered is no event: the trigger, the field at fault, what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{trigger}: {field}: {problem}")]
pub(crate) struct Malformed {
    trigger: &'static str,
    field: Cow<'static, str>,
    problem: Cow<'static, str>,
    status: StatusCode,
}

impl Malformed {
    pub(crate) fn new(
        trigger: &'static str,
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            trigger,
            field: field.into(),
            problem: problem.into(),
            status: StatusCode::BAD_REQUEST,
        }
    }

    /// Sets a status other than 400.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Says which of several events it is.
    pub(crate) fn at(mut self, place: usize) -> Self {
        self.field = format!("[{place}].{}", self.field).into();
        self
    }

    /// Makes an answer of it: the sender, which is a platform or a developer, is told all.
    pub(crate) fn to_error(&self) -> Error {
        Error::new(self.status, self.to_string())
    }
}
