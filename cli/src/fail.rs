//! What went wrong, and the exit code that says which kind it was.

use std::error::Error;
use std::fmt::{self, Display};
use std::process::ExitCode;

use crate::say;

/// The result of everything here.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Which kind of thing went wrong; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command did its work, and what it found is not well: 1.
    Found = 1,
    /// The command was not called rightly: 2, as clap has it.
    Usage = 2,
    /// There is no project, or its manifest is wrong: 3.
    Project = 3,
    /// The program does not build: 4.
    Build = 4,
    /// The program, a host or a cloud's own tool does not start, fails or cannot be reached: 5.
    Run = 5,
}

/// The table of exit codes, as `--help` shows it.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  done, and what was found is not well (check, doctor, infra, invoke, explain)
  2  the command was not called rightly
  3  there is no project here, or its manifest is wrong
  4  the program does not build
  5  the program, a host or a cloud's own tool does not start, fails, or cannot be reached";

/// A failure: a sentence, what caused it, and what mends it.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    help: Option<String>,
}

impl Failure {
    /// Makes a failure of this kind.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            causes: Vec::new(),
            help: None,
        }
    }

    /// Adds what mends it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds an error, with its own causes, as the cause.
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// Which kind it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The exit code.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }

    /// Says it on stderr, as cargo does.
    pub(crate) fn say(&self) {
        say::error(&self.message);
        for cause in &self.causes {
            say::because(cause);
        }
        if let Some(help) = &self.help {
            say::help(help);
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

/// Makes a failure of an error, with a sentence before it.
pub(crate) fn cause<E: Error>(kind: Kind, message: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let message = message.into();
    move |error| Failure::new(kind, message).because(&error)
}
