//! From `tracing` to OpenTelemetry's spans.

use isobar_core::TraceContext;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use tracing::Subscriber;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Layered, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::pipeline::spans;
use crate::config::Environment;

type Boxed<S> = Box<dyn Layer<S> + Send + Sync>;

/// Returns the layer that makes spans for the collector, for a subscriber of your own; [`start`]
/// installs one that has it.
///
/// It is made as the `OTEL_` variables say, and does nothing where they turn it off.
///
/// [`start`]: crate::start
///
/// # Example: a subscriber of one's own, that exports spans as well
///
/// ```no_run
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// fn main() -> isobar::Exit {
///     tracing_subscriber::registry().with(isobar::trace::layer()).init();
///     isobar::start(|_| async { "Hello" })
/// }
/// ```
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    boxed(&Environment::read())
}

/// Adds the layer to a subscriber.
pub(crate) fn observe<S>(subscriber: S, environment: &Environment) -> Layered<Option<Boxed<S>>, S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    subscriber.with(boxed(environment))
}

fn boxed<S>(environment: &Environment) -> Option<Boxed<S>>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let tracer = spans(environment)?.provider.tracer("isobar");
    // What a collector shows of a span without being told: where it is in the code, on which thread,
    // and how long it was idle are a cost for each and read by few.
    let layer = OpenTelemetryLayer::new(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false);
    Some(layer.boxed())
}

/// Returns the trace context of the span that the caller is in; `None` outside of any.
pub(crate) fn current() -> Option<TraceContext> {
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let trace = TraceContext::from_parts(
        &span.trace_id().to_string(),
        &span.span_id().to_string(),
        span.is_sampled(),
    )?;
    Some(trace.with_state(span.trace_state().header()))
}
