use std::net::SocketAddr;
use std::path::PathBuf;

use isobar_core::{BoxError, Error};

/// Why a program could not start, or stopped: what, where, and what to do.
///
/// It is for the operator. [`Exit`](crate::Exit) prints it on stderr with its causes and makes the
/// exit code 1; on AWS Lambda a failed start is also posted as the host's own init error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A variable of the environment has a value that it cannot have.
    #[error("the variable {name} ({meaning}) is {value:?}: {wanted}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// What it means.
        meaning: &'static str,

        /// Its value.
        value: String,
        /// What it can be.
        wanted: String,
    },

    /// Settings that are each valid do not go together.
    #[error("{0}")]
    Conflict(String),

    /// A file of the deployment is missing or malformed.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, with the key at fault.
        problem: String,
    },

    /// The address cannot be listened on.
    #[error("cannot listen on {address}; {remedy}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What to do.
        remedy: &'static str,
        /// The system's own word.
        #[source]
        source: std::io::Error,
    },

    /// The host that the environment names, or that none was named, is not compiled in.
    #[error("{0}")]
    WrongBuild(String),

    /// A host was called that this build leaves out.
    #[error("this build leaves out the host {0}; build it with the feature of that name")]
    NotBuilt(&'static str),

    /// [`start`](crate::start) was called inside an async runtime.
    #[error(
        "isobar::start makes a runtime of its own and was called inside one; call it from a plain \
         `fn main() -> isobar::Exit`, or await `isobar::aws::run(handler)`, or that of another host"
    )]
    InsideRuntime,

    /// The program's own start, given to [`start_with`](crate::start_with), failed.
    #[error("the start failed{}: {}", place(.0), .0.report())]
    Init(Error),

    /// The host broke its contract, or is gone.
    #[error("{what}")]
    Host {
        /// What happened.
        what: String,
        /// The cause.
        #[source]
        source: BoxError,
    },

    /// The system refused something that every program needs.
    #[error("{what}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// The system's own word.
        #[source]
        source: std::io::Error,
    },
}

/// Where a start failed; of a panic that is in the line of its own.
fn place(error: &Error) -> String {
    let place = error.location();
    let is_ours = place.file() == crate::start::FILE;
    if is_ours {
        String::new()
    } else {
        format!(" at {place}")
    }
}
