//! The builder that `run` returns, and the way from a start to a served host.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use isobar_core::{Dispatcher, Provider};
use tokio::net::TcpListener;

use super::accept::serve;
use super::exchange::{Exchange, Shared};
use super::settings::Options;
use super::{Defaults, Settings};
use crate::config::Environment;
use crate::phases::Phases;
use crate::signal::Ends;
use crate::start::{Init, Launched};
use crate::{RunError, inspect, misspelt, otel};

/// What tells one served host from another.
pub(crate) trait Host: 'static {
    const PROVIDER: Provider;

    /// What to do when the address is taken.
    const REMEDY: &'static str;

    /// The variables that say the port, the first one that is set.
    const PORT: &'static [&'static str] = &["PORT"];

    /// Says how it behaves by default.
    fn defaults(environment: &Environment) -> Result<Defaults, RunError>;

    /// Makes what answers its requests.
    fn exchange(
        environment: &Environment,
        settings: &Settings,
        dispatcher: Dispatcher,
    ) -> Result<impl Exchange, RunError>;
}

/// A server about to run: await it, after setting what it should not take from its host.
///
/// The environment's variables win over what is set here: they are the operator's word.
///
/// # Example: a smaller body limit
///
/// ```no_run
/// # async fn hello(_: isobar::Request) -> &'static str { "Hello" }
/// # #[cfg(feature = "gcp")]
/// #[tokio::main]
/// async fn main() -> Result<(), isobar::RunError> {
///     isobar::gcp::run(hello).body_limit(1 << 20).await
/// }
/// # #[cfg(not(feature = "gcp"))] fn main() {}
/// ```
#[must_use = "await it: it does nothing before"]
pub struct Run {
    dispatcher: Dispatcher,
    options: Options,
    listen: fn(Options, Dispatcher) -> Running,
}

/// A server that runs.
type Running = Pin<Box<dyn Future<Output = Result<(), RunError>> + Send>>;

impl Run {
    pub(crate) fn new<H: Host>(dispatcher: Dispatcher) -> Self {
        Self {
            dispatcher,
            options: Options::default(),
            listen: |options, dispatcher| {
                Box::pin(async move {
                    let (ends, phases) = (Ends::listen()?, Phases::begin());
                    let environment = Environment::read();
                    misspelt::report(&environment);
                    listen::<H>(&environment, &options, dispatcher, (ends, phases, None)).await
                })
            },
        }
    }

    /// Sets the address to listen on (`PORT` and `ISOBAR_ADDRESS` win).
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.options.address = Some(address);
        self
    }

    /// Sets the largest request body in bytes, 0 for none; over it the client gets a 413
    /// (`ISOBAR_BODY_LIMIT` wins).
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.options.body_limit = Some(bytes);
        self
    }

    /// Sets how long a request may take, zero for ever; after it the client gets a 504
    /// (`ISOBAR_DEADLINE` wins).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets how long before the host's own end a request is over, so that its answer still arrives; the
    /// tenth part of the host's time, and 0.2 s at most (Azure: 1 s), where nobody says (`ISOBAR_MARGIN` wins).
    /// Where the host tells no end this does nothing.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.options.margin = Some(margin);
        self
    }

    /// Sets how long a shutdown may take (`ISOBAR_GRACE` wins).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = Some(grace);
        self
    }

    /// Sets how long a request's head may take to arrive (`ISOBAR_HEAD_TIMEOUT` wins).
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.options.head_timeout = Some(timeout);
        self
    }

    /// Sets how long a request's body may pause, and how long a client may read nothing of the answer
    /// (`ISOBAR_READ_TIMEOUT` wins).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.options.read_timeout = Some(timeout);
        self
    }

    /// Says whether work given to [`Context::wait_until`](crate::Context::wait_until) is finished
    /// before the answer (`ISOBAR_WAIT` wins).
    pub fn wait_for_background(mut self, wait: bool) -> Self {
        self.options.wait_for_background = Some(wait);
        self
    }

    /// Sets how long work given to [`Context::wait_until`](crate::Context::wait_until) may take beyond
    /// the handler, zero for as long as the process lives; then it is cut off (`ISOBAR_WAIT_LIMIT`
    /// wins).
    pub fn background_limit(mut self, limit: Duration) -> Self {
        self.options.background_limit = Some(limit);
        self
    }
}

impl IntoFuture for Run {
    type Output = Result<(), RunError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.listen)(self.options, self.dispatcher)
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Runs the program's own start, then the host. A signal during the start ends it.
pub(crate) fn launch<H: Host>(environment: Environment, init: Init) -> Launched {
    Box::pin(async move {
        let mut ends = Ends::listen()?;
        let mut phases = init.phases;
        let dispatcher = tokio::select! {
            made = init.handler => made.map_err(RunError::Init)?,
            () = ends.next() => return Ok(()),
        };
        let init_ms = Some(phases.lap());
        let start = (ends, phases, init_ms);
        listen::<H>(&environment, &Options::default(), dispatcher, start).await
    })
}

async fn listen<H: Host>(
    environment: &Environment,
    options: &Options,
    dispatcher: Dispatcher,
    (ends, mut phases, init_ms): (Ends, Phases, Option<f64>),
) -> Result<(), RunError> {
    let defaults = H::defaults(environment)?;
    let settings = Settings::new(environment, options, &defaults, H::PORT)?;
    let exchange = Arc::new(H::exchange(environment, &settings, dispatcher.clone())?);
    let address = settings.address;
    let refused = |source| RunError::Listen {
        address,
        remedy: H::REMEDY,
        source,
    };
    let wanted = inspect::wanted(environment, H::PROVIDER);
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let (runtime_ms, listen_ms) = (phases.runtime_ms, phases.lap());
    tracing::info!(
        runtime_ms,
        init_ms,
        listen_ms,
        "listening on http://{address}"
    );
    let _exported_meanwhile = otel::in_background();
    serve(
        listener,
        exchange,
        Shared::new(settings, wanted.page(address)),
        &dispatcher,
        ends,
    )
    .await;
    Ok(())
}
