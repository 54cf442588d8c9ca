//! The one error of this crate.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Any error, as bodies carry it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong in playing a host: never what the host itself answers.
///
/// A host that refuses a request answers with a response, as the real one does; an `Error` means
/// that there was nothing to answer with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program could not be started.
    #[error("cannot start {}", program.display())]
    Start {
        /// The binary.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program ended while something was still wanted of it.
    #[error("{} ended ({status}) {when}; its last lines: {lines}", program.display())]
    Ended {
        /// The binary.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// What was waited for.
        when: String,
        /// The last lines of its standard error.
        lines: String,
    },
    /// What was waited for did not happen in time.
    #[error("{what} did not happen within {after:?}")]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        after: Duration,
    },
    /// The program could not be signalled.
    #[error("cannot signal process {pid}")]
    Signal {
        /// The process.
        pid: u32,
        /// What the system said.
        source: nix::Error,
    },
    /// A socket or a file failed.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// An HTTP exchange failed.
    #[error("the HTTP exchange failed")]
    Http(#[from] hyper::Error),
    /// A body ended before its end.
    #[error("the body broke off")]
    Body(#[source] BoxError),
    /// A message could not be built.
    #[error("cannot build the HTTP message")]
    Build(#[from] http::Error),
    /// The peer sent what is not the protocol.
    #[error("malformed {what}: {detail}")]
    Malformed {
        /// Which message.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The host has stopped, and takes nothing more.
    #[error("the host has stopped: {0}")]
    Stopped(String),
}

impl Error {
    /// Says what was tried when a socket or file failed.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn malformed(what: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Malformed { what, detail }
    }
}
