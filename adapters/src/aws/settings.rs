use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::SnapStartResource;

use super::http;
use crate::config::Environment;
use crate::margin::Margin;
use crate::names::Names;
use crate::{RunError, concurrency, metrics};

/// The margin before the service's own end, at most, where nobody says one.
const MARGIN: Duration = Duration::from_millis(200);

/// How answers go out.
///
/// The event does not tell what its front door waits for: this is part of the deployment, the same
/// as a function URL's `InvokeMode` or a REST API's `responseTransferMode`. `ISOBAR_RESPONSE_MODE`
/// sets it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// Each answer as a whole, up to 6 MB.
    #[default]
    Buffer,
    /// As a stream, up to 200 MB: for function URLs of mode `RESPONSE_STREAM` and REST APIs of mode
    /// `STREAM`. Other front doors cannot, and get a 502.
    Stream,
}

impl FromStr for ResponseMode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "buffer" => Ok(Self::Buffer),
            "stream" => Ok(Self::Stream),
            _ => Err(()),
        }
    }
}

/// Whether the answer to a batch lists the items that have failed, so that only those are delivered again.
///
/// The service reads the list only where the event source mapping has `ReportBatchItemFailures`;
/// elsewhere it ignores it, and the failed items are lost. The event does not tell: this is part of
/// the deployment. `ISOBAR_BATCH_ITEM_FAILURES` sets it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchItemFailures {
    /// The mappings have not the setting: one failure fails the whole invocation, and all items of
    /// the batch are delivered again.
    Off,
    /// The mappings of SQS, Kinesis and `DynamoDB` Streams have it. Kafka's, which can have it in
    /// provisioned mode alone, have not.
    #[default]
    On,
    /// Kafka's mappings have it too.
    WithKafka,
}

impl FromStr for BatchItemFailures {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "0" => Ok(Self::Off),
            "1" => Ok(Self::On),
            "kafka" => Ok(Self::WithKafka),
            _ => Err(()),
        }
    }
}

/// What the program itself sets, by the builder that `run` returns.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) response_mode: Option<ResponseMode>,
    pub(super) deadline: Option<Duration>,
    pub(super) margin: Option<Duration>,
    pub(super) background_limit: Option<Duration>,
    pub(super) body_limit: Option<u64>,
    pub(super) item_failures: Option<BatchItemFailures>,
    pub(super) unwraps: Option<bool>,
    pub(super) event_concurrency: Option<usize>,
    pub(super) base_path: Option<String>,
    pub(super) snapstart: Vec<Arc<dyn SnapStartResource>>,
}

/// How the loop behaves: the environment's word, else the program's, else the default.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) response_mode: ResponseMode,
    /// How many invocations run at once.
    pub(super) concurrency: usize,
    pub(super) http: http::Rules,
    pub(super) events: EventRules,
    /// How long an invocation may take, where that is less than the service allows.
    pub(super) deadline: Option<Duration>,
    /// How long before the service's own end it is over.
    pub(super) margin: Margin,
    /// How long work given to `wait_until` may take beyond the handler.
    pub(super) background_limit: Option<Duration>,
    /// The largest request body, in bytes, where that is less than the service takes.
    pub(super) body_limit: u64,
    pub(super) is_snapstart: bool,
}

impl Settings {
    pub(super) fn new(environment: &Environment, options: &Options) -> Result<Self, RunError> {
        metrics::check(environment)?;
        let wanted = "it can be buffer or stream";
        let mode = environment.value("ISOBAR_RESPONSE_MODE", wanted)?;
        let kind = environment.text("AWS_LAMBDA_INITIALIZATION_TYPE");
        Ok(Self {
            response_mode: mode.or(options.response_mode).unwrap_or_default(),
            concurrency: concurrency(environment),
            http: http::Rules::new(environment, options.base_path.as_deref())?,
            events: EventRules::new(environment, options)?,
            deadline: environment
                .seconds("ISOBAR_DEADLINE")?
                .or(options.deadline)
                .filter(|deadline| !deadline.is_zero()),
            margin: Margin::read(environment, options.margin, MARGIN)?,
            background_limit: environment
                .seconds("ISOBAR_WAIT_LIMIT")?
                .or(options.background_limit)
                .filter(|limit| !limit.is_zero()),
            body_limit: environment
                .value("ISOBAR_BODY_LIMIT", "a number of bytes is wanted")?
                .or(options.body_limit)
                .filter(|limit| *limit > 0)
                .unwrap_or(u64::MAX),
            is_snapstart: kind == Some("snap-start"),
        })
    }
}

/// How events are read, run and answered.
#[derive(Clone, Debug)]
pub(super) struct EventRules {
    pub(super) names: Names,
    /// Whether one source's event is taken out of another's message.
    pub(super) unwraps: bool,
    /// How many events of a batch run at once, where nothing keeps their order.
    pub(super) limit: usize,
    pub(super) item_failures: BatchItemFailures,
}

impl EventRules {
    fn new(environment: &Environment, options: &Options) -> Result<Self, RunError> {
        let unwraps = match environment.text("ISOBAR_UNWRAP") {
            None => options.unwraps.unwrap_or(true),
            Some("1") => true,
            Some("0") => false,
            Some(_) => return Err(environment.wrong("ISOBAR_UNWRAP", "it can be 0 or 1")),
        };
        let wanted = "it can be 0, 1 or kafka";
        let item_failures = environment.value("ISOBAR_BATCH_ITEM_FAILURES", wanted)?;
        Ok(Self {
            names: Names::read(environment)?,
            unwraps,
            limit: concurrency::limit(environment, options.event_concurrency)?,
            item_failures: item_failures.or(options.item_failures).unwrap_or_default(),
        })
    }
}

/// Returns how many invocations run at once: one, except on Managed Instances. What is no number
/// there is the host's own mistake, and no reason not to start.
pub(super) fn concurrency(environment: &Environment) -> usize {
    let text = environment.text("AWS_LAMBDA_MAX_CONCURRENCY");
    text.and_then(|text| text.trim().parse().ok())
        .unwrap_or(1)
        .clamp(1, 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_program_and_what_it_can_not_mean_is_said() {
        let options = Options {
            item_failures: Some(BatchItemFailures::Off),
            unwraps: Some(false),
            event_concurrency: Some(3),
            ..Options::default()
        };
        let rules = |pairs| EventRules::new(&Environment::of::<3>(pairs), &options);
        let of = |u, f, c| {
            let rules = rules([
                ("ISOBAR_UNWRAP", u),
                ("ISOBAR_BATCH_ITEM_FAILURES", f),
                ("ISOBAR_EVENT_CONCURRENCY", c),
            ])?;
            Ok::<_, RunError>((rules.unwraps, rules.item_failures, rules.limit))
        };
        assert_eq!(of("", "", "").unwrap(), (false, BatchItemFailures::Off, 3));
        let set = of("1", "kafka", "7").unwrap();
        assert_eq!(set, (true, BatchItemFailures::WithKafka, 7));
        for (u, f, name) in [
            ("yes", "", "ISOBAR_UNWRAP"),
            ("", "true", "ISOBAR_BATCH_ITEM_FAILURES"),
        ] {
            let error = of(u, f, "").unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
