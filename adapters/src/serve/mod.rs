//! The HTTP server that Azure, Google Cloud and the local host share.

mod accept;
mod body;
mod deaf;
#[cfg(feature = "azure")]
mod direct;
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

#[cfg(feature = "azure")]
pub(crate) use exchange::MAX_HEADERS;
pub(crate) use exchange::{Answer, Exchange, Shared};
pub use run::Run;
pub(crate) use run::{Host, launch};
pub(crate) use settings::{Defaults, Settings};
pub(crate) use uri::absolute;
pub(crate) use whole::whole;
