//! What is known of an invocation that is over.

use std::fmt::Debug;
use std::time::Duration;

use tracing::field::{Field, Visit};

/// What is known of an invocation that is over. Each name is one of few: what a client sends never
/// makes a new series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Measurement {
    /// `http`, or the kind of the events.
    pub(crate) trigger: &'static str,
    /// What has become of it: `ok`, or why not.
    pub(crate) outcome: &'static str,
    /// The method of a request; `_OTHER` for one that no standard has.
    pub(crate) method: Option<&'static str>,
    pub(crate) duration: Duration,
    pub(crate) cold_start: bool,
    /// The number of events, where it was not a request.
    pub(crate) items: Option<u64>,
    /// How many of these have failed.
    pub(crate) failed: u64,
    pub(crate) request_id: Box<str>,
}

impl Measurement {
    /// Returns true if the function has failed; a client that goes away, or sends what is refused, is no
    /// failure of it.
    #[cfg(any(feature = "aws", feature = "otel"))]
    pub(crate) fn is_error(&self) -> bool {
        !matches!(self.outcome, "ok" | "cancelled" | "refused")
    }
}

const TRIGGERS: [&str; 8] = [
    "http", "message", "object", "schedule", "change", "invoke", "other", "event",
];

/// `broken` is an answer whose body failed on its way, `cancelled` one that nobody waited for, `refused`
/// what never reached the handler.
const OUTCOMES: [&str; 8] = [
    "ok",
    "partial",
    "error",
    "panic",
    "timeout",
    "cancelled",
    "broken",
    "refused",
];

/// OpenTelemetry's list, which names the rest `_OTHER`. Source:
/// <https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/>.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Returns the name as the list has it.
fn of<const N: usize>(
    names: [&'static str; N],
    name: &str,
    otherwise: &'static str,
) -> &'static str {
    let known = names.into_iter().find(|known| *known == name);
    known.unwrap_or(otherwise)
}

/// Reads an access line's fields.
impl Visit for Measurement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "trigger" => self.trigger = of(TRIGGERS, value, "other"),
            "outcome" => self.outcome = of(OUTCOMES, value, "error"),
            "method" => self.method = Some(of(METHODS, value, "_OTHER")),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "duration_ms" {
            self.duration = Duration::try_from_secs_f64(value / 1000.0).unwrap_or_default();
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "items" => self.items = Some(value),
            "failed" => self.failed = value,
            _ => {}
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "cold_start" {
            self.cold_start = value;
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use isobar_core::Kind;

    #[test]
    fn every_kind_of_event_is_a_trigger_of_its_own() {
        for kind in [
            Kind::Message,
            Kind::Object,
            Kind::Schedule,
            Kind::Change,
            Kind::Invoke,
            Kind::Other,
        ] {
            assert_eq!(of(TRIGGERS, kind.as_str(), "?"), kind.as_str());
        }
    }

    #[test]
    fn what_a_client_makes_up_is_one_series() {
        for method in ["get", "PROPFIND", "", "X\"Y"] {
            assert_eq!(of(METHODS, method, "_OTHER"), "_OTHER");
        }
    }
}
