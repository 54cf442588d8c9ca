use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::SnapStartResource;

use super::conninfo;
use crate::RunError;
use crate::config::Environment;

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
    /// `STREAM`. Other front doors can not, and get a 502.
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

/// What the program itself sets, by the builder that `run` returns.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) response_mode: Option<ResponseMode>,
    pub(super) deadline: Option<Duration>,
    pub(super) body_limit: Option<u64>,
    pub(super) snapstart: Vec<Arc<dyn SnapStartResource>>,
}

/// How the loop behaves: the environment's word, else the program's, else the default.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) response_mode: ResponseMode,
    /// How many invocations run at once.
    pub(super) concurrency: usize,
    pub(super) conninfo: conninfo::Rules,
    /// How long an invocation may take, where that is less than the service allows.
    pub(super) deadline: Option<Duration>,
    /// The largest request body, in bytes, where that is less than the service takes.
    pub(super) body_limit: u64,
    pub(super) is_snapstart: bool,
}

impl Settings {
    pub(super) fn new(environment: &Environment, options: &Options) -> Result<Self, RunError> {
        let wanted = "it can be buffer or stream";
        let mode = environment.value("ISOBAR_RESPONSE_MODE", wanted)?;
        let kind = environment.text("AWS_LAMBDA_INITIALIZATION_TYPE");
        Ok(Self {
            response_mode: mode.or(options.response_mode).unwrap_or_default(),
            concurrency: concurrency(environment),
            conninfo: conninfo::Rules::new(environment)?,
            deadline: environment
                .seconds("ISOBAR_DEADLINE")?
                .or(options.deadline)
                .filter(|deadline| !deadline.is_zero()),
            body_limit: environment
                .value("ISOBAR_BODY_LIMIT", "a number of bytes is wanted")?
                .or(options.body_limit)
                .filter(|limit| *limit > 0)
                .unwrap_or(u64::MAX),
            is_snapstart: kind == Some("snap-start"),
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
