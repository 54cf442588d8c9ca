//! Spans that have ended and wait to be exported.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::Event;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::Notify;

/// How many wait at the most, and how many are exported at once: the standard's own numbers.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor>.
const MOST: usize = 2048;
pub(super) const BATCH: usize = 512;

/// Fields of the log lines' own that a span says otherwise: in its ids, and as `faas.invocation_id`.
const OF_LINES: [&str; 4] = ["request_id", "trace_id", "span_id", "trace_sampled"];
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
    fn push(&self, span: SpanData) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST {
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

/// The access line says of an invocation what its span says. (A filter of the layer's own can not leave
/// it out: whoever asks by `tracing::enabled` whether a line is wanted leaves the filter's answer behind,
/// and the next span is lost with it.)
fn is_access(event: &Event) -> bool {
    let mut attributes = event.attributes.iter();
    attributes.any(|of| of.key.as_str() == "target" && of.value.as_str() == "isobar::access")
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
        let attributes = &mut span.attributes;
        if attributes.iter().any(|of| of.key.as_str() == INVOCATION_ID) {
            attributes.retain(|of| !OF_LINES.contains(&of.key.as_str()));
            span.events.events.retain(|event| !is_access(event));
        }
        self.0.push(span);
    }

    /// The host exports, when it is time: see `pipeline`.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
