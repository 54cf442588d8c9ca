//! Which lines are written.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::config::Environment;

/// The levels that are wanted, by target.
#[derive(Debug)]
pub(super) struct Levels(Targets);

impl Levels {
    /// Reads `RUST_LOG`, else Lambda's own variable; and what is wrong with it.
    pub(super) fn of(environment: &Environment) -> (Self, Option<String>) {
        let all = |level| Self(Targets::new().with_default(level));
        match environment.text("RUST_LOG").map(str::parse) {
            Some(Ok(targets)) => (Self(targets), None),
            Some(Err(error)) => {
                let complaint = format!("RUST_LOG is not understood, so it is info: {error}");
                (all(LevelFilter::INFO), Some(complaint))
            }
            None => (all(of_lambda(environment)), None),
        }
    }

    /// Returns true if an event is to be written, or a span to be known for the lines within it.
    ///
    /// Spans down to info always are: else `RUST_LOG=error` would take the request id from an
    /// error's line.
    pub(super) fn take(&self, metadata: &Metadata<'_>) -> bool {
        let is_within = metadata.is_span() && *metadata.level() <= Level::INFO && !self.are_off();
        is_within || self.0.would_enable(metadata.target(), metadata.level())
    }

    /// Returns the most verbose level that is taken anywhere.
    pub(super) fn most(&self) -> LevelFilter {
        if self.are_off() {
            return LevelFilter::OFF;
        }
        self.of_events().max(LevelFilter::INFO)
    }

    fn of_events(&self) -> LevelFilter {
        let levels = self.0.iter().map(|(_target, level)| level);
        let levels = levels.chain(self.0.default_level());
        levels.max().unwrap_or(LevelFilter::OFF)
    }

    fn are_off(&self) -> bool {
        self.of_events() == LevelFilter::OFF
    }
}

/// Lambda's own levels; what is less severe than they say, Lambda itself drops from JSON lines.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>.
fn of_lambda(environment: &Environment) -> LevelFilter {
    let level = environment.text("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    match level.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most<const N: usize>(variables: [(&str, &str); N]) -> (LevelFilter, bool) {
        let (levels, complaint) = Levels::of(&Environment::of(variables));
        (levels.of_events(), complaint.is_some())
    }

    #[test]
    fn rust_log_is_first_and_lambdas_own_level_next() {
        for (variables, wanted) in [
            (
                [("RUST_LOG", ""), ("AWS_LAMBDA_LOG_LEVEL", "")],
                LevelFilter::INFO,
            ),
            (
                [("RUST_LOG", ""), ("AWS_LAMBDA_LOG_LEVEL", "DEBUG")],
                LevelFilter::DEBUG,
            ),
            (
                [("RUST_LOG", ""), ("AWS_LAMBDA_LOG_LEVEL", "FATAL")],
                LevelFilter::ERROR,
            ),
            (
                [("RUST_LOG", "warn,a=trace"), ("AWS_LAMBDA_LOG_LEVEL", "")],
                LevelFilter::TRACE,
            ),
            (
                [("RUST_LOG", "error"), ("AWS_LAMBDA_LOG_LEVEL", "DEBUG")],
                LevelFilter::ERROR,
            ),
            (
                [("RUST_LOG", "off"), ("AWS_LAMBDA_LOG_LEVEL", "")],
                LevelFilter::OFF,
            ),
        ] {
            assert_eq!(most(variables), (wanted, false), "{variables:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_info_and_said() {
        assert_eq!(
            most([("RUST_LOG", "info,a=loud")]),
            (LevelFilter::INFO, true)
        );
    }

    #[test]
    fn spans_are_known_where_only_errors_are_written() {
        let (levels, _) = Levels::of(&Environment::of([("RUST_LOG", "error")]));
        assert_eq!(levels.most(), LevelFilter::INFO);
        let (levels, _) = Levels::of(&Environment::of([("RUST_LOG", "off")]));
        assert_eq!(levels.most(), LevelFilter::OFF);
    }
}
