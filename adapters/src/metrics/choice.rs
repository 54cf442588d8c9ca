//! Whether it is counted, and how the numbers leave the process.

use isobar_core::Provider;

use crate::RunError;
use crate::config::Environment;
use crate::detect;

const VARIABLE: &str = "ISOBAR_METRICS";

/// How numbers leave the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Off,
    /// A line an invocation on stdout, in `CloudWatch`'s embedded metric format.
    Emf,
    /// A page of the program's own server.
    Prometheus,
}

impl Choice {
    /// Returns what `ISOBAR_METRICS` says, else what the host has by default.
    ///
    /// # Errors
    ///
    /// Fails where the host has no such way.
    pub(super) fn of(environment: &Environment) -> Result<Self, RunError> {
        // A host that is not known is an error that `start` has told.
        let Ok(chosen) = detect::by_environment(environment) else {
            return Ok(Self::Off);
        };
        let (ways, wanted) = ways(chosen.provider);
        match environment.text(VARIABLE) {
            None if chosen.provider == Provider::Local => Ok(Self::Prometheus),
            None | Some("off") => Ok(Self::Off),
            Some(name) => {
                let way = ways.iter().find(|(known, _)| *known == name);
                way.map(|(_, way)| *way)
                    .ok_or_else(|| environment.wrong(VARIABLE, wanted))
            }
        }
    }
}

/// The ways of a host, and what is said of another.
fn ways(provider: Provider) -> (&'static [(&'static str, Choice)], &'static str) {
    match provider {
        Provider::Aws => (
            &[("emf", Choice::Emf)],
            "on AWS Lambda it can be emf or off",
        ),
        Provider::Azure => (
            &[],
            "on Azure Functions it can be off: only the host reaches the program",
        ),
        _ => (
            &[("prometheus", Choice::Prometheus)],
            "on this host it can be prometheus or off",
        ),
    }
}

/// Says what is wrong with the settings of metrics.
#[cfg(feature = "aws")]
pub(crate) fn check(environment: &Environment) -> Result<(), RunError> {
    super::emf::namespace(environment)?;
    Choice::of(environment).map(drop)
}

/// Returns true if the page of metrics is served at this address: unasked only to this machine.
#[cfg(feature = "serve")]
pub(crate) fn is_served(
    environment: &Environment,
    address: std::net::IpAddr,
) -> Result<bool, RunError> {
    let is_asked_for = environment.text(VARIABLE).is_some();
    let choice = Choice::of(environment)?;
    Ok(choice == Choice::Prometheus && (is_asked_for || address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_ways() {
        let lambda = ("AWS_LAMBDA_RUNTIME_API", "x");
        let azure = ("FUNCTIONS_CUSTOMHANDLER_PORT", "1");
        let gcp = ("K_SERVICE", "x");
        let none = ("NO_COLOR", "");
        for (host, value, wanted) in [
            (none, "", Some(Choice::Prometheus)),
            (none, "off", Some(Choice::Off)),
            (none, "emf", None),
            (gcp, "", Some(Choice::Off)),
            (gcp, "prometheus", Some(Choice::Prometheus)),
            (azure, "", Some(Choice::Off)),
            (azure, "off", Some(Choice::Off)),
            (azure, "prometheus", None),
            (lambda, "", Some(Choice::Off)),
            (lambda, "emf", Some(Choice::Emf)),
            (lambda, "prometheus", None),
            (lambda, "EMF ", None),
        ] {
            let environment = Environment::of([host, (VARIABLE, value)]);
            let choice = Choice::of(&environment);
            assert_eq!(choice.as_ref().ok(), wanted.as_ref(), "{host:?} {value}");
            if let Err(error) = choice {
                assert!(error.to_string().contains(VARIABLE), "{error}");
            }
        }
    }

    #[test]
    #[cfg(feature = "serve")]
    fn the_page_is_served_to_others_only_where_it_is_asked_for() {
        for (value, address, wanted) in [
            ("", "127.0.0.1", true),
            ("", "::1", true),
            ("", "0.0.0.0", false),
            ("prometheus", "0.0.0.0", true),
            ("off", "127.0.0.1", false),
        ] {
            let environment = Environment::of([(VARIABLE, value)]);
            let is_served = is_served(&environment, address.parse().unwrap()).unwrap();
            assert_eq!(is_served, wanted, "{value} {address}");
        }
    }
}
