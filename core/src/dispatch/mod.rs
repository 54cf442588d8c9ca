//! Where every semantic has its one home: deadlines, panics, errors, acknowledgement.

mod access;
mod body;
mod catch;
mod counted;
mod deadline;
mod deliver;
mod headers;
mod outcome;
mod refusal;
mod report;
mod respond;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use crate::{Handler, Routes};

pub use body::{Content, Interrupted};
pub use catch::log_panic;
pub(crate) use catch::{CatchUnwind, Panic};
pub use outcome::{Batch, Order, Outcome};
pub use refusal::Refusal;

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
        for (place, route) in routes.events().iter().enumerate() {
            if { routes.events().iter().take(place) }.any(|first| first == route) {
                tracing::warn!("there are two handlers of {route}: the second gets nothing");
            }
        }
        Self {
            handler: Arc::new(handler),
            routes,
        }
    }

    /// Returns what the handler takes.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Ends what the handler holds, once the last invocation is over; never panics, and gives up
    /// when `deadline` completes.
    pub async fn shutdown(&self, deadline: impl Future<Output = ()> + Send) {
        let mut end = pin!(CatchUnwind::new(self.handler.shutdown()));
        let mut deadline = pin!(deadline);
        let ended = std::future::poll_fn(|cx| match end.as_mut().poll(cx) {
            Poll::Pending => deadline.as_mut().poll(cx).map(|()| None),
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
        });
        match ended.await {
            Some(Ok(())) => {}
            Some(Err(panic)) => panic.log("the application's shutdown"),
            None => {
                tracing::error!("the application's shutdown did not end in time, and was given up");
            }
        }
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher")
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Mutex;

    use super::*;
    use crate::App;

    type Log = Arc<Mutex<Vec<&'static str>>>;

    fn note(log: &Log, word: &'static str) -> std::future::Ready<()> {
        log.lock().unwrap().push(word);
        ready(())
    }

    #[tokio::test]
    async fn an_applications_ends_run_in_order_within_and_around_it() {
        let log = Log::default();
        let inner = App::with_state(Arc::clone(&log)).on_shutdown(|log| note(&log, "inner"));
        let app = App::with_state(Arc::clone(&log))
            .http(inner)
            .on_shutdown(|log| note(&log, "first"))
            .on_shutdown(|log| note(&log, "second"))
            .layer(tower_layer::Identity::new());
        Dispatcher::new(app).shutdown(pending()).await;
        assert_eq!(*log.lock().unwrap(), ["first", "second", "inner"]);
    }

    #[tokio::test]
    async fn an_end_that_panics_or_takes_too_long_is_given_up() {
        let panics = App::new().on_shutdown(|()| async { panic!("at the end") });
        Dispatcher::new(panics).shutdown(pending()).await;
        let hangs = App::new().on_shutdown(|()| pending());
        Dispatcher::new(hangs).shutdown(ready(())).await;
    }
}
