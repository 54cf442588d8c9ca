//! The bounds of histograms.

/// OpenTelemetry's bounds for the duration of requests, in seconds. Source:
/// <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>.
pub(crate) const SECONDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The sizes of batches that sources are set to, up to the largest that one takes.
pub(crate) const SIZES: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0,
];
