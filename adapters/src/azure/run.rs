use std::net::Ipv4Addr;
use std::time::Duration;

use isobar_core::{Dispatcher, Handler, Provider};

use super::app::HostJson;
use super::context::Contexts;
use crate::RunError;
use crate::config::Environment;
use crate::serve::{self, Defaults, Exchange, Run, Settings};
use crate::start::{Init, Launched, Workers};

pub(crate) const BUILT: bool = true;

/// The mark of this host.
enum Functions {}

/// Serves a handler as an Azure Functions custom handler, on the caller's runtime, until SIGTERM
/// or SIGINT.
///
/// It listens where the host says, reads host.json and each function.json, and answers before the
/// host would kill the process at functionTimeout: a deadline of one's own can only be shorter.
///
/// The host starts a program that ends with 0 never again, so one should only end so when a signal
/// asked for it; [`Exit`](crate::Exit) gives 1 for every error, after which the host starts the
/// program again, and at the third time within half an hour gives up and says so.
///
/// # Errors
///
/// Awaiting it fails when one of the app's files is malformed, two settings would let a client
/// forge an invocation, a variable has a value that it cannot have, or the port is taken.
///
/// # Example: a runtime of one's own
///
/// ```no_run
/// #[tokio::main]
/// async fn main() -> Result<(), isobar::RunError> {
///     let app = axum::Router::new();
///     isobar::azure::run(app).deadline(std::time::Duration::from_secs(30)).await
/// }
/// ```
pub fn run(handler: impl Handler) -> Run {
    Run::new::<Functions>(Dispatcher::new(handler))
}

pub(crate) fn workers(_environment: &Environment) -> Workers {
    Workers::Many
}

pub(crate) fn launch(environment: Environment, init: Init) -> Launched {
    serve::launch::<Functions>(environment, init)
}

impl serve::Host for Functions {
    const PROVIDER: Provider = Provider::Azure;

    const REMEDY: &'static str = "another program has the port; the Functions host chooses it, or \
                                  customHandler.port of host.json";

    // PORT may be there too, and then is the host's own.
    const PORT: &'static [&'static str] =
        &["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"];

    fn defaults(environment: &Environment) -> Result<Defaults, RunError> {
        let host = HostJson::read(environment)?;
        let wanted = "a number of bytes is wanted";
        let limit = environment.value("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", wanted)?;
        Ok(Defaults {
            // The host comes to 127.0.0.1, never to ::1.
            address: (Ipv4Addr::LOCALHOST, host.port.unwrap_or(8080)).into(),
            // The host's own limit.
            body_limit: Some(limit.unwrap_or(100 << 20)),
            time: host.timeout,
            // There it kills the process, and all that runs in it.
            time_is_hard: true,
            margin: Duration::from_secs(1),
            // The host itself gives none: only the container's own stop sends a SIGTERM.
            grace: Duration::from_secs(10),
        })
    }

    fn exchange(
        environment: &Environment,
        _settings: &Settings,
        dispatcher: Dispatcher,
    ) -> Result<impl Exchange, RunError> {
        Contexts::new(environment, dispatcher)
    }
}
