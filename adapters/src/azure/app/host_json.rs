//! What host.json says of the handler.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::settings::Settings;
use super::timeout::{self, Timeout};
use crate::RunError;
use crate::config::Environment;

/// What host.json says, defaults where it does not.
#[derive(Debug)]
pub(crate) struct HostJson {
    /// `extensions.http.routePrefix`, without slashes around it.
    pub(crate) route_prefix: String,
    /// `enableForwardingHttpRequest`
    pub(crate) forwards: bool,
    /// `enableProxyingHttpRequest`
    pub(crate) proxies: bool,
    /// How many functions `customHandler.http.routes` makes.
    pub(crate) routes: usize,
    /// `customHandler.port`
    pub(crate) port: Option<u16>,
    /// What is tried again after a failure, whatever function.json says.
    pub(crate) retry: Retry,
    /// functionTimeout, after which the host kills the process; `None` for never.
    pub(crate) timeout: Option<Duration>,
}

/// Which triggers stay where they are after a failure.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    /// All: `retry` is a policy.
    pub(crate) all: bool,
    /// `extensions.kafka.commitOnFailure` is false.
    pub(crate) kafka: bool,
}

impl Retry {
    fn read(settings: &Settings) -> Self {
        let commits = settings.text("extensions.kafka.commitOnFailure");
        Self {
            all: settings.text("retry.strategy").is_some(),
            kafka: commits.is_some_and(|text| text.eq_ignore_ascii_case("false")),
        }
    }
}

impl HostJson {
    /// Reads it in the app's own folder.
    pub(crate) fn read(environment: &Environment) -> Result<Self, RunError> {
        let settings = Settings::read(&root(environment), environment)?;
        Self::new(&settings, environment)
    }

    pub(crate) fn new(settings: &Settings, environment: &Environment) -> Result<Self, RunError> {
        refuse_old_form(settings)?;
        let prefix = settings.text("extensions.http.routePrefix");
        Ok(Self {
            route_prefix: prefix.unwrap_or("api").trim_matches('/').to_owned(),
            forwards: settings.is_on("customHandler.enableForwardingHttpRequest")?,
            proxies: settings.is_on("customHandler.enableProxyingHttpRequest")?,
            routes: settings.below("customHandler.http.routes").len(),
            port: port(settings)?,
            retry: Retry::read(settings),
            timeout: function_timeout(settings, environment)?.after(),
        })
    }
}

/// The folder of host.json: what the host says, else the one that we were started in.
pub(super) fn root(environment: &Environment) -> PathBuf {
    let root = environment
        .text("FUNCTIONS_APP_ROOT_PATH")
        .or_else(|| environment.text("AzureWebJobsScriptRoot"));
    Path::new(root.unwrap_or(".")).to_owned()
}

/// `httpWorker` sends plain requests to `/{functionName}`, which nothing here would understand.
fn refuse_old_form(settings: &Settings) -> Result<(), RunError> {
    if settings.below("httpWorker").is_empty() || !settings.below("customHandler").is_empty() {
        return Ok(());
    }
    Err(settings.problem("httpWorker is the old form: customHandler is wanted in its place"))
}

fn port(settings: &Settings) -> Result<Option<u16>, RunError> {
    const PORT: &str = "customHandler.port";
    let Some(text) = settings.text(PORT).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = text.parse().map(Some);
    read.map_err(|_no_port| settings.wrong(PORT, "a port number is wanted, such as 8080"))
}

fn function_timeout(settings: &Settings, environment: &Environment) -> Result<Timeout, RunError> {
    const TIMEOUT: &str = "functionTimeout";
    const WANTED: &str = "a time is wanted, such as 00:05:00, or -1 for none";
    match settings.text(TIMEOUT).filter(|text| !text.is_empty()) {
        None => Ok(timeout::default(environment)),
        Some(text) => timeout::parse(text).ok_or_else(|| settings.wrong(TIMEOUT, WANTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<HostJson, RunError> {
        let environment = Environment::of([]);
        HostJson::new(
            &Settings::of("host.json".into(), text, &environment)?,
            &environment,
        )
    }

    #[test]
    fn what_is_not_there_has_the_hosts_own_defaults() {
        let host = of("{}").unwrap();
        assert_eq!(host.route_prefix, "api");
        assert!(!host.forwards && !host.proxies && host.routes == 0);
        assert!(!host.retry.all && !host.retry.kafka);
        assert_eq!(
            (host.port, host.timeout),
            (None, Some(Duration::from_secs(1800)))
        );
    }

    #[test]
    fn what_is_there_is_read() {
        let host = of(
            r#"{"functionTimeout": "00:02:00", "extensions": {"http": {"routePrefix": "/v1/x/"}},
                "customHandler": {"port": "7000", "enableForwardingHttpRequest": true,
                "http": {"routes": [{"route": "a"}, {"route": "b", "authorizationLevel": "admin"}]}}}"#,
        )
        .unwrap();
        assert_eq!((host.route_prefix.as_str(), host.routes), ("v1/x", 2));
        assert!(host.forwards && !host.proxies);
        assert_eq!(
            (host.port, host.timeout),
            (Some(7000), Some(Duration::from_secs(120)))
        );
        let host = of(
            r#"{"retry": {"strategy": "fixedDelay"}, "extensions": {"kafka": {"commitOnFailure": false}}}"#,
        );
        let host = host.unwrap();
        assert!(host.retry.all && host.retry.kafka);
        assert_eq!(of(r#"{"functionTimeout": "-1"}"#).unwrap().timeout, None);
    }

    #[test]
    fn what_is_malformed_is_named() {
        for (text, named) in [
            (r#"{"functionTimeout": "soon"}"#, "functionTimeout"),
            (
                r#"{"customHandler": {"port": 70000}}"#,
                "customHandler.port",
            ),
            (
                r#"{"httpWorker": {"description": {"defaultExecutablePath": "x"}}}"#,
                "httpWorker",
            ),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(
                error.starts_with("host.json: ") && error.contains(named),
                "{error}"
            );
        }
    }
}
