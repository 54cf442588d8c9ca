//! Spans that have ended and wait to be exported.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{Event, SpanKind};
use opentelemetry::{Context, Key};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::Notify;

/// How many wait at the most, and how many are exported at once: the standard's own numbers.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor>.
const MOST: usize = 2048;
pub(super) const BATCH: usize = 512;

/// Fields of the log lines' own that an invocation's span says otherwise: in its ids, as
/// `faas.invocation_id`, as what it says of its event.
const OF_LINES: [&str; 5] = [
    "request_id",
    "trace_id",
    "span_id",
    "trace_sampled",
    "event_id",
];
pub(super) const INVOCATION_ID: &str = "faas.invocation_id";

/// The spans that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Vec<SpanData>>,
    lost: AtomicUsize,
    /// Told of every span.
    pub(super) some: Notify,
    /// Told when there is a whole batch.
    pub(super) many: Notify,
}

impl Queue {
    /// An invocation's own span comes last, and is the one that is wanted most: those of its many events
    /// must not take its place.
    fn push(&self, span: SpanData, is_invocation: bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if is_invocation { 2 * MOST } else { MOST };
        if waiting.len() >= most {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.push(span);
        let count = waiting.len();
        drop(waiting);
        self.some.notify_one();
        if count >= BATCH {
            self.many.notify_one();
        }
    }

    /// Takes the oldest spans, a batch at the most.
    pub(super) fn take(&self) -> Vec<SpanData> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    /// Returns how many had no place since this was last asked.
    pub(super) fn lost(&self) -> usize {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

/// The access line says of an invocation what its span says. (A filter of the layer's own cannot leave
/// it out: whoever asks by `tracing::enabled` whether a line is wanted leaves the filter's answer behind,
/// and the next span is lost with it.)
fn is_access(event: &Event) -> bool {
    let mut attributes = event.attributes.iter();
    attributes.any(|of| of.key.as_str() == "target" && of.value.as_str() == "isobar::access")
}

fn has(span: &SpanData, key: &str) -> bool {
    span.attributes.iter().any(|of| of.key.as_str() == key)
}

/// Says of one event of a batch what the conventions have for it: the batch's span has the rest.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/>.
fn of_event(span: &mut SpanData) {
    for attribute in &mut span.attributes {
        if attribute.key.as_str() == "event_id" {
            attribute.key = Key::from_static_str("cloudevents.event_id");
            span.name = "process".into();
            span.span_kind = SpanKind::Consumer;
        }
    }
}

/// Where the SDK hands over the spans that end.
#[derive(Debug)]
pub(super) struct Ended(pub(super) Arc<Queue>);

impl SpanProcessor for Ended {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        let is_invocation = has(&span, INVOCATION_ID);
        if is_invocation {
            let attributes = &mut span.attributes;
            attributes.retain(|of| !OF_LINES.contains(&of.key.as_str()));
            span.events.events.retain(|event| !is_access(event));
        } else if span.name == "event" {
            of_event(&mut span);
        }
        self.0.push(span, is_invocation);
    }

    /// The host exports, when it is time: see `pipeline`.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
