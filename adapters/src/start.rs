//! Start: which host, which runtime, then init, run, shut down.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use isobar_core::{Dispatcher, Error, Handler, Provider};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::config::Environment;
use crate::phases::Phases;
use crate::{Exit, RunError, aws, azure, detect, gcp, local, log, misspelt, standby};

/// This file, where a panic of the program's start becomes an error.
pub(crate) const FILE: &str = file!();

/// The program's own start, and how long what came before it took.
pub(crate) struct Init {
    /// Its end is the handler.
    pub(crate) handler: Pin<Box<dyn Future<Output = Result<Dispatcher, Error>>>>,
    pub(crate) phases: Phases,
}

impl Init {
    fn new(handler: impl Future<Output = Result<Dispatcher, Error>> + 'static) -> Self {
        Self {
            handler: Box::pin(caught(handler)),
            phases: Phases::begin(),
        }
    }
}

/// Makes a panic of the program's start an error like any other: the host is told the cause.
pub(crate) async fn caught(
    init: impl Future<Output = Result<Dispatcher, Error>>,
) -> Result<Dispatcher, Error> {
    let mut init = pin!(init);
    std::future::poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| init.as_mut().poll(cx)));
        polled.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let text = text.unwrap_or("without a message");
            Poll::Ready(Err(Error::from(format!(
                "the program's start panicked: {text}"
            ))))
        })
    })
    .await
}

/// A host that runs; on the thread of `main`, so it need not be `Send`.
pub(crate) type Launched = Pin<Box<dyn Future<Output = Result<(), RunError>>>>;

/// How many threads a host wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workers {
    /// The one that is there: where one invocation runs at a time, switches are all that more bring.
    One,
    /// One a processor, and two at least: a handler that blocks its thread stops no other.
    Many,
}

/// Runs a handler on the host that the environment names, until the host ends it.
///
/// This is all of `main`. It makes the runtime; inside one, await `isobar::gcp::run(handler)` or
/// its siblings instead.
///
/// # Example: the whole program
///
/// ```no_run
/// async fn hello(_request: isobar::Request) -> &'static str {
///     "Hello, world!"
/// }
///
/// fn main() -> isobar::Exit {
///     isobar::start(hello)
/// }
/// ```
pub fn start(handler: impl Handler) -> Exit {
    run(Init::new(async { Ok(Dispatcher::new(handler)) })).into()
}

/// Runs the handler that `init` makes: what takes time, such as a connection pool, is then part of
/// the host's init phase, and its failure the host's own init error.
///
/// # Example: a connection before the first request
///
/// ```no_run
/// # async fn connect() -> Result<(), std::io::Error> { Ok(()) }
/// async fn init() -> isobar::Result<impl isobar::Handler> {
///     let database = connect().await?;
///     Ok(move |_request: isobar::Request| async move { format!("{database:?}") })
/// }
///
/// fn main() -> isobar::Exit {
///     isobar::start_with(init)
/// }
/// ```
pub fn start_with<I, F, H>(init: I) -> Exit
where
    I: FnOnce() -> F + 'static,
    F: Future<Output = Result<H, Error>>,
    H: Handler,
{
    run(Init::new(async { Ok(Dispatcher::new(init().await?)) })).into()
}

fn run(mut init: Init) -> Result<(), RunError> {
    if Handle::try_current().is_ok() {
        return Err(RunError::InsideRuntime);
    }
    let environment = Environment::read();
    log::install(&environment);
    if environment.is_on("ISOBAR_DESCRIBE") {
        return describe(init.handler);
    }
    misspelt::report(&environment);
    let chosen =
        detect::host(&environment).inspect_err(|error| aws::tell_unchosen(&environment, error))?;
    tracing::info!(
        "isobar runs on {}, since {}",
        chosen.provider,
        chosen.reason
    );
    let of_host = match chosen.provider {
        Provider::Aws => aws::workers,
        Provider::Azure => azure::workers,
        Provider::Gcp => gcp::workers,
        _ => local::workers,
    };
    let runtime = runtime(of_host(&environment))?;
    let result = runtime.block_on(async {
        init.phases.runtime_ms = Some(init.phases.lap());
        match chosen.provider {
            Provider::Aws => aws::launch(environment, init).await,
            Provider::Azure => azure::launch(environment, init).await,
            Provider::Gcp => gcp::launch(environment, init).await,
            _ => local::launch(environment, init).await,
        }
    });
    // A thread that a handler blocks must not keep the process.
    runtime.shutdown_background();
    result
}

pub(crate) fn runtime(workers: Workers) -> Result<Runtime, RunError> {
    let processors = std::thread::available_parallelism().map_or(1, Into::into);
    let mut builder = match workers {
        Workers::One => Builder::new_current_thread(),
        Workers::Many => Builder::new_multi_thread(),
    };
    if workers == Workers::Many {
        builder.worker_threads(processors.max(2));
    }
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|source| RunError::System {
        what: "cannot start a runtime",
        source,
    })?;
    if workers == Workers::Many {
        standby::begin(&runtime, processors);
    }
    Ok(runtime)
}

/// Prints what the handler takes, for tools that compare it with a deployment.
fn describe(init: impl Future<Output = Result<Dispatcher, Error>>) -> Result<(), RunError> {
    let dispatcher = runtime(Workers::One)?
        .block_on(init)
        .map_err(RunError::Init)?;
    let json = serde_json::to_string(dispatcher.routes()).unwrap_or_default();
    writeln!(std::io::stdout(), "{json}").map_err(|source| RunError::System {
        what: "cannot write to stdout",
        source,
    })
}
