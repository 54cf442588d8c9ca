//! Trace contexts from outside, in OpenTelemetry's own form.

use isobar_core::{Event, Message, Raw, TraceContext};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Makes a remote span of a trace context.
pub(super) fn remote(trace: &TraceContext) -> Option<SpanContext> {
    let state = trace.tracestate().and_then(|state| state.parse().ok());
    Some(SpanContext::new(
        TraceId::from_hex(trace.trace_id()).ok()?,
        SpanId::from_hex(trace.parent_id()).ok()?,
        TraceFlags::default().with_sampled(trace.sampled()),
        true,
        state.unwrap_or(TraceState::NONE),
    ))
}

/// Returns the span in which an event was made, where it says so: by the CloudEvents extension, which
/// adapters also write for a source's own form, or by an attribute of the message.
///
/// Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/distributed-tracing.md>.
pub(super) fn of_event(event: &Event) -> Option<SpanContext> {
    if let Some(parent) = event.extension("traceparent") {
        return read(parent, event.extension("tracestate"));
    }
    let message = Message::<Raw>::of(event)?.ok()?;
    read(
        message.attribute("traceparent")?,
        message.attribute("tracestate"),
    )
}

fn read(parent: &str, state: Option<&str>) -> Option<SpanContext> {
    let trace = TraceContext::parse(parent)?;
    remote(&match state {
        Some(state) => trace.with_state(state),
        None => trace,
    })
}
