use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use isobar_core::{Dispatcher, Handler};
use lambda_runtime::SnapStartResource;

use super::runtime;
use super::settings::{BatchItemFailures, Options, ResponseMode, concurrency};
use crate::config::Environment;
use crate::phases::Phases;
use crate::start::{self, Init, Launched, Workers};
use crate::{RunError, misspelt};

pub(crate) const BUILT: bool = true;

/// Runs a handler on AWS Lambda, on the caller's runtime, until the service ends it.
///
/// A current-thread runtime suits it: one invocation runs at a time, and more threads bring
/// switches alone. On Managed Instances, where many run at once, a multi-threaded one does.
///
/// # Errors
///
/// Awaiting it fails when a variable has a value that it cannot have, or the Runtime API is gone.
///
/// # Example: a runtime of one's own
///
/// ```no_run
/// use isobar::aws::ResponseMode;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), isobar::RunError> {
///     let app = axum::Router::new();
///     isobar::aws::run(app).response_mode(ResponseMode::Stream).await
/// }
/// ```
pub fn run(handler: impl Handler) -> Run {
    Run {
        dispatcher: Dispatcher::new(handler),
        options: Options::default(),
    }
}

/// A loop about to run: await it, after setting what it should not take from its host.
///
/// The environment's variables win over what is set here: they are the operator's word.
#[must_use = "await it: it does nothing before"]
pub struct Run {
    dispatcher: Dispatcher,
    options: Options,
}

impl Run {
    /// Sets how answers go out (`ISOBAR_RESPONSE_MODE` wins).
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.options.response_mode = Some(mode);
        self
    }

    /// Sets how long an invocation may take, zero for as long as the service allows; after it the
    /// client gets a 504 (`ISOBAR_DEADLINE` wins).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets how long before the service's own end an invocation is over, so that its answer still
    /// arrives (`ISOBAR_MARGIN` wins). It is the tenth part of the time that is left, and 0.2 s at most,
    /// where nobody says, and where it would leave nothing.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.options.margin = Some(margin);
        self
    }

    /// Sets how long work given to [`Context::wait_until`](isobar_core::Context::wait_until) may take
    /// beyond the handler, zero for as long as the deadline allows; then it is cut off
    /// (`ISOBAR_WAIT_LIMIT` wins).
    pub fn background_limit(mut self, limit: Duration) -> Self {
        self.options.background_limit = Some(limit);
        self
    }

    /// Sets the largest request body in bytes, 0 for what the service takes; over it the client gets
    /// a 413 (`ISOBAR_BODY_LIMIT` wins).
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.options.body_limit = Some(bytes);
        self
    }

    /// Sets whether answers list the items of a batch that have failed
    /// (`ISOBAR_BATCH_ITEM_FAILURES` wins).
    pub fn batch_item_failures(mut self, mode: BatchItemFailures) -> Self {
        self.options.item_failures = Some(mode);
        self
    }

    /// Sets whether one source's event is taken out of another's message: SNS, S3 and EventBridge in
    /// SQS, S3 in SNS (`ISOBAR_UNWRAP` wins). It is, unless said otherwise.
    pub fn unwrap_events(mut self, unwrap: bool) -> Self {
        self.options.unwraps = Some(unwrap);
        self
    }

    /// Sets how many events of one delivery are handled at once, where nothing keeps their order
    /// (`ISOBAR_EVENT_CONCURRENCY` wins).
    pub fn event_concurrency(mut self, limit: usize) -> Self {
        self.options.event_concurrency = Some(limit.max(1));
        self
    }

    /// Sets the path that a custom domain's mapping puts before every path: it is taken off, and
    /// stands in [`Context::root_path`](isobar_core::Context::root_path) (`ISOBAR_BASE_PATH` wins).
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.options.base_path = Some(path.into());
        self
    }

    /// Adds what has to know of `SnapStart`'s snapshot and restore, such as a connection pool. The
    /// first added is torn down last and made again first.
    pub fn snapstart(mut self, resource: Arc<dyn SnapStartResource>) -> Self {
        self.options.snapstart.push(resource);
        self
    }
}

impl IntoFuture for Run {
    type Output = Result<(), RunError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            dispatcher,
            options,
        } = self;
        Box::pin(async move {
            let environment = Environment::read();
            misspelt::report(&environment);
            let init = async { Ok(dispatcher) };
            runtime::run(&environment, &options, init, Phases::begin()).await
        })
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("response_mode", &self.options.response_mode)
            .finish_non_exhaustive()
    }
}

pub(crate) fn workers(environment: &Environment) -> Workers {
    match concurrency(environment) {
        1 => Workers::One,
        _ => Workers::Many,
    }
}

/// Tells the service, if the environment names it, that no host could be chosen.
pub(crate) fn tell_unchosen(environment: &Environment, error: &RunError) {
    if let Ok(own) = start::runtime(Workers::One) {
        own.block_on(runtime::refused(environment, error));
        // A name that does not resolve must not keep the process.
        own.shutdown_background();
    }
}

pub(crate) fn launch(environment: Environment, init: Init) -> Launched {
    Box::pin(async move {
        let Init { handler, phases } = init;
        runtime::run(&environment, &Options::default(), handler, phases).await
    })
}
