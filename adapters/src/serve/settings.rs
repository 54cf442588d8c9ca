use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::config::Environment;
use crate::margin::Margin;
use crate::{RunError, metrics};

/// What a host says where neither the program nor the environment does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) address: SocketAddr,
    /// The largest request body, in bytes.
    pub(crate) body_limit: Option<u64>,
    /// How long the host itself gives a request.
    pub(crate) time: Option<Duration>,
    /// True where the host ends the process after that time: then no setting may allow more.
    pub(crate) time_is_hard: bool,
    /// The margin before the end of that time, at most.
    pub(crate) margin: Duration,
    pub(crate) grace: Duration,
}

/// What the program itself sets, by the builder that `run` returns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) margin: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) head_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) wait_for_background: Option<bool>,
    pub(crate) background_limit: Option<Duration>,
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
    /// How long work given to `wait_until` may take beyond the handler.
    pub(crate) background_limit: Option<Duration>,
    /// Whether the page of metrics is served.
    pub(super) serves_metrics: bool,
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
        let seconds = |name, option: Option<Duration>, default| {
            Ok::<_, RunError>(environment.seconds(name)?.or(option).unwrap_or(default))
        };
        let address = address(environment, port, options.address, defaults.address)?;
        Ok(Self {
            address,
            body_limit: limit.filter(|limit| *limit > 0).unwrap_or(u64::MAX),
            body_limit_is_the_hosts: set.is_none(),
            deadline: deadline(environment, options, defaults)?,
            grace: seconds("ISOBAR_GRACE", options.grace, defaults.grace)?,
            head_timeout: seconds("ISOBAR_HEAD_TIMEOUT", options.head_timeout, HEAD_TIMEOUT)?,
            read_timeout: seconds("ISOBAR_READ_TIMEOUT", options.read_timeout, READ_TIMEOUT)?,
            wait_for_background: wait(environment)?.or(options.wait_for_background) == Some(true),
            background_limit: environment
                .seconds("ISOBAR_WAIT_LIMIT")?
                .or(options.background_limit)
                .filter(|limit| !limit.is_zero()),
            serves_metrics: metrics::is_served(environment, address.ip())?,
        })
    }
}

const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A request's own deadline: the environment's word, else the program's, else a moment before the
/// host's end; where that end is hard, never later.
fn deadline(
    environment: &Environment,
    options: &Options,
    defaults: &Defaults,
) -> Result<Option<Duration>, RunError> {
    let margin = Margin::read(environment, options.margin, defaults.margin)?;
    let off = |time| {
        let left = margin.off(time);
        left.ok_or_else(|| margin.too_large(environment, time))
    };
    let latest = defaults.time.map(off).transpose()?;
    let own = environment.seconds("ISOBAR_DEADLINE")?.or(options.deadline);
    let deadline = own.or(latest).filter(|deadline| !deadline.is_zero());
    Ok(match latest {
        Some(latest) if defaults.time_is_hard => {
            Some(deadline.map_or(latest, |own| own.min(latest)))
        }
        _ => deadline,
    })
}

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

    fn defaults() -> Defaults {
        Defaults {
            address: ([127, 0, 0, 1], 8080).into(),
            body_limit: Some(1000),
            time: None,
            time_is_hard: false,
            margin: Duration::from_secs(1),
            grace: Duration::from_secs(10),
        }
    }

    fn settings(environment: &Environment, options: Options) -> Result<Settings, RunError> {
        Settings::new(environment, &options, &defaults(), &["PORT"])
    }

    /// The deadline of a host that gives 10 s, in milliseconds.
    fn deadline_of_ten(
        is_hard: bool,
        variables: [(&str, &str); 2],
    ) -> Result<Option<u128>, RunError> {
        let defaults = Defaults {
            time: Some(Duration::from_secs(10)),
            time_is_hard: is_hard,
            ..defaults()
        };
        let environment = Environment::of(variables);
        let settings = Settings::new(&environment, &Options::default(), &defaults, &["PORT"])?;
        Ok(settings.deadline.map(|deadline| deadline.as_millis()))
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
        let of = |is_hard, own| deadline_of_ten(is_hard, [("ISOBAR_DEADLINE", own), ("PORT", "1")]);
        for (own, hard, soft) in [
            ("5", Some(5000), Some(5000)),
            ("50", Some(9000), Some(50_000)),
            ("0", Some(9000), None),
            ("", Some(9000), Some(9000)),
        ] {
            assert_eq!(of(true, own).unwrap(), hard, "{own}");
            assert_eq!(of(false, own).unwrap(), soft, "{own}");
        }
    }

    #[test]
    fn the_margin_moves_the_end_that_the_host_has_and_no_other() {
        let of = |own, margin| {
            deadline_of_ten(true, [("ISOBAR_DEADLINE", own), ("ISOBAR_MARGIN", margin)])
        };
        assert_eq!(of("", "2.5").unwrap(), Some(7500));
        assert_eq!(of("5", "2.5").unwrap(), Some(5000));
        assert_eq!(of("9", "2.5").unwrap(), Some(7500));
        let error = of("", "10").unwrap_err().to_string();
        assert!(error.contains("ISOBAR_MARGIN"), "{error}");
        // where the host has no end there is none to keep away from
        let environment = Environment::of([("ISOBAR_DEADLINE", "5"), ("ISOBAR_MARGIN", "10")]);
        let settings = settings(&environment, Options::default()).unwrap();
        assert_eq!(settings.deadline, Some(Duration::from_secs(5)));
    }

    #[test]
    fn zero_means_none() {
        let environment = Environment::of([("ISOBAR_BODY_LIMIT", "0"), ("ISOBAR_DEADLINE", "0")]);
        let settings = settings(&environment, Options::default()).unwrap();
        assert_eq!((settings.body_limit, settings.deadline), (u64::MAX, None));
    }
}
