//! Spans, from their end to the collector.

use std::sync::Arc;
use std::time::Duration;

use isobar_core::Function;
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use super::client::retries;
use super::patience::Patience;
use super::queue::{Ended, Queue};
use super::resource;
use super::settings::Settings;

/// How long spans wait for others where the host takes no processor away. The Functions host kills
/// without a word: what was answered a second before must be gone by then.
const DELAY: Duration = Duration::from_millis(250);

/// What makes spans, and what exports them.
pub(super) struct Spans {
    pub(super) provider: SdkTracerProvider,
    queue: Arc<Queue>,
    exporting: Mutex<Exporting>,
    pub(super) timeout: Duration,
}

impl Spans {
    /// Makes the exporter, which reads the variables of its own.
    pub(super) fn new(
        settings: &Settings,
        client: impl HttpClient + 'static,
    ) -> Result<Self, String> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_retry_policy(retries(settings.retries))
            .build()
            .map_err(|error| error.to_string())?;
        let queue = Arc::<Queue>::default();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(Ended(Arc::clone(&queue)))
            .build();
        Ok(Self {
            provider,
            queue,
            exporting: Mutex::new(Exporting::new(exporter)),
            timeout: settings.timeout,
        })
    }

    /// Exports what has ended, or gives it up at `end`.
    pub(super) async fn flush(&self, of: &Function, end: Instant) {
        let Ok(mut exporting) = timeout_at(end, self.exporting.lock()).await else {
            return;
        };
        while exporting.patience.paused_until().is_none() {
            let batch = self.queue.take();
            if batch.is_empty() {
                break;
            }
            exporting.export(batch, of, end).await;
        }
        let lost = self.queue.lost();
        if lost > 0 {
            tracing::warn!(
                spans = lost,
                "spans were lost: too many wait for the collector"
            );
        }
    }

    /// Completes when it is time to flush.
    pub(super) async fn wait(&self) {
        self.queue.some.notified().await;
        tokio::select! {
            () = sleep(DELAY) => {}
            () = self.queue.many.notified() => {}
        }
    }
}

/// The exporter, and how it fared.
#[derive(Debug)]
struct Exporting {
    exporter: SpanExporter,
    /// What was known of the function when the resource was made: its region, its account.
    known: Option<(bool, bool)>,
    patience: Patience,
}

impl Exporting {
    fn new(exporter: SpanExporter) -> Self {
        Self {
            exporter,
            known: None,
            patience: Patience::new(),
        }
    }

    async fn export(&mut self, batch: Vec<SpanData>, of: &Function, end: Instant) {
        let count = batch.len();
        self.learn(of);
        let failure = match timeout_at(end, self.exporter.export(batch)).await {
            Ok(Ok(())) => {
                if self.patience.succeeded() {
                    tracing::info!("spans are exported again");
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "the collector took too long".to_owned(),
        };
        if self.patience.failed() {
            tracing::warn!(
                spans = count,
                "spans were lost, and more will be while this lasts: {failure}; \
                 OTEL_EXPORTER_OTLP_ENDPOINT names the collector"
            );
        }
    }

    /// Tells the collector whose spans these are, as far as it is known by now.
    fn learn(&mut self, function: &Function) {
        let known = (function.region().is_some(), function.account().is_some());
        if self.known != Some(known) {
            self.exporter.set_resource(&resource::of(function));
            self.known = Some(known);
        }
    }
}
