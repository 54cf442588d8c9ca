//! The developer's own machine, and plain containers.

mod context;
mod event;
mod page;
mod run;
#[cfg(feature = "translate")]
#[doc(hidden)]
pub mod translate;

pub use crate::serve::Run;
pub use run::run;
pub(crate) use run::{BUILT, launch, workers};
