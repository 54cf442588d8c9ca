use std::panic::resume_unwind;
use std::time::Duration;

use isobar_core::{
    Error, Event, Handler, Request, RequestExt, Response, Routes, StatusCode, Text, async_trait,
};

use super::reply;
use crate::claims::{Claim, Claimed, Claims, Lost};
use crate::{Key, Store};

/// Wraps a handler so that it handles each event once.
///
/// An event whose [`dedup_key`](Event::dedup_key) was handled is acknowledged without running the
/// handler; what the handler returned the first time (a result, outputs) is returned again. One
/// that is being handled elsewhere fails, and so is delivered again later. HTTP requests pass through:
/// see [`IdempotencyKeyLayer`](crate::IdempotencyKeyLayer) for these.
///
/// The crate's documentation says what that promises, and what no wrapper can.
///
/// # Example: a queue's messages, each once
///
/// ```
/// use isobar_core::{App, Message, Result};
/// use isobar_state::{Memory, idempotent};
///
/// async fn charge(order: Message<String>) -> Result<()> {
///     println!("{} pays", order.body());
///     Ok(())
/// }
///
/// let app = idempotent(Memory::new(), App::new().on_message("orders", charge));
/// ```
pub fn idempotent<S: Store, H: Handler>(store: S, app: H) -> Idempotent<S, H> {
    Idempotent {
        claims: Claims::new(store),
        scope: None,
        app,
    }
}

/// A handler that handles each event once; made by [`idempotent()`].
#[derive(Clone, Debug)]
#[must_use = "a handler does nothing until it is started"]
pub struct Idempotent<S, H> {
    pub(super) claims: Claims<S>,
    scope: Option<Text>,
    app: H,
}

impl<S: Store, H: Handler> Idempotent<S, H> {
    /// Sets how long a handler may be silent before it counts as dead: 10 seconds, unless told
    /// otherwise; 1 at least.
    ///
    /// It is renewed three times within its length, for as long as the handler runs, so it is no
    /// limit of that. Choose it shorter than the pause before the source delivers again (a queue's
    /// visibility timeout), and longer than the handler ever blocks its thread, in which time
    /// nothing is renewed.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.claims.set_lease(lease);
        self
    }

    /// Sets how long an event is remembered: 7 days, unless told otherwise.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.claims.keep = keep;
        self
    }

    /// Names whose events these are, where several functions share a store: each handles its own.
    /// The function's name by its host, unless told otherwise.
    pub fn scope(mut self, scope: impl Into<Text>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    #[cfg(test)]
    pub(crate) fn clock(mut self, clock: crate::time::Clock) -> Self {
        self.claims.clock = clock;
        self
    }

    async fn once(&self, event: &Event, request: Request) -> Result<Response, Error> {
        let function = request.context().function().name();
        let scope = self.scope.as_deref().unwrap_or(function);
        let key = Key::of(["event", scope, &event.dedup_key()]);
        let about = format!("{event} of {scope:?}").into();
        let claimed = self.claims.claim(key, about, None).await;
        match claimed.map_err(unavailable)? {
            Claimed::Mine(claim) => self.run(claim, request).await,
            Claimed::Done(kept, _) => {
                tracing::debug!(event_id = event.id(), "handled before: {event}");
                reply::restore(&kept)
            }
            Claimed::Elsewhere(..) => Err(busy("the event is being handled elsewhere")),
        }
    }

    async fn run(&self, mut claim: Claim, request: Request) -> Result<Response, Error> {
        let ended = match self.claims.hold(&mut claim, self.app.handle(request)).await {
            Ok(ended) => ended,
            Err(Lost) => return Err(busy("the lease of the event was lost to another run")),
        };
        match ended.as_ref().ok().and_then(reply::kept) {
            Some(kept) => self.claims.done(&mut claim, kept).await,
            None => self.claims.free(&mut claim).await,
        }
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// What is to be delivered again later.
fn busy(why: &'static str) -> Error {
    Error::from_status(StatusCode::SERVICE_UNAVAILABLE).with_source(why)
}

fn unavailable(error: crate::StoreError) -> Error {
    Error::from_status(StatusCode::SERVICE_UNAVAILABLE).with_source(error)
}

#[async_trait]
impl<S: Store, H: Handler> Handler for Idempotent<S, H> {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        match request.event().cloned() {
            Some(event) => self.once(&event, request).await,
            None => self.app.handle(request).await,
        }
    }

    fn routes(&self) -> Routes {
        self.app.routes()
    }

    async fn shutdown(&self) {
        self.app.shutdown().await;
    }
}
