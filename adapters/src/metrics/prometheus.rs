//! The page of metrics: Prometheus' text format 0.0.4.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::{self, Display, Write};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use isobar_core::{Body, HeaderValue, Method, Response};

use super::meter::{InFlight, Meter};
use super::series::{Histogram, Key, Series};
use super::{Measurement, Sink};

/// Where the page is.
const PATH: &str = "/_isobar/metrics";

pub(super) fn sinks(in_flight: Arc<InFlight>) -> Vec<Box<dyn Sink>> {
    let series = Mutex::default();
    vec![Box::new(Prometheus { series, in_flight })]
}

/// Answers a GET or a HEAD of the page; nothing where the program has a subscriber of its own, so that
/// nobody counts.
pub(crate) fn page<B>(request: &http::Request<B>) -> Option<Response> {
    if request.uri().path() != PATH || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let text = tracing::dispatcher::get_default(|subscriber| {
        let meter = subscriber.downcast_ref::<Meter>()?;
        meter.page()
    })?;
    let is_head = request.method() == Method::HEAD;
    let body = if is_head { Body::empty() } else { text.into() };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    headers.insert(CONTENT_TYPE, form);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

/// Keeps the numbers until somebody asks for them.
struct Prometheus {
    series: Mutex<Series>,
    in_flight: Arc<InFlight>,
}

impl Sink for Prometheus {
    fn record(&self, measurement: &Measurement) {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        series.add(measurement);
    }

    fn page(&self) -> Option<String> {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        // Invocations need not wait until it is written.
        let series = Series::clone(&series);
        let mut text = String::new();
        let _text_takes_all = write(&mut text, &series, self.in_flight.count());
        Some(text)
    }
}

fn write(text: &mut String, series: &Series, in_flight: u64) -> fmt::Result {
    let name = "isobar_invocations_total";
    head(text, name, "counter", "Invocations that are over.")?;
    for (key, count) in &series.invocations {
        writeln!(text, "{name}{{{key}}} {count}")?;
    }
    let name = "isobar_invocation_duration_seconds";
    head(text, name, "histogram", "How long invocations took.")?;
    for ((trigger, outcome), durations) in &series.durations {
        let labels = format!(r#"trigger="{trigger}",outcome="{outcome}""#);
        histogram(text, name, &labels, durations)?;
    }
    let name = "isobar_invocations_in_flight";
    head(text, name, "gauge", "Invocations that are being handled.")?;
    writeln!(text, "{name} {in_flight}")?;
    let name = "isobar_cold_starts_total";
    head(text, name, "counter", "First invocations of a process.")?;
    for (trigger, count) in &series.cold_starts {
        writeln!(text, "{name}{{trigger=\"{trigger}\"}} {count}")?;
    }
    let name = "isobar_batch_items";
    head(text, name, "histogram", "Events of a delivery.")?;
    for (trigger, sizes) in &series.batches {
        histogram(text, name, &format!(r#"trigger="{trigger}""#), sizes)?;
    }
    let name = "isobar_failed_items_total";
    head(text, name, "counter", "Events that were not handled.")?;
    for (trigger, count) in &series.failed {
        writeln!(text, "{name}{{trigger=\"{trigger}\"}} {count}")?;
    }
    Ok(())
}

fn head(text: &mut String, name: &str, form: &str, help: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {form}")
}

fn histogram(text: &mut String, name: &str, labels: &str, values: &Histogram) -> fmt::Result {
    for (bound, count) in values.cumulative() {
        writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}")?;
    }
    let (count, sum) = (values.count(), values.sum);
    writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}")?;
    writeln!(text, "{name}_sum{{{labels}}} {sum}")?;
    writeln!(text, "{name}_count{{{labels}}} {count}")
}

/// As labels. Their values are ours, and need no escapes.
impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trigger,
            outcome,
            method,
        } = self;
        write!(
            f,
            r#"trigger="{trigger}",outcome="{outcome}",method="{method}""#
        )
    }
}
