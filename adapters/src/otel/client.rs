//! The client that all exporters share, so that one connection serves them.

use std::time::Duration;

use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry_http::HttpClient;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_otlp::RetryPolicy;

/// Makes the client; nothing is connected yet.
pub(super) fn client(timeout: Duration) -> impl HttpClient + Clone + 'static {
    let connector = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .build();
    HyperClient::new(connector, timeout, None)
}

pub(super) fn retries(are_wanted: bool) -> RetryPolicy {
    if are_wanted {
        RetryPolicy::recommended()
    } else {
        RetryPolicy::disabled()
    }
}
