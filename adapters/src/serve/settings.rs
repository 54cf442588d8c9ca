use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::RunError;
use crate::config::Environment;

/// What a host says where neither the program nor the environment does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) address: SocketAddr,
    /// The largest request body, in bytes.
    pub(crate) body_limit: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Duration,
}

/// What the program itself sets, by the builder that `run` returns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) head_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) wait_for_background: Option<bool>,
}

/// How a server behaves: the environment's word, else the program's, else the host's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) address: SocketAddr,
    /// `u64::MAX` for none.
    pub(crate) body_limit: u64,
    /// True if nobody set the limit, so that it is the host's own.
    #[cfg_attr(
        not(feature = "gcp"),
        expect(dead_code, reason = "Google Cloud's adapter reads it")
    )]
    pub(crate) body_limit_is_the_hosts: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) head_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) wait_for_background: bool,
}

impl Settings {
    pub(crate) fn new(
        environment: &Environment,
        options: &Options,
        defaults: &Defaults,
        port: &[&'static str],
    ) -> Result<Self, RunError> {
        let limit = environment.value("ISOBAR_BODY_LIMIT", "a number of bytes is wanted")?;
        let set = limit.or(options.body_limit);
        let limit = set.or(defaults.body_limit);
        let deadline = environment.seconds("ISOBAR_DEADLINE")?.or(options.deadline);
        let seconds = |name, option: Option<Duration>, default| {
            Ok::<_, RunError>(environment.seconds(name)?.or(option).unwrap_or(default))
        };
        Ok(Self {
            address: address(environment, port, options.address, defaults.address)?,
            body_limit: limit.filter(|limit| *limit > 0).unwrap_or(u64::MAX),
            body_limit_is_the_hosts: set.is_none(),
            deadline: deadline
                .or(defaults.deadline)
                .filter(|deadline| !deadline.is_zero()),
            grace: seconds("ISOBAR_GRACE", options.grace, defaults.grace)?,
            head_timeout: seconds("ISOBAR_HEAD_TIMEOUT", options.head_timeout, HEAD_TIMEOUT)?,
            read_timeout: seconds("ISOBAR_READ_TIMEOUT", options.read_timeout, READ_TIMEOUT)?,
            wait_for_background: wait(environment)?.or(options.wait_for_background) == Some(true),
        })
    }

    /// Moves a deadline that is later than `latest`, or not there, to it.
    pub(super) fn no_later_than(mut self, latest: Option<Duration>) -> Self {
        if let Some(latest) = latest {
            self.deadline = Some(self.deadline.map_or(latest, |own| own.min(latest)));
        }
        self
    }
}

const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

fn address(
    environment: &Environment,
    port: &[&'static str],
    option: Option<SocketAddr>,
    default: SocketAddr,
) -> Result<SocketAddr, RunError> {
    let named = port.iter().find(|name| environment.text(name).is_some());
    let wanted = "a port number is wanted, such as 8080";
    let port = match named {
        Some(name) => environment.value::<u16>(name, wanted)?,
        None => None,
    };
    let ip =
        environment.value::<IpAddr>("ISOBAR_ADDRESS", "an address is wanted, such as 0.0.0.0")?;
    let mut address = option.unwrap_or(default);
    address.set_port(port.unwrap_or_else(|| address.port()));
    address.set_ip(ip.unwrap_or_else(|| address.ip()));
    Ok(address)
}

fn wait(environment: &Environment) -> Result<Option<bool>, RunError> {
    match environment.text("ISOBAR_WAIT") {
        None => Ok(None),
        Some("answer") => Ok(Some(true)),
        Some("shutdown") => Ok(Some(false)),
        Some(_) => Err(environment.wrong("ISOBAR_WAIT", "it can be answer or shutdown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(environment: &Environment, options: Options) -> Result<Settings, RunError> {
        let defaults = Defaults {
            address: ([127, 0, 0, 1], 8080).into(),
            body_limit: Some(1000),
            deadline: None,
            grace: Duration::from_secs(10),
        };
        Settings::new(environment, &options, &defaults, &["PORT"])
    }

    #[test]
    fn the_environment_wins_over_the_program_and_the_program_over_the_host() {
        let options = Options {
            body_limit: Some(50),
            ..Options::default()
        };
        assert_eq!(
            settings(&Environment::of([]), Options::default())
                .unwrap()
                .body_limit,
            1000
        );
        assert_eq!(
            settings(&Environment::of([]), options).unwrap().body_limit,
            50
        );
        let environment = Environment::of([("ISOBAR_BODY_LIMIT", "7"), ("PORT", "81")]);
        let both = settings(&environment, options).unwrap();
        assert_eq!((both.body_limit, both.address.port()), (7, 81));
    }

    #[test]
    fn a_hard_deadline_can_only_be_made_shorter() {
        let seconds = Duration::from_secs;
        for (own, wanted) in [("5", 5), ("50", 10), ("0", 10)] {
            let environment = Environment::of([("ISOBAR_DEADLINE", own)]);
            let settings = settings(&environment, Options::default()).unwrap();
            let settings = settings.no_later_than(Some(seconds(10)));
            assert_eq!(settings.deadline, Some(seconds(wanted)), "{own}");
        }
    }

    #[test]
    fn zero_means_none() {
        let environment = Environment::of([("ISOBAR_BODY_LIMIT", "0"), ("ISOBAR_DEADLINE", "0")]);
        let settings = settings(&environment, Options::default()).unwrap();
        assert_eq!((settings.body_limit, settings.deadline), (u64::MAX, None));
    }
}
