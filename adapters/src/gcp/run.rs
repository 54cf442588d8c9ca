use std::net::Ipv4Addr;
use std::time::Duration;

use isobar_core::{Dispatcher, Handler, Provider};

use super::context::Contexts;
use crate::RunError;
use crate::config::Environment;
use crate::serve::{self, Defaults, Exchange, Run, Settings};
use crate::start::{Init, Launched, Workers};

pub(crate) const BUILT: bool = true;

/// The mark of this host.
enum CloudRun {}

/// Serves a handler as a Cloud Run service, on the caller's runtime, until SIGTERM or SIGINT.
///
/// # Errors
///
/// Awaiting it fails when a variable has a value that it cannot have, or the port is taken.
///
/// # Example: a runtime of one's own
///
/// ```no_run
/// #[tokio::main]
/// async fn main() -> Result<(), isobar::RunError> {
///     let app = axum::Router::new();
///     isobar::gcp::run(app).deadline(std::time::Duration::from_secs(30)).await
/// }
/// ```
pub fn run(handler: impl Handler) -> Run {
    Run::new::<CloudRun>(Dispatcher::new(handler))
}

pub(crate) fn workers(_environment: &Environment) -> Workers {
    Workers::Many
}

pub(crate) fn launch(environment: Environment, init: Init) -> Launched {
    serve::launch::<CloudRun>(environment, init)
}

impl serve::Host for CloudRun {
    const PROVIDER: Provider = Provider::Gcp;

    const REMEDY: &'static str = "another program has the port; PORT moves this one";

    fn defaults(environment: &Environment) -> Result<Defaults, RunError> {
        check(environment)?;
        let wanted = "Cloud Run's timeout in seconds is wanted";
        let timeout = environment.value::<u64>("CLOUD_RUN_TIMEOUT_SECONDS", wanted)?;
        Ok(Defaults {
            address: (Ipv4Addr::UNSPECIFIED, 8080).into(),
            // Cloud Run's own limit for HTTP/1.1 (https://cloud.google.com/run/quotas); HTTP/2 has
            // none there.
            body_limit: Some(32 << 20),
            // There the front end answers for us, and lets the handler run.
            time: timeout.map(Duration::from_secs),
            time_is_hard: false,
            margin: Duration::from_millis(200),
            // SIGKILL comes 10 s after SIGTERM, and what is cut off, then the application, has its last
            // word within half a second.
            grace: Duration::from_millis(9_400),
        })
    }

    fn exchange(
        environment: &Environment,
        settings: &Settings,
        dispatcher: Dispatcher,
    ) -> Result<impl Exchange, RunError> {
        Contexts::new(environment, settings.body_limit_is_the_hosts, dispatcher)
    }
}

/// Refuses what this build cannot serve.
fn check(environment: &Environment) -> Result<(), RunError> {
    for (sign, what) in [
        ("CLOUD_RUN_JOB", "job"),
        ("CLOUD_RUN_WORKER_POOL", "worker pool"),
    ] {
        if environment.text(sign).is_some() {
            return Err(RunError::Conflict(format!(
                "{sign} is set: a Cloud Run {what} gets no requests; deploy this program as a service"
            )));
        }
    }
    Ok(())
}
