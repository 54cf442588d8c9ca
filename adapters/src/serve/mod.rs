//! The HTTP server that Azure, Google Cloud and the local host share.

mod accept;
mod body;
mod deaf;
mod exchange;
mod head;
mod linger;
mod open;
mod protocol;
mod run;
mod settings;
mod uri;
mod wake;
mod whole;

pub(crate) use exchange::{Exchange, MAX_HEADERS, Shared};
pub use run::Run;
pub(crate) use run::{Host, launch};
pub(crate) use settings::{Defaults, Settings};
pub(crate) use uri::absolute;
#[cfg(feature = "azure")]
pub(crate) use uri::of_parts;
pub(crate) use whole::whole;
