//! What is counted, by the names that a collector knows.
//!
//! Source: <https://opentelemetry.io/docs/specs/semconv/faas/faas-metrics/>. What the conventions have
//! no name for is called as the page of metrics calls it.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{SdkMeterProvider, Temporality};

use super::reader::Reader;
use crate::metrics::{InFlight, Measurement, SECONDS, SIZES};
use crate::otel::attributes;

/// The instruments of a process.
pub(super) struct Instruments {
    reader: Reader,
    /// Dropped, it ends the reader.
    _provider: SdkMeterProvider,
    invocations: Counter<u64>,
    errors: Counter<u64>,
    timeouts: Counter<u64>,
    cold_starts: Counter<u64>,
    durations: Histogram<f64>,
    items: Histogram<u64>,
    failed: Counter<u64>,
}

impl Instruments {
    pub(super) fn new(
        resource: Resource,
        temporality: Temporality,
        in_flight: Arc<InFlight>,
    ) -> Self {
        let reader = Reader::new(temporality);
        let provider = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(reader.clone())
            .build();
        let meter = provider.meter("isobar");
        observe(&meter, in_flight);
        let counter = |name, unit, what| {
            let counter = meter.u64_counter(name).with_unit(unit);
            counter.with_description(what).build()
        };
        Self {
            invocations: counter(
                "faas.invocations",
                "{invocation}",
                "Invocations that are over.",
            ),
            errors: counter("faas.errors", "{error}", "Invocations that failed."),
            timeouts: counter(
                "faas.timeouts",
                "{timeout}",
                "Invocations that overran their deadline.",
            ),
            cold_starts: counter(
                "faas.coldstarts",
                "{coldstart}",
                "First invocations of a process.",
            ),
            durations: meter
                .f64_histogram("faas.invoke_duration")
                .with_unit("s")
                .with_description("How long invocations took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            items: meter
                .u64_histogram("isobar.batch.items")
                .with_unit("{item}")
                .with_description("Events of a delivery.")
                .with_boundaries(SIZES.to_vec())
                .build(),
            failed: counter(
                "isobar.failed_items",
                "{item}",
                "Events that were not handled.",
            ),
            reader,
            _provider: provider,
        }
    }

    pub(super) fn record(&self, measurement: &Measurement) {
        let trigger = [
            KeyValue::new("faas.trigger", attributes::trigger(measurement.trigger)),
            KeyValue::new("isobar.trigger", measurement.trigger),
        ];
        let mut all = Vec::with_capacity(4);
        all.extend_from_slice(&trigger);
        all.push(KeyValue::new("isobar.outcome", measurement.outcome));
        self.durations
            .record(measurement.duration.as_secs_f64(), &all);
        self.errors.add(measurement.is_error().into(), &all);
        if let Some(method) = measurement.method {
            all.push(KeyValue::new("http.request.method", method));
        }
        self.invocations.add(1, &all);
        let is_late = measurement.outcome == "timeout";
        self.timeouts.add(is_late.into(), &trigger);
        self.cold_starts
            .add(measurement.cold_start.into(), &trigger);
        if let Some(items) = measurement.items {
            self.items.record(items, &trigger);
            self.failed.add(measurement.failed, &trigger);
        }
    }

    /// Returns what was counted; `None` is not to be expected.
    pub(super) fn collect(&self) -> Option<ResourceMetrics> {
        let mut collected = ResourceMetrics::default();
        self.reader.collect(&mut collected).ok()?;
        Some(collected)
    }
}

/// How many are in flight is looked at when it is exported.
fn observe(meter: &Meter, in_flight: Arc<InFlight>) {
    let count = move || i64::try_from(in_flight.count()).unwrap_or(i64::MAX);
    let _is_kept_by_its_provider = meter
        .i64_observable_up_down_counter("isobar.invocations.in_flight")
        .with_unit("{invocation}")
        .with_description("Invocations that are being handled.")
        .with_callback(move |observer| observer.observe(count(), &[]))
        .build();
}
