//! The environment, read once: every variable that Isobar knows, in one table.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::{RunError, otel};

/// A variable that is read, and what it means.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) const fn variable(name: &'static str, meaning: &'static str) -> Variable {
    Variable { name, meaning }
}

/// Every variable that is read, but those of OpenTelemetry.
const VARIABLES: &[Variable] = &[
    // ours
    variable(
        "ISOBAR_HOST",
        "the host: aws, azure, gcp or local; otherwise the environment tells",
    ),
    variable(
        "ISOBAR_ADDRESS",
        "the address to listen on, such as 0.0.0.0",
    ),
    variable(
        "ISOBAR_BODY_LIMIT",
        "the largest request body, in bytes; 0 for none",
    ),
    variable(
        "ISOBAR_DEADLINE",
        "how long a request may take, in seconds; 0 for ever",
    ),
    variable(
        "ISOBAR_MARGIN",
        "how long before the host's own end a request is over, in seconds",
    ),
    variable("ISOBAR_GRACE", "how long a shutdown may take, in seconds"),
    variable(
        "ISOBAR_HEAD_TIMEOUT",
        "how long a request's head may take to arrive, in seconds",
    ),
    variable(
        "ISOBAR_READ_TIMEOUT",
        "how long a request's body may pause, in seconds",
    ),
    variable(
        "ISOBAR_WAIT",
        "answer: finish wait_until's work before the answer",
    ),
    variable(
        "ISOBAR_WAIT_LIMIT",
        "how long wait_until's work may take beyond the handler, in seconds; 0 for as long as the host lets it",
    ),
    variable(
        "ISOBAR_RESPONSE_MODE",
        "AWS Lambda: buffer, or stream where the front door is set to take it",
    ),
    variable(
        "ISOBAR_PROXIES",
        "how many proxies stand in front of the host's own, each adding to X-Forwarded-For",
    ),
    variable(
        "ISOBAR_EASY_AUTH",
        "1: App Service authentication is on, so its X-MS-CLIENT-PRINCIPAL headers are believed",
    ),
    variable(
        "ISOBAR_HEALTH_PATH",
        "a path that answers the platform's probes with version and uptime, without the application",
    ),
    variable(
        "ISOBAR_METRICS",
        "how metrics leave the process: emf on AWS Lambda, prometheus on Google Cloud and locally, or off",
    ),
    variable(
        "ISOBAR_METRICS_NAMESPACE",
        "AWS Lambda, emf: the namespace of the metrics; Isobar otherwise",
    ),
    variable(
        "ISOBAR_NAMES",
        "logical names of queues, topics, buckets and functions: orders=acme-prod-orders,..",
    ),
    variable(
        "ISOBAR_EVENT_CONCURRENCY",
        "how many events of one delivery are handled at once, where nothing keeps their order",
    ),
    variable("ISOBAR_EVENTS_PATH", "the path that events are sent to"),
    variable(
        "ISOBAR_EVENTS_AUTH",
        "Google Cloud: who says that an event is one: iam, oidc or none",
    ),
    variable(
        "ISOBAR_EVENTS_AUDIENCE",
        "Google Cloud, oidc: whom senders' tokens are for",
    ),
    variable(
        "ISOBAR_EVENTS_SENDERS",
        "Google Cloud, oidc: the service accounts that may send events",
    ),
    variable(
        "ISOBAR_EVENTS_KEYS",
        "Google Cloud, oidc, for tests: keys on this machine in place of Google's",
    ),
    variable(
        "ISOBAR_EVENTS_ORIGINS",
        "the origins whose webhook handshake is consented to",
    ),
    variable(
        "ISOBAR_BATCH_ITEM_FAILURES",
        "AWS Lambda: 0 where event source mappings have not ReportBatchItemFailures, kafka where Kafka's have it too",
    ),
    variable(
        "ISOBAR_UNWRAP",
        "AWS Lambda, 0: an event within another source's message is left there",
    ),
    variable(
        "ISOBAR_BASE_PATH",
        "AWS Lambda: the path that a custom domain's mapping puts before every path",
    ),
    variable(
        "ISOBAR_DESCRIBE",
        "1: print what the program takes as JSON, and end",
    ),
    variable(
        "RUST_LOG",
        "log levels and targets, such as info,isobar=debug",
    ),
    variable("NO_COLOR", "set: no colours on a terminal"),
    // the inspector, with the feature inspect
    #[cfg(feature = "inspect")]
    variable(
        "ISOBAR_INSPECT",
        "where cargo isobar dev takes what the inspector records; 0: nothing is recorded",
    ),
    variable(
        "CLICOLOR_FORCE",
        "set, and not 0: colours also where no terminal is",
    ),
    // every server
    variable("PORT", "the port to listen on; 8080 otherwise"),
    // Google Cloud
    variable("K_SERVICE", "Cloud Run and Knative: the service"),
    variable("K_REVISION", "Cloud Run and Knative: the revision"),
    variable("FUNCTION_TARGET", "Cloud Run functions: the function"),
    variable(
        "FUNCTION_SIGNATURE_TYPE",
        "Cloud Run functions: http, cloudevent, event or typed",
    ),
    variable(
        "CLOUD_RUN_TIMEOUT_SECONDS",
        "Cloud Run functions: how long a request may take",
    ),
    variable(
        "CLOUD_RUN_JOB",
        "Cloud Run jobs: the job, which is no service",
    ),
    variable(
        "CLOUD_RUN_WORKER_POOL",
        "Cloud Run worker pools: the pool, which is no service",
    ),
    variable(
        "GCE_METADATA_HOST",
        "Google Cloud: the metadata server, in place of metadata.google.internal",
    ),
    variable(
        "GOOGLE_CLOUD_PROJECT",
        "Google Cloud: the project, where it is not asked of the metadata server",
    ),
    // Azure Functions
    variable(
        "FUNCTIONS_CUSTOMHANDLER_PORT",
        "Azure Functions: the port to listen on",
    ),
    variable(
        "FUNCTIONS_HTTPWORKER_PORT",
        "Azure Functions: the port to listen on, by its older name",
    ),
    variable(
        "FUNCTIONS_APP_ROOT_PATH",
        "Azure Functions: the folder of host.json",
    ),
    variable(
        "AzureWebJobsScriptRoot",
        "Azure Functions: the folder of host.json, in images",
    ),
    variable(
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
        "Azure Functions: the largest request body that the host takes, in bytes",
    ),
    variable("WEBSITE_SKU", "Azure Functions: the plan"),
    variable(
        "WEBSITE_INSTANCE_ID",
        "Azure Functions: the instance, on App Service plans",
    ),
    variable(
        "CONTAINER_NAME",
        "Azure Functions: the instance, on Linux Consumption",
    ),
    variable(
        "WEBSITE_POD_NAME",
        "Azure Functions: the instance, on Linux and Flex Consumption",
    ),
    variable(
        "WEBSITE_AUTH_ENABLED",
        "Azure Functions: whether App Service authentication is on",
    ),
    variable("WEBSITE_SITE_NAME", "Azure Functions: the app"),
    variable("WEBSITE_SLOT_NAME", "Azure Functions: the deployment slot"),
    variable(
        "WEBSITE_OWNER_NAME",
        "Azure Functions: the subscription and more",
    ),
    variable("REGION_NAME", "Azure Functions: the region"),
    // AWS Lambda
    variable("AWS_LAMBDA_RUNTIME_API", "AWS Lambda: the Runtime API"),
    variable("AWS_LAMBDA_FUNCTION_NAME", "AWS Lambda: the function"),
    variable("AWS_LAMBDA_FUNCTION_VERSION", "AWS Lambda: its version"),
    variable(
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS Lambda: on-demand, provisioned-concurrency, snap-start or lambda-managed-instances",
    ),
    variable(
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS Lambda Managed Instances: how many invocations run at once",
    ),
    variable(
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS Lambda: the form of log lines, Text or JSON",
    ),
    variable(
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS Lambda: the least severe log level, where RUST_LOG does not say",
    ),
    variable("AWS_REGION", "AWS Lambda: the region"),
];

/// Our variables begin with this.
const OURS: &str = "ISOBAR_";

/// The ends of the names of ours that are read elsewhere: by isobar-state, and by a program with the
/// feature `inspect`, of which any other has not even the name.
const READ_ELSEWHERE: [&str; 2] = ["STATE_URL", "INSPECT"];

/// Returns what the table says of a variable.
fn known(name: &str) -> Option<&'static Variable> {
    let mut all = VARIABLES.iter().chain(otel::VARIABLES);
    all.find(|variable| variable.name == name)
}

/// Returns the end of each name of ours.
fn ours() -> impl Iterator<Item = &'static str> {
    let read = VARIABLES.iter();
    let read = read.filter_map(|variable| variable.name.strip_prefix(OURS));
    read.chain(READ_ELSEWHERE)
}

/// Returns true if a name begins as ours do, and is none of them.
fn is_misspelt(name: &str) -> bool {
    name.strip_prefix(OURS)
        .is_some_and(|end| ours().all(|known| known != end))
}

/// host.json's values can be overridden by variables that begin with this.
const PREFIX: &str = "AzureFunctionsJobHost__";

/// What the environment says; a clone costs one count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(Arc<BTreeMap<String, OsString>>);

impl Environment {
    /// Reads the variables of the table, those that override host.json, and those that are misspelt.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn read() -> Self {
        let known = |name: &str| {
            name.starts_with(PREFIX) || name.starts_with(OURS) || known(name).is_some()
        };
        let all =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self(Arc::new(all.filter(|(name, _)| known(name)).collect()))
    }

    /// Makes one of pairs, for tests and tools.
    #[cfg(any(test, all(feature = "aws", feature = "translate")))]
    pub(crate) fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(Arc::new(
            pairs
                .into_iter()
                .map(|(n, v)| (n.to_owned(), v.into()))
                .collect(),
        ))
    }

    /// Makes one of pairs, for tests and for tools that play a deployment.
    #[cfg(any(test, feature = "translate"))]
    #[cfg_attr(
        not(feature = "gcp"),
        expect(dead_code, reason = "Google Cloud's adapter asks for it")
    )]
    pub(crate) fn of_list(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.into()));
        Self(Arc::new(pairs.collect()))
    }

    /// Returns a variable's text; `None` if it is unset, empty or not UTF-8.
    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        debug_assert!(known(name).is_some(), "{name} is not in the table");
        self.0.get(name)?.to_str().filter(|text| !text.is_empty())
    }

    /// Returns a variable's value.
    pub(crate) fn value<T: FromStr>(
        &self,
        name: &'static str,
        wanted: &str,
    ) -> Result<Option<T>, RunError> {
        let read = |text: &str| {
            text.trim()
                .parse()
                .map_err(|_not_of_that_form| self.wrong(name, wanted))
        };
        self.text(name).map(read).transpose()
    }

    /// Returns a variable's duration, in seconds with decimals.
    pub(crate) fn seconds(&self, name: &'static str) -> Result<Option<Duration>, RunError> {
        const WANTED: &str = "a number of seconds is wanted, such as 30 or 0.5";
        let seconds: Option<f64> = self.value(name, WANTED)?;
        let read =
            |s| Duration::try_from_secs_f64(s).map_err(|_out_of_range| self.wrong(name, WANTED));
        seconds.map(read).transpose()
    }

    /// Returns true if a variable is `1` or `true`.
    pub(crate) fn is_on(&self, name: &'static str) -> bool {
        matches!(self.text(name), Some("1" | "true"))
    }

    /// The error for a variable that has a value that it cannot have.
    pub(crate) fn wrong(&self, name: &'static str, wanted: &str) -> RunError {
        let value = self.text(name).unwrap_or_default().to_owned();
        let meaning = known(name).map_or("", |variable| variable.meaning);
        RunError::Setting {
            name,
            meaning,
            value,
            wanted: wanted.to_owned(),
        }
    }

    /// Returns the names of ours, as they are written.
    pub(crate) fn known_names() -> impl Iterator<Item = String> {
        ours().map(|end| format!("{OURS}{end}"))
    }

    /// Returns the names that begin as ours do, and that nothing reads.
    pub(crate) fn misspelt(&self) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| is_misspelt(name))
    }

    /// Returns what overrides host.json: the path in it, and the value.
    #[cfg_attr(
        not(feature = "azure"),
        expect(dead_code, reason = "Azure's adapter reads it")
    )]
    pub(crate) fn host_json_overrides(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value.to_str()?)));
        all.filter(|(path, _)| !path.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_is_named_with_what_is_wanted() {
        let environment = Environment::of([("PORT", "eighty")]);
        let error = environment
            .value::<u16>("PORT", "a port is wanted")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"the variable PORT (the port to listen on; 8080 otherwise) is "eighty": a port is wanted"#
        );
    }

    #[test]
    fn seconds_have_decimals_and_no_sign() {
        let environment = Environment::of([("ISOBAR_GRACE", "0.5"), ("ISOBAR_DEADLINE", "-1")]);
        assert_eq!(
            environment.seconds("ISOBAR_GRACE").unwrap(),
            Some(Duration::from_millis(500))
        );
        assert!(environment.seconds("ISOBAR_DEADLINE").is_err());
    }

    #[test]
    fn every_variable_of_the_table_is_there_once_and_explained() {
        let all = || VARIABLES.iter().chain(otel::VARIABLES);
        let mut names: Vec<_> = all().map(|v| v.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().count());
        assert!(all().all(|v| !v.meaning.is_empty()));
    }

    #[test]
    fn readmes_table_of_settings_has_each_of_ours_and_no_other() {
        let readme = include_str!("../../README.md");
        let rows = readme.lines().filter_map(|line| {
            let (name, _meaning) = line.strip_prefix("| `")?.split_once("` | ")?;
            name.starts_with(OURS).then(|| name.to_owned())
        });
        // a set: one of them heads a table of its own too
        let rows: std::collections::BTreeSet<_> = rows.collect();
        assert_eq!(rows, Environment::known_names().collect());
    }
}
