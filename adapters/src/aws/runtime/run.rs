//! From a start to running workers.

use std::sync::Arc;
use std::time::Duration;

use isobar_core::{Dispatcher, Error, chain};
use tokio::task::JoinSet;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::restore::{Stage, restore};
use super::worker::{Shared, Worker};
use super::{call, extension, shutdown};
use crate::RunError;
use crate::aws::context::Contexts;
use crate::aws::error::Failure;
use crate::aws::settings::{Options, Settings};
use crate::config::Environment;
use crate::otel;
use crate::phases::Phases;
use crate::signal::Ends;

/// What the application's own shutdown has: Lambda kills half a second after SIGTERM, where only an
/// internal extension is there. (docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)
const LAST: Duration = Duration::from_millis(400);

/// How long the Runtime API may take to hear that no host was chosen: on AWS Lambda it is next door.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs the program's own start, then the loop, until a signal asks to end. A start that fails is
/// told to the Runtime API, with its cause.
pub(in crate::aws) async fn run(
    environment: &Environment,
    options: &Options,
    init: impl Future<Output = Result<Dispatcher, Error>>,
    phases: Phases,
) -> Result<(), RunError> {
    let endpoint = Endpoint::new(environment)?;
    match start(environment, options, &endpoint, (init, phases)).await {
        Ok(Some(started)) => started.run(endpoint).await,
        Ok(None) => Ok(()),
        Err((stage, error)) => {
            report(&endpoint, &stage, &error).await;
            Err(error)
        }
    }
}

/// Tells the Runtime API, where the environment has one, why the start failed before a host was chosen.
/// Whoever set the variable may have been wrong, so nobody waits long for an answer.
pub(in crate::aws) async fn refused(environment: &Environment, error: &RunError) {
    if let Ok(endpoint) = Endpoint::new(environment) {
        let told = report(&endpoint, &Stage::Init, error);
        if tokio::time::timeout(PATIENCE, told).await.is_err() {
            tracing::warn!("the Runtime API did not take the failed start in time");
        }
    }
}

/// What a start comes to.
struct Started {
    shared: Arc<Shared>,
    ends: Ends,
    /// Alive as long as the process.
    extension: Option<extension::Extension>,
}

/// `None`: a signal ended the start.
async fn start(
    environment: &Environment,
    options: &Options,
    endpoint: &Endpoint,
    (init, mut phases): (impl Future<Output = Result<Dispatcher, Error>>, Phases),
) -> Result<Option<Started>, (Stage, RunError)> {
    let in_init = |error| (Stage::Init, error);
    let mut ends = Ends::listen().map_err(in_init)?;
    let settings = Settings::new(environment, options).map_err(in_init)?;
    let extension = extension::register(endpoint).await;
    let register_ms = phases.lap();
    let dispatcher = tokio::select! {
        made = init => made.map_err(RunError::Init).map_err(in_init)?,
        () = ends.next() => return Ok(None),
    };
    let (runtime_ms, init_ms) = (phases.runtime_ms, phases.lap());
    let contexts = Contexts::new(environment).map_err(in_init)?;
    let what = if settings.is_snapstart {
        "ready for the snapshot"
    } else {
        "ready for events"
    };
    tracing::info!(runtime_ms, register_ms, init_ms, "{what}");
    if settings.is_snapstart {
        restore(endpoint, &options.snapstart).await?;
    }
    Ok(Some(Started {
        shared: Arc::new(Shared {
            dispatcher,
            contexts,
            settings,
        }),
        ends,
        extension,
    }))
}

impl Started {
    /// Runs workers until the end is asked for, and then what the application does at its end.
    async fn run(mut self, endpoint: Endpoint) -> Result<(), RunError> {
        let _extension = self.extension.take();
        let dispatcher = self.shared.dispatcher.clone();
        self.work(endpoint).await?;
        let over = tokio::time::Instant::now() + LAST;
        let end = dispatcher.shutdown(tokio::time::sleep_until(over));
        otel::until(over, end).await;
        Ok(())
    }

    /// Runs as many workers as the host wants invocations at once.
    async fn work(self, endpoint: Endpoint) -> Result<(), RunError> {
        let workers = self.shared.settings.concurrency;
        let (_listener, endings) = shutdown::listen(self.ends, workers);
        let mut endings = endings.into_iter();
        let worker = |ending| Worker::new(endpoint.clone(), Arc::clone(&self.shared), ending);
        if workers == 1 {
            let only = endings.next().map(worker);
            return match only {
                Some(worker) => worker.run().await,
                None => Ok(()),
            };
        }
        // With many at once the sandbox is not frozen between them.
        let _exported_meanwhile = otel::in_background();
        let mut running: JoinSet<_> = endings.map(|ending| worker(ending).run()).collect();
        let mut result = Ok(());
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok(ended) => result = result.and(ended),
                Err(error) => tracing::error!("a worker ended: {error}"),
            }
        }
        result
    }
}

/// Tells the Runtime API why the start failed; who reads the log hears it from the program's exit.
async fn report(endpoint: &Endpoint, stage: &Stage, error: &RunError) {
    let (path, failure) = match stage {
        Stage::Init => ("/init/error", Failure::init(chain(error))),
        Stage::Restore => ("/restore/error", Failure::restore(chain(error))),
    };
    let body = failure.json();
    let kind = failure.error_type;
    let line = format!("lambda-runtime-function-error-type: {kind}\r\n");
    let mut head = Vec::new();
    call::post(
        &mut head,
        endpoint,
        &[call::RUNTIME, path],
        &line,
        body.len(),
    );
    let mut connection = Connection::new(endpoint.clone());
    if let Err(error) = connection
        .exchange((&head, &body), |head| head.status)
        .await
    {
        tracing::warn!("the Runtime API could not be told of the failed start: {error}");
    }
}
