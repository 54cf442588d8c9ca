//! From access lines and spans to measurements.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::{Measurement, Sink};
use crate::log::is_invocation;

const ACCESS: &str = "isobar::access";

/// Returns true for what a meter has to see, whatever is logged: the access lines and the
/// invocations' spans.
pub(crate) fn is_measured(metadata: &Metadata<'_>) -> bool {
    metadata.target() == ACCESS || is_invocation(metadata)
}

/// How many invocations are being handled.
#[derive(Debug, Default)]
pub(crate) struct InFlight(AtomicU64);

impl InFlight {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Measures each invocation.
pub(crate) struct Meter {
    sinks: Vec<Box<dyn Sink>>,
    in_flight: Arc<InFlight>,
}

impl Meter {
    pub(super) fn new(sinks: Vec<Box<dyn Sink>>, in_flight: Arc<InFlight>) -> Self {
        Self { sinks, in_flight }
    }

    #[cfg(feature = "serve")]
    pub(super) fn page(&self) -> Option<String> {
        self.sinks.iter().find_map(|sink| sink.page())
    }

    fn ended(&self) {
        self.in_flight.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An invocation that is being handled, on its span: until its access line, or where it gets none,
/// until the span's end, which work that outlives the answer puts off.
#[derive(Default)]
struct Open {
    request_id: Box<str>,
}

impl Visit for Open {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            self.request_id = value.into();
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}

impl<S> Layer<S> for Meter
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !is_invocation(attributes.metadata()) {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let mut open = Open::default();
        attributes.record(&mut open);
        span.extensions_mut().insert(open);
        self.in_flight.0.fetch_add(1, Ordering::Relaxed);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != ACCESS {
            return;
        }
        let mut measurement = Measurement::default();
        event.record(&mut measurement);
        let span = context.event_span(event);
        let open = span.and_then(|span| span.extensions_mut().remove::<Open>());
        let is_counted = open.is_some();
        measurement.request_id = open.unwrap_or_default().request_id;
        // It is among those in flight while it is recorded.
        for sink in &self.sinks {
            sink.record(&measurement);
        }
        if is_counted {
            self.ended();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        if span.extensions_mut().remove::<Open>().is_some() {
            self.ended();
        }
    }
}
