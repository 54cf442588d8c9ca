//! From a batch of spans to the collector.

use std::time::Duration;

use hyper_rustls::HttpsConnectorBuilder;
use isobar_core::Function;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::time::{Instant, timeout_at};

use super::resource;
use super::settings::Settings;

/// After a failed export there is a pause, which grows while the collector stays away: a failure must
/// not be paid for by every invocation.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The exporter, and how it fared.
#[derive(Debug)]
pub(super) struct Exporting {
    exporter: SpanExporter,
    /// What was known of the function when the resource was made: its region, its account.
    known: Option<(bool, bool)>,
    pause: Duration,
    paused_until: Option<Instant>,
    /// True once a failure was logged that no success has followed.
    has_failed: bool,
}

impl Exporting {
    /// Makes the exporter, which reads the variables of its own; nothing is connected yet.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        let retries = if settings.retries {
            RetryPolicy::recommended()
        } else {
            RetryPolicy::disabled()
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(HyperClient::new(connector, settings.timeout, None))
            .with_retry_policy(retries)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            exporter,
            known: None,
            pause: PAUSES.0,
            paused_until: None,
            has_failed: false,
        })
    }

    /// Returns true while a failed export is not tried again.
    pub(super) fn is_paused(&self) -> bool {
        self.paused_until
            .is_some_and(|until| Instant::now() < until)
    }

    /// Exports a batch, or gives it up at `end`.
    pub(super) async fn export(&mut self, batch: Vec<SpanData>, of: &Function, end: Instant) {
        let count = batch.len();
        self.learn(of);
        let failure = match timeout_at(end, self.exporter.export(batch)).await {
            Ok(Ok(())) => return self.succeeded(),
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "the collector took too long".to_owned(),
        };
        self.paused_until = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(PAUSES.1);
        if !std::mem::replace(&mut self.has_failed, true) {
            tracing::warn!(
                spans = count,
                "spans were lost, and more will be while this lasts: {failure}; \
                 OTEL_EXPORTER_OTLP_ENDPOINT names the collector"
            );
        }
    }

    fn succeeded(&mut self) {
        (self.pause, self.paused_until) = (PAUSES.0, None);
        if std::mem::take(&mut self.has_failed) {
            tracing::info!("spans are exported again");
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
