//! Traces and metrics, as a collector gets them of a program on each host.

mod life;
mod metrics;
mod points;
mod receiver;
mod spans;

use isobar_hosts::Launch;

use receiver::{Manner, Receiver};

/// The program, which exports to an endpoint.
fn traced(endpoint: &str) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_traced"))
        .env("RUST_BACKTRACE", "0")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
}

/// The program, and a collector that it exports to.
async fn observed() -> (Launch, Receiver) {
    let receiver = Receiver::new(Manner::Well).await;
    (traced(&receiver.endpoint), receiver)
}
