//! The way of a span from its end to the collector, and who drives it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;
#[cfg(feature = "aws")]
use std::time::SystemTime;

use isobar_core::Function;
use opentelemetry::global;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::export::Exporting;
use super::queue::{Ended, Queue};
use super::settings::Settings;
use crate::config::Environment;

/// How long spans wait for others where the host takes no processor away. The Functions host kills
/// without a word: what was answered a second before must be gone by then.
const DELAY: Duration = Duration::from_millis(250);

/// What an invocation's spans have at the least: those of one that overran its deadline are the ones
/// that are wanted. It is less than the margin before the host's own end.
const LEAST: Duration = Duration::from_millis(50);

/// Made when it is first asked for; `None` where nothing is exported.
static PIPELINE: OnceLock<Made> = OnceLock::new();

/// Whose spans these are, once a host knows.
static FUNCTION: OnceLock<Function> = OnceLock::new();

type Made = Result<Option<Pipeline>, String>;

pub(super) struct Pipeline {
    pub(super) provider: SdkTracerProvider,
    queue: Arc<Queue>,
    exporting: Mutex<Exporting>,
    timeout: Duration,
}

/// Returns the pipeline; the first who asks has it made as the environment says.
pub(super) fn pipeline(environment: &Environment) -> Option<&'static Pipeline> {
    let made = PIPELINE.get_or_init(|| Pipeline::new(environment));
    made.as_ref().ok().and_then(Option::as_ref)
}

/// Returns the pipeline if somebody had it made.
pub(super) fn running() -> Option<&'static Pipeline> {
    PIPELINE.get()?.as_ref().ok().and_then(Option::as_ref)
}

/// Says why nothing is exported, where that is a mistake.
pub(crate) fn report() {
    if let Some(Err(complaint)) = PIPELINE.get() {
        tracing::warn!("no spans are exported: {complaint}");
    }
}

/// Tells whose spans these are.
pub(crate) fn serves(function: &Function) {
    let _the_first_counts = FUNCTION.set(function.clone());
}

/// Exports what has ended until `end`; where that is near or past, for a moment. For a host that may
/// freeze the process next.
#[cfg(feature = "aws")]
pub(crate) async fn flush(end: Option<SystemTime>) {
    let Some(pipeline) = running() else { return };
    let left = end.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default());
    let left = left.unwrap_or(pipeline.timeout).min(pipeline.timeout);
    pipeline.flush(Instant::now() + left.max(LEAST)).await;
}

/// Runs the application's end, and exports the spans of what has ended until `over`: beside it, since it
/// may take all the time, and once more what it did itself.
pub(crate) async fn until(over: Instant, end: impl Future<Output = ()>) {
    let Some(pipeline) = running() else {
        return end.await;
    };
    tokio::join!(end, pipeline.flush(over));
    pipeline.flush(over.max(Instant::now() + LEAST)).await;
}

/// Exports in the background for as long as what is returned is held. For a host that lets the
/// process run.
pub(crate) fn in_background() -> Option<Background> {
    let pipeline = running()?;
    let task = tokio::spawn(async move {
        loop {
            pipeline.queue.some.notified().await;
            tokio::select! {
                () = sleep(DELAY) => {}
                () = pipeline.queue.many.notified() => {}
            }
            pipeline.flush(Instant::now() + pipeline.timeout).await;
        }
    });
    Some(Background(task.abort_handle()))
}

/// The task that exports in the background; dropped, it ends.
#[derive(Debug)]
pub(crate) struct Background(AbortHandle);

impl Drop for Background {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Pipeline {
    fn new(environment: &Environment) -> Made {
        let Some(settings) = Settings::read(environment)? else {
            return Ok(None);
        };
        let queue = Arc::<Queue>::default();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(Ended(Arc::clone(&queue)))
            .build();
        // For what speaks OpenTelemetry without `tracing`: clients that hand the trace on.
        global::set_tracer_provider(provider.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Some(Self {
            provider,
            queue,
            exporting: Mutex::new(Exporting::new(&settings)?),
            timeout: settings.timeout,
        }))
    }

    async fn flush(&self, end: Instant) {
        let Ok(mut exporting) = tokio::time::timeout_at(end, self.exporting.lock()).await else {
            return;
        };
        while !exporting.is_paused() {
            let batch = self.queue.take();
            if batch.is_empty() {
                break;
            }
            let function = FUNCTION.get_or_init(Function::default);
            exporting.export(batch, function, end).await;
        }
        let lost = self.queue.lost();
        if lost > 0 {
            tracing::warn!(
                spans = lost,
                "spans were lost: too many wait for the collector"
            );
        }
    }
}
