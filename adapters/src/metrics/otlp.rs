//! Metrics for an OpenTelemetry collector: beside what the host has, as the `OTEL_` variables say.

use std::sync::Arc;

use super::{InFlight, Measurement, Sink};
use crate::config::Environment;
use crate::otel;

pub(super) fn sinks(environment: &Environment, in_flight: &Arc<InFlight>) -> Vec<Box<dyn Sink>> {
    let metrics = otel::metrics(environment).map(|metrics| {
        metrics.observe(Arc::clone(in_flight));
        Box::new(Otlp(metrics)) as Box<dyn Sink>
    });
    metrics.into_iter().collect()
}

struct Otlp(&'static otel::Metrics);

impl Sink for Otlp {
    fn record(&self, measurement: &Measurement) {
        self.0.record(measurement);
    }
}
