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

pub(crate) use exchange::{Answer, Exchange, Shared};
#[cfg(feature = "azure")]
pub(crate) use exchange::{MAX_HEADERS, Whole};
pub use run::Run;
pub(crate) use run::{Host, launch};
pub(crate) use settings::{Defaults, Settings};
pub(crate) use uri::absolute;
pub(crate) use whole::whole;
