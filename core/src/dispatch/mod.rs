//! Where every semantic has its one home: deadlines, panics, errors, acknowledgement.

mod body;
mod catch;
mod deliver;
mod headers;
mod outcome;
mod respond;

use std::sync::Arc;

use crate::{Handler, Routes};

pub use body::Interrupted;
pub(crate) use catch::CatchUnwind;
pub use outcome::{Batch, Order, Outcome};

/// Runs a handler as every host must: what differs between hosts is translation, and stays there.
///
/// # Contract
///
/// *To a host it promises*: [`respond`](Self::respond) and [`deliver`](Self::deliver) never fail
/// and never panic; an error, a panic and a passed deadline become responses and outcomes here,
/// once. Headers that belong to one connection are taken off, in both directions; 204, 304 and
/// HEAD have no body.
///
/// *A host promises*: a [`Context`](crate::Context) of its own making; a `deadline` future that
/// completes a moment before the platform would end the process; to run
/// [`Context::background`](crate::Context::background) after a response.
///
/// A clone costs two reference counts.
#[derive(Clone)]
pub struct Dispatcher {
    handler: Arc<dyn Handler>,
    routes: Arc<Routes>,
}

impl Dispatcher {
    /// Wraps a handler.
    pub fn new(handler: impl Handler) -> Self {
        let routes = Arc::new(handler.routes());
        Self {
            handler: Arc::new(handler),
            routes,
        }
    }

    /// Returns what the handler takes.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher")
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}
