//! What is counted of invocations: how many, what became of them, how long they took.
//!
//! A `Meter` listens to the access lines and to the invocations' spans, so that nothing is counted
//! twice and nothing costs where nobody counts. It makes a `Measurement` of each, and gives it to
//! each `Sink`: a way for numbers to leave the process.

#[cfg(not(all(feature = "aws", feature = "serve", feature = "otel")))]
mod absent;
#[cfg(any(feature = "serve", feature = "otel"))]
mod bounds;
mod choice;
#[cfg(feature = "aws")]
mod emf;
mod measurement;
mod meter;
#[cfg(test)]
#[cfg(all(feature = "aws", not(feature = "otel")))]
mod off;
#[cfg(feature = "otel")]
mod otlp;
#[cfg(feature = "serve")]
mod prometheus;
#[cfg(feature = "serve")]
mod series;
#[cfg(test)]
#[cfg(feature = "serve")]
mod tests;

#[cfg(not(feature = "aws"))]
use absent::emf;
#[cfg(not(feature = "otel"))]
use absent::otlp;
#[cfg(not(feature = "serve"))]
use absent::prometheus;

#[cfg(any(feature = "serve", feature = "otel"))]
pub(crate) use bounds::{SECONDS, SIZES};
#[cfg(feature = "aws")]
pub(crate) use choice::check;
#[cfg(feature = "serve")]
pub(crate) use choice::is_served;
pub(crate) use measurement::Measurement;
pub(crate) use meter::{InFlight, Meter, is_measured};
#[cfg(feature = "serve")]
pub(crate) use prometheus::page;

use std::sync::Arc;

use choice::Choice;

use crate::config::Environment;

/// Takes what is known of each invocation that is over; called on the invocation's own thread.
trait Sink: Send + Sync + 'static {
    fn record(&self, measurement: &Measurement);

    /// Returns the numbers as a page, where that is how they leave the process.
    #[cfg(feature = "serve")]
    fn page(&self) -> Option<String> {
        None
    }
}

/// Makes the meter that the environment asks for. A wrong value is named by the host's own start.
pub(crate) fn meter(environment: &Environment) -> Option<Meter> {
    let in_flight = Arc::<InFlight>::default();
    let mut sinks = match Choice::of(environment).ok()? {
        Choice::Off => Vec::new(),
        Choice::Emf => emf::sinks(environment, Arc::clone(&in_flight)),
        Choice::Prometheus => prometheus::sinks(Arc::clone(&in_flight)),
    };
    sinks.extend(otlp::sinks(environment, &in_flight));
    (!sinks.is_empty()).then(|| Meter::new(sinks, in_flight))
}
