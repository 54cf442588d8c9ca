//! The span of an invocation: what every line that is logged in it has in common.

use std::sync::{Arc, OnceLock};

use tracing::field::Empty;
use tracing::{Span, error_span};

use super::scope::made;
use super::{Context, OneEvent, TraceContext};
use crate::Event;

impl Context {
    /// Returns the invocation's span, `invocation`, with the fields `request_id`, `trace_id`,
    /// `span_id` (the caller's), `trace_sampled`, `tenant` and `event_id`, as far as they are known.
    /// A handler of one event among several gets the span `event` within it, with the `event_id`.
    ///
    /// The [`Dispatcher`](crate::Dispatcher) enters it for a handler, for its body and for what it
    /// gives to [`wait_until`](Self::wait_until). Work that a handler spawns is another task: give
    /// it the span, and its lines carry the ids too. It is made when it is first asked for, and
    /// disabled where no subscriber is interested. Who exports spans to OpenTelemetry fills in the
    /// fields `otel.name` and `otel.kind`; a handler may record a name of its own.
    ///
    /// # Example: a spawned task whose lines carry the request id
    ///
    /// ```
    /// # async fn handler(context: isobar_core::Context) {
    /// use tracing::Instrument;
    ///
    /// let work = async { tracing::info!("at work") };
    /// tokio::spawn(work.instrument(context.span().clone()));
    /// # }
    /// ```
    pub fn span(&self) -> &Span {
        let whole = || self.inner.span.get_or_init(|| made(|| self.begin_span()));
        let Some(one) = &self.event else {
            return whole();
        };
        one.span.get_or_init(|| {
            let (whole, id) = (whole(), one.event.id());
            made(|| error_span!(target: "isobar", parent: whole, "event", event_id = id))
        })
    }

    /// Returns the span, if somebody has asked for it.
    pub(super) fn span_if_made(&self) -> Option<&Span> {
        match &self.event {
            Some(one) => one.span.get(),
            None => self.inner.span.get(),
        }
    }

    /// Returns the context for an event's handler: one of several has a span of its own, while that of a
    /// single one is the invocation's.
    pub(crate) fn of_event(&self, event: &Event, is_single: bool) -> Self {
        let mut context = self.clone();
        if !is_single {
            let (event, span) = (event.clone(), OnceLock::new());
            context.event = Some(Arc::new(OneEvent { event, span }));
        } else if let Some(span) = self.inner.span.get() {
            span.record("event_id", event.id());
        } else {
            let _one_alone = self.inner.single.set(event.clone());
        }
        context
    }

    /// Its level is that of errors, so that no filter by level takes the ids from an error's line.
    fn begin_span(&self) -> Span {
        let trace = self.trace();
        error_span!(
            target: "isobar",
            parent: None,
            "invocation",
            request_id = self.request_id(),
            trace_id = trace.map(TraceContext::trace_id),
            span_id = trace.map(TraceContext::parent_id),
            trace_sampled = trace.map(TraceContext::sampled),
            tenant = self.tenant(),
            event_id = self.inner.single.get().map(Event::id),
            otel.name = Empty,
            otel.kind = Empty,
        )
    }
}
