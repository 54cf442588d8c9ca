//! What the `OTEL_` variables say that the exporters do not read by themselves.

use std::time::Duration;

use isobar_core::Provider;

use crate::config::{Environment, Variable, variable};
use crate::detect;

/// OpenTelemetry's variables; the exporters read more of their own.
pub(crate) const VARIABLES: &[Variable] = &[
    variable("OTEL_SDK_DISABLED", "true: nothing is exported"),
    variable(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "how it is exported: http/protobuf is what there is",
    ),
    variable(
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "how long an export may take, in milliseconds",
    ),
    variable(TRACES.exporter, "otlp, or none: no spans are exported"),
    variable(TRACES.protocol, "the protocol, for traces alone"),
    variable(TRACES.timeout, "the time-out, for traces alone"),
    variable(METRICS.exporter, "otlp, or none: no metrics are exported"),
    variable(METRICS.protocol, "the protocol, for metrics alone"),
    variable(METRICS.timeout, "the time-out, for metrics alone"),
    variable(
        INTERVAL,
        "how long metrics wait for the next export, in milliseconds",
    ),
    variable(
        TEMPORALITY,
        "whether metrics count from the start or from export to export",
    ),
];

/// What the variables of one kind of telemetry are called.
pub(super) struct Signal {
    exporter: &'static str,
    protocol: &'static str,
    timeout: &'static str,
}

pub(super) const TRACES: Signal = Signal {
    exporter: "OTEL_TRACES_EXPORTER",
    protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
};

pub(super) const METRICS: Signal = Signal {
    exporter: "OTEL_METRICS_EXPORTER",
    protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
};

const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
const TEMPORALITY: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";

/// How one kind of telemetry is exported.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// How long one export may take.
    pub(super) timeout: Duration,
    /// True where a failed export is tried again: not on AWS Lambda, where waiting is paid for.
    pub(super) retries: bool,
}

impl Settings {
    /// Reads them; `None` where nothing is to be exported, and what is wrong with them.
    pub(super) fn read(environment: &Environment, of: &Signal) -> Result<Option<Self>, String> {
        let is = |name, value| {
            let text = environment.text(name).unwrap_or_default();
            text.trim().eq_ignore_ascii_case(value)
        };
        if is("OTEL_SDK_DISABLED", "true") || is(of.exporter, "none") {
            return Ok(None);
        }
        if let Some(exporter) = environment.text(of.exporter)
            && !is(of.exporter, "otlp")
        {
            let name = of.exporter;
            return Err(format!("{name} is {exporter:?}: otlp or none is wanted"));
        }
        let protocol = environment
            .text(of.protocol)
            .or_else(|| environment.text("OTEL_EXPORTER_OTLP_PROTOCOL"));
        if let Some(protocol) = protocol.filter(|protocol| protocol.trim() != "http/protobuf") {
            return Err(format!(
                "OTEL_EXPORTER_OTLP_PROTOCOL is {protocol:?}: http/protobuf is what there is"
            ));
        }
        Ok(Some(Self {
            timeout: timeout(environment, of),
            retries: environment.text("AWS_LAMBDA_RUNTIME_API").is_none(),
        }))
    }
}

/// In milliseconds, ten seconds where nobody says.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
fn timeout(environment: &Environment, signal: &Signal) -> Duration {
    let of = |name| environment.text(name)?.trim().parse().ok();
    let milliseconds = of(signal.timeout)
        .or_else(|| of("OTEL_EXPORTER_OTLP_TIMEOUT"))
        .unwrap_or(10_000);
    Duration::from_millis(milliseconds)
}

/// Returns how long metrics wait for the next export: the standard's minute. The Functions host kills
/// without a word: there what is older than a second must be gone.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.
///
/// # Errors
///
/// Fails where a variable has a value that it cannot have; the SDK would take another without a word.
pub(super) fn interval(environment: &Environment) -> Result<Duration, String> {
    let temporality = environment.text(TEMPORALITY).unwrap_or("cumulative").trim();
    let known = ["cumulative", "delta", "lowmemory"];
    if !known
        .iter()
        .any(|known| known.eq_ignore_ascii_case(temporality))
    {
        return Err(format!(
            "{TEMPORALITY} is {temporality:?}: cumulative, delta or lowmemory is wanted"
        ));
    }
    let Some(text) = environment.text(INTERVAL) else {
        let host = detect::by_environment(environment).map(|chosen| chosen.provider);
        return Ok(match host {
            Ok(Provider::Azure) => Duration::from_millis(750),
            _ => Duration::from_secs(60),
        });
    };
    match text.trim().parse() {
        Ok(milliseconds @ 1..) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!(
            "{INTERVAL} is {text:?}: a number of milliseconds is wanted, such as 10000"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::read(&Environment::of_list(pairs), &TRACES)
    }

    #[test]
    fn the_standard_variables_turn_it_off_and_say_how_long() {
        for off in [
            ("OTEL_SDK_DISABLED", "TRUE"),
            ("OTEL_TRACES_EXPORTER", "none"),
        ] {
            assert_eq!(read(&[off]), Ok(None), "{off:?}");
        }
        let of = |pairs: &[(&str, &str)]| read(pairs).unwrap().unwrap();
        assert_eq!(of(&[]).timeout, Duration::from_secs(10));
        assert!(of(&[]).retries);
        assert!(!of(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")]).retries);
        let all = ("OTEL_EXPORTER_OTLP_TIMEOUT", "1500");
        let own = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "200");
        assert_eq!(of(&[all]).timeout, Duration::from_millis(1500));
        assert_eq!(of(&[all, own]).timeout, Duration::from_millis(200));
    }

    #[test]
    fn one_kind_is_off_without_the_other() {
        let environment = Environment::of([("OTEL_TRACES_EXPORTER", "none")]);
        assert!(Settings::read(&environment, &METRICS).unwrap().is_some());
        let environment = Environment::of([("OTEL_METRICS_EXPORTER", "none")]);
        assert!(Settings::read(&environment, &TRACES).unwrap().is_some());
        assert_eq!(Settings::read(&environment, &METRICS), Ok(None));
    }

    #[test]
    fn what_is_not_there_is_said() {
        for (name, value) in [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ] {
            let complaint = read(&[(name, value)]).unwrap_err();
            assert!(complaint.contains(value), "{complaint}");
        }
    }

    #[test]
    fn metrics_wait_a_minute_but_where_the_host_kills() {
        for (name, value, wanted) in [
            ("K_SERVICE", "x", Ok(60_000)),
            ("AWS_LAMBDA_RUNTIME_API", "x", Ok(60_000)),
            ("FUNCTIONS_CUSTOMHANDLER_PORT", "1", Ok(750)),
            (INTERVAL, " 250 ", Ok(250)),
            (INTERVAL, "0", Err(())),
            (INTERVAL, "soon", Err(())),
            (TEMPORALITY, "Delta", Ok(60_000)),
            (TEMPORALITY, "both", Err(())),
        ] {
            let got = interval(&Environment::of([(name, value)]));
            if let Err(complaint) = &got {
                assert!(
                    complaint.contains(name) && complaint.contains(value),
                    "{complaint}"
                );
            }
            let got = got.map_err(drop);
            assert_eq!(got, wanted.map(Duration::from_millis), "{name}={value}");
        }
    }
}
