use std::process::{ExitCode, Termination};

use crate::RunError;

/// What `main` returns: 0 after a clean end, else the error on stderr and 1.
#[derive(Debug)]
#[must_use = "return it from main: it carries the exit code"]
pub struct Exit(Result<(), RunError>);

impl Exit {
    /// Returns the error that ended the program, if one did.
    pub fn error(&self) -> Option<&RunError> {
        self.0.as_ref().err()
    }
}

impl From<Result<(), RunError>> for Exit {
    fn from(result: Result<(), RunError>) -> Self {
        Self(result)
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        match self.0 {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                crate::log::last_word(&error);
                ExitCode::FAILURE
            }
        }
    }
}
