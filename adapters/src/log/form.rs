//! Which form a host reads, and where.

use std::io::{IsTerminal, Write, stderr, stdout};

use isobar_core::Provider;

use super::record::{Record, Severity};
use super::{aws, azure, gcp, text};
use crate::config::Environment;
use crate::detect;

/// A line that is longer is cut. Cloud Logging and Lambda's log service take 256 KiB with what they add.
const LIMIT: usize = 200 << 10;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    LambdaJson,
    LambdaText,
    Functions,
    CloudLogging,
    Plain { is_coloured: bool },
}

/// Where a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Form {
    /// Returns the form of the host that the environment names.
    pub(super) fn of(environment: &Environment) -> Self {
        // A tool asked, which no host has started.
        let is_asked = environment.is_on("ISOBAR_DESCRIBE");
        let chosen = detect::by_environment(environment).ok();
        match chosen.map(|chosen| chosen.provider).filter(|_| !is_asked) {
            Some(Provider::Aws) if wants_json(environment) => Self::LambdaJson,
            Some(Provider::Aws) => Self::LambdaText,
            Some(Provider::Azure) => Self::Functions,
            Some(Provider::Gcp) => Self::CloudLogging,
            _ => Self::Plain {
                is_coloured: is_coloured(environment, || stderr().is_terminal()),
            },
        }
    }

    /// Returns where the host reads a line of this severity: stdout is the program's own, but on
    /// Azure, where what is on stderr is an error.
    pub(super) fn stream(self, severity: Severity) -> Stream {
        if self == Self::Functions && severity <= Severity::Info {
            Stream::Stdout
        } else {
            Stream::Stderr
        }
    }

    /// Writes a record as one line, with its end.
    pub(super) fn write(self, record: &mut Record<'_>, line: &mut Vec<u8>) {
        self.write_whole(record, line);
        if line.len() > LIMIT {
            line.clear();
            record.shorten();
            self.write_whole(record, line);
        }
    }

    fn write_whole(self, record: &Record<'_>, line: &mut Vec<u8>) {
        match self {
            Self::LambdaJson => aws::write_json(record, line),
            Self::LambdaText => aws::write_text(record, line),
            Self::Functions => azure::write(record, line),
            Self::CloudLogging => gcp::write(record, line),
            Self::Plain { is_coloured } => text::write(record, is_coloured, line),
        }
        line.push(b'\n');
    }
}

/// Who wants no colours has the last word. Sources: <https://no-color.org>, <https://bixense.com/clicolors>.
fn is_coloured(environment: &Environment, is_terminal: impl FnOnce() -> bool) -> bool {
    let is_forced = environment
        .text("CLICOLOR_FORCE")
        .is_some_and(|value| value != "0");
    environment.text("NO_COLOR").is_none() && (is_forced || is_terminal())
}

/// Managed Instances have JSON only.
fn wants_json(environment: &Environment) -> bool {
    let format = environment.text("AWS_LAMBDA_LOG_FORMAT");
    format.is_some_and(|format| format.eq_ignore_ascii_case("JSON"))
        || environment.text("AWS_LAMBDA_INITIALIZATION_TYPE") == Some("lambda-managed-instances")
}

impl Stream {
    /// Writes a line in one call, so that lines of several threads stay whole. Nobody can be told
    /// that nobody reads it.
    pub(crate) fn write(self, line: &[u8]) {
        let _nobody_reads_it = match self {
            Self::Stdout => {
                let mut stdout = stdout().lock();
                stdout.write_all(line).and_then(|()| stdout.flush())
            }
            Self::Stderr => stderr().lock().write_all(line),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_form() {
        let lambda = ("AWS_LAMBDA_RUNTIME_API", "x");
        for (variables, wanted) in [
            (vec![lambda], Form::LambdaText),
            (
                vec![lambda, ("AWS_LAMBDA_LOG_FORMAT", "JSON")],
                Form::LambdaJson,
            ),
            (
                vec![lambda, ("AWS_LAMBDA_LOG_FORMAT", "Text")],
                Form::LambdaText,
            ),
            (
                vec![
                    lambda,
                    ("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances"),
                ],
                Form::LambdaJson,
            ),
            (vec![("FUNCTIONS_CUSTOMHANDLER_PORT", "1")], Form::Functions),
            (vec![("K_SERVICE", "x")], Form::CloudLogging),
            (vec![("ISOBAR_HOST", "gcp")], Form::CloudLogging),
        ] {
            assert_eq!(
                Form::of(&Environment::of_list(&variables)),
                wanted,
                "{variables:?}"
            );
        }
        for variables in [
            vec![],
            vec![lambda, ("K_SERVICE", "x")],
            vec![lambda, ("ISOBAR_DESCRIBE", "1")],
        ] {
            let form = Form::of(&Environment::of_list(&variables));
            assert!(matches!(form, Form::Plain { .. }), "{variables:?}");
        }
    }

    #[test]
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        for (no, force, on_terminal, elsewhere) in [
            ("", "", true, false),
            ("", "0", true, false),
            ("", "1", true, true),
            ("1", "", false, false),
            ("0", "1", false, false),
        ] {
            let environment = Environment::of([("NO_COLOR", no), ("CLICOLOR_FORCE", force)]);
            let coloured = |terminal| is_coloured(&environment, || terminal);
            assert_eq!(
                (coloured(true), coloured(false)),
                (on_terminal, elsewhere),
                "NO_COLOR={no} CLICOLOR_FORCE={force}"
            );
        }
    }

    #[test]
    fn only_the_functions_host_reads_levels_by_stream() {
        assert_eq!(Form::Functions.stream(Severity::Info), Stream::Stdout);
        assert_eq!(Form::Functions.stream(Severity::Warn), Stream::Stderr);
        assert_eq!(Form::CloudLogging.stream(Severity::Info), Stream::Stderr);
    }
}
