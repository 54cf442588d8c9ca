//! Metrics, from measurements to the collector.
//!
//! OTLP has an address for each kind of telemetry, so metrics are a call of their own beside that of the
//! spans. So that a host which is paid by the call's time makes few, they wait: an export is due where
//! something was counted and the interval is over, when the host flushes, and at the end.

mod instruments;
mod reader;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use isobar_core::Function;
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{MetricExporter, WithHttpConfig};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::client::retries;
use super::patience::Patience;
use super::settings::Settings;
use super::{pipeline, resource};
use crate::metrics::{InFlight, Measurement};
use instruments::Instruments;

/// How long a measurement waits for others at the least, and the first for the host to learn where it
/// runs.
const DELAY: Duration = Duration::from_millis(250);

/// More are not kept until the first export.
const EARLY: usize = 1024;

/// What counts, and what exports the numbers.
pub(crate) struct Metrics {
    counted: Mutex<Counted>,
    in_flight: OnceLock<Arc<InFlight>>,
    temporality: Temporality,
    /// Told of every measurement.
    some: Notify,
    exporting: tokio::sync::Mutex<Exporting>,
    pub(super) timeout: Duration,
}

/// What was counted. A resource never changes, so instruments are made when it is first exported: where
/// it runs the host may learn beside the first request.
#[derive(Default)]
struct Counted {
    early: Vec<Measurement>,
    instruments: Option<Instruments>,
    /// True if anything has been counted since the last export.
    is_news: bool,
}

impl Metrics {
    /// Makes the exporter, which reads the variables of its own.
    pub(super) fn new(
        settings: &Settings,
        interval: Duration,
        client: impl HttpClient + 'static,
    ) -> Result<Self, String> {
        let exporter = MetricExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_retry_policy(retries(settings.retries))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            counted: Mutex::default(),
            in_flight: OnceLock::new(),
            temporality: exporter.temporality(),
            some: Notify::new(),
            exporting: tokio::sync::Mutex::new(Exporting::new(exporter, interval)),
            timeout: settings.timeout,
        })
    }

    /// Says who knows how many invocations are in flight.
    pub(crate) fn observe(&self, in_flight: Arc<InFlight>) {
        let _the_first_counts = self.in_flight.set(in_flight);
    }

    /// Counts an invocation that is over.
    pub(crate) fn record(&self, measurement: &Measurement) {
        let mut counted = self.counted();
        counted.is_news = true;
        match &counted.instruments {
            Some(instruments) => instruments.record(measurement),
            None => counted.early.push(measurement.clone()),
        }
        if counted.early.len() >= EARLY {
            self.make(&mut counted, &pipeline::function());
        }
        drop(counted);
        self.some.notify_one();
    }

    /// Exports what was counted, if it is time or the last time; gives it up at `end`.
    pub(super) async fn flush(&self, of: &Function, end: Instant, is_last: bool) {
        let Ok(mut exporting) = timeout_at(end, self.exporting.lock()).await else {
            return;
        };
        if !exporting.is_due(is_last) {
            return;
        }
        let Some(collected) = self.collect(of) else {
            return;
        };
        if !exporting.export(&collected, end).await {
            self.counted().is_news = true;
            self.some.notify_one();
        }
    }

    /// Completes when it is time to flush.
    pub(super) async fn wait(&self) {
        self.some.notified().await;
        let due = self.exporting.lock().await.due();
        sleep_until(due.max(Instant::now() + DELAY)).await;
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(&self, of: &Function) -> Option<ResourceMetrics> {
        let mut counted = self.counted();
        if !std::mem::take(&mut counted.is_news) {
            return None;
        }
        self.make(&mut counted, of);
        counted.instruments.as_ref()?.collect()
    }

    /// Makes the instruments, if they are not there.
    fn make(&self, counted: &mut Counted, of: &Function) {
        let Counted {
            early, instruments, ..
        } = counted;
        let instruments = instruments.get_or_insert_with(|| {
            let in_flight = self.in_flight.get().cloned().unwrap_or_default();
            Instruments::new(resource::of(of), self.temporality, in_flight)
        });
        early.drain(..).for_each(|early| instruments.record(&early));
    }
}

/// The exporter, and how it fared.
struct Exporting {
    exporter: MetricExporter,
    interval: Duration,
    next: Instant,
    patience: Patience,
}

impl Exporting {
    fn new(exporter: MetricExporter, interval: Duration) -> Self {
        Self {
            exporter,
            interval,
            next: Instant::now(),
            patience: Patience::new(),
        }
    }

    /// Returns when the next export is due.
    fn due(&self) -> Instant {
        let paused = self.patience.paused_until();
        paused.map_or(self.next, |until| until.max(self.next))
    }

    fn is_due(&self, is_last: bool) -> bool {
        if is_last {
            self.patience.paused_until().is_none()
        } else {
            self.due() <= Instant::now()
        }
    }

    /// Returns true if it has arrived.
    async fn export(&mut self, collected: &ResourceMetrics, end: Instant) -> bool {
        self.next = Instant::now() + self.interval;
        let failure = match timeout_at(end, self.exporter.export(collected)).await {
            Ok(Ok(())) => {
                if self.patience.succeeded() {
                    tracing::info!("metrics are exported again");
                }
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "the collector took too long".to_owned(),
        };
        if self.patience.failed() {
            let what = match self.exporter.temporality() {
                Temporality::Cumulative => "metrics wait while this lasts",
                _ => "metrics were lost, and more will be while this lasts",
            };
            tracing::warn!("{what}: {failure}; OTEL_EXPORTER_OTLP_ENDPOINT names the collector");
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::metrics::data::{
        AggregatedMetrics, MetricData, ScopeMetrics, SumDataPoint,
    };

    use super::super::client::client;
    use super::*;

    fn metrics() -> Metrics {
        let settings = Settings {
            timeout: Duration::from_secs(1),
            retries: false,
        };
        Metrics::new(&settings, Duration::from_secs(60), client(settings.timeout)).unwrap()
    }

    /// How many invocations are counted.
    fn invocations(collected: &ResourceMetrics) -> u64 {
        let metrics = collected.scope_metrics().flat_map(ScopeMetrics::metrics);
        let found: Vec<_> = metrics
            .filter(|metric| metric.name() == "faas.invocations")
            .collect();
        let AggregatedMetrics::U64(MetricData::Sum(sum)) = found[0].data() else {
            panic!("{found:?}");
        };
        sum.data_points().map(SumDataPoint::value).sum()
    }

    #[tokio::test]
    async fn what_is_counted_before_the_first_export_is_in_it_however_much() {
        for count in [1, EARLY - 1, EARLY, 3 * EARLY] {
            let metrics = metrics();
            for _ in 0..count {
                metrics.record(&Measurement::default());
            }
            assert!(metrics.counted().early.len() < EARLY);
            let collected = metrics.collect(&Function::default()).unwrap();
            assert_eq!(invocations(&collected), u64::try_from(count).unwrap());
            assert!(metrics.collect(&Function::default()).is_none(), "no news");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_export_is_due_at_once_and_then_once_an_interval_but_at_the_end() {
        let metrics = metrics();
        let mut exporting = metrics.exporting.lock().await;
        assert!(exporting.is_due(false));
        exporting.next = Instant::now() + exporting.interval;
        assert!(!exporting.is_due(false) && exporting.is_due(true));
        tokio::time::advance(exporting.interval).await;
        assert!(exporting.is_due(false));
        exporting.patience.failed();
        assert!(!exporting.is_due(false) && !exporting.is_due(true));
    }
}
