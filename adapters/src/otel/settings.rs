//! What the `OTEL_` variables say that the exporter does not read by itself.

use std::time::Duration;

use crate::config::Environment;

/// How spans are exported.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// How long one export may take.
    pub(super) timeout: Duration,
    /// True where a failed export is tried again: not on AWS Lambda, where waiting is paid for.
    pub(super) retries: bool,
}

impl Settings {
    /// Reads them; `None` where nothing is to be exported, and what is wrong with them.
    pub(super) fn read(environment: &Environment) -> Result<Option<Self>, String> {
        let is = |name, value| {
            let text = environment.text(name).unwrap_or_default();
            text.trim().eq_ignore_ascii_case(value)
        };
        if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
            return Ok(None);
        }
        if let Some(exporter) = environment.text("OTEL_TRACES_EXPORTER")
            && !is("OTEL_TRACES_EXPORTER", "otlp")
        {
            return Err(format!(
                "OTEL_TRACES_EXPORTER is {exporter:?}: otlp or none is wanted"
            ));
        }
        let protocol = environment
            .text("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
            .or_else(|| environment.text("OTEL_EXPORTER_OTLP_PROTOCOL"));
        if let Some(protocol) = protocol.filter(|protocol| protocol.trim() != "http/protobuf") {
            return Err(format!(
                "OTEL_EXPORTER_OTLP_PROTOCOL is {protocol:?}: http/protobuf is what there is"
            ));
        }
        Ok(Some(Self {
            timeout: timeout(environment),
            retries: environment.text("AWS_LAMBDA_RUNTIME_API").is_none(),
        }))
    }
}

/// In milliseconds, ten seconds where nobody says.
///
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
fn timeout(environment: &Environment) -> Duration {
    let of = |name| environment.text(name)?.trim().parse().ok();
    let milliseconds = of("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
        .or_else(|| of("OTEL_EXPORTER_OTLP_TIMEOUT"))
        .unwrap_or(10_000);
    Duration::from_millis(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::read(&Environment::of_list(pairs))
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
}
