//! The way of telemetry to the collector, and who drives it.

use std::sync::OnceLock;
use std::time::Duration;
#[cfg(feature = "aws")]
use std::time::SystemTime;

use isobar_core::Function;
use opentelemetry::global;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::client::client;
use super::metrics::Metrics;
use super::settings::{METRICS, Settings, TRACES, interval};
use super::spans::Spans;
use crate::config::Environment;

/// What an invocation's spans have at the least: those of one that overran its deadline are the ones
/// that are wanted. It is less than the margin before the host's own end.
const LEAST: Duration = Duration::from_millis(50);

/// Made when it is first asked for.
static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

/// Whose telemetry this is, once a host knows.
static FUNCTION: OnceLock<Function> = OnceLock::new();

/// What is not there is not to be exported; an error says why it cannot be.
struct Pipeline {
    spans: Result<Option<Spans>, String>,
    metrics: Result<Option<Metrics>, String>,
}

/// Returns what makes spans, and exports them; the first who asks has the pipeline made as the
/// environment says.
pub(super) fn spans(environment: &Environment) -> Option<&'static Spans> {
    PIPELINE.get_or_init(|| Pipeline::new(environment)).spans()
}

/// Returns what exports metrics, likewise.
pub(crate) fn metrics(environment: &Environment) -> Option<&'static Metrics> {
    PIPELINE
        .get_or_init(|| Pipeline::new(environment))
        .metrics()
}

/// Returns true if spans are made.
pub(super) fn makes_spans() -> bool {
    PIPELINE.get().and_then(Pipeline::spans).is_some()
}

/// Says why nothing is exported, where that is a mistake.
pub(crate) fn report() {
    let Some(Pipeline { spans, metrics }) = PIPELINE.get() else {
        return;
    };
    if let Err(complaint) = spans {
        tracing::warn!("no spans are exported: {complaint}");
    }
    if let Err(complaint) = metrics {
        tracing::warn!("no metrics are exported: {complaint}");
    }
}

/// Tells whose telemetry this is.
pub(crate) fn serves(function: &Function) {
    let _the_first_counts = FUNCTION.set(function.clone());
}

/// Returns whose it is, as far as it is known by now.
pub(super) fn function() -> Function {
    FUNCTION.get().cloned().unwrap_or_default()
}

/// Exports what has ended until `end`; where that is near or past, for a moment. For a host that may
/// freeze the process next.
#[cfg(feature = "aws")]
pub(crate) async fn flush(end: Option<SystemTime>) {
    let Some(pipeline) = PIPELINE.get() else {
        return;
    };
    let left = end.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default());
    let end = left.map(|left| Instant::now() + left.max(LEAST));
    pipeline.flush(end, false).await;
}

/// Runs the application's end, and exports what has ended until `over`: beside it, since it may take all
/// the time, and once more what it did itself.
pub(crate) async fn until(over: Instant, end: impl Future<Output = ()>) {
    let Some(pipeline) = PIPELINE.get() else {
        return end.await;
    };
    tokio::join!(end, pipeline.flush(Some(over), true));
    let over = over.max(Instant::now() + LEAST);
    pipeline.flush(Some(over), true).await;
}

/// Exports in the background for as long as what is returned is held. For a host that lets the
/// process run.
pub(crate) fn in_background() -> Background {
    let pipeline = PIPELINE.get();
    let spans = pipeline.and_then(Pipeline::spans).map(|spans| {
        tokio::spawn(async move {
            loop {
                spans.wait().await;
                spans
                    .flush(&function(), Instant::now() + spans.timeout)
                    .await;
            }
        })
    });
    let metrics = pipeline.and_then(Pipeline::metrics).map(|metrics| {
        tokio::spawn(async move {
            loop {
                metrics.wait().await;
                let end = Instant::now() + metrics.timeout;
                metrics.flush(&function(), end, false).await;
            }
        })
    });
    let tasks = [spans, metrics].into_iter().flatten();
    Background(tasks.map(|task| task.abort_handle()).collect())
}

/// The tasks that export in the background; dropped, they end.
#[derive(Debug)]
pub(crate) struct Background(Vec<AbortHandle>);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

impl Pipeline {
    fn new(environment: &Environment) -> Self {
        let of_spans = Settings::read(environment, &TRACES);
        let of_metrics = Settings::read(environment, &METRICS);
        let all = [&of_spans, &of_metrics].into_iter().flatten().flatten();
        let longest = all.map(|settings| settings.timeout).max();
        // Each has an end of its own besides.
        let client = client(longest.unwrap_or_default());
        let spans = of_spans.and_then(|settings| {
            let client = client.clone();
            settings
                .map(|settings| Spans::new(&settings, client))
                .transpose()
        });
        let metrics = of_metrics.and_then(|settings| {
            let made =
                settings.map(|settings| Metrics::new(&settings, interval(environment)?, client));
            made.transpose()
        });
        if let Ok(Some(spans)) = &spans {
            // For what speaks OpenTelemetry without `tracing`: clients that hand the trace on.
            global::set_tracer_provider(spans.provider.clone());
            global::set_text_map_propagator(TraceContextPropagator::new());
        }
        Self { spans, metrics }
    }

    fn spans(&self) -> Option<&Spans> {
        self.spans.as_ref().ok()?.as_ref()
    }

    fn metrics(&self) -> Option<&Metrics> {
        self.metrics.as_ref().ok()?.as_ref()
    }

    /// Exports until `end`, and no longer than an export may take.
    async fn flush(&self, end: Option<Instant>, is_last: bool) {
        let function = function();
        let within = |timeout| {
            let own = Instant::now() + timeout;
            end.map_or(own, |end| end.min(own))
        };
        let spans = async {
            if let Some(spans) = self.spans() {
                spans.flush(&function, within(spans.timeout)).await;
            }
        };
        let metrics = async {
            if let Some(metrics) = self.metrics() {
                let end = within(metrics.timeout);
                metrics.flush(&function, end, is_last).await;
            }
        };
        tokio::join!(spans, metrics);
    }
}
