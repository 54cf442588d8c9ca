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
enum Local {}

/// Serves a handler on 127.0.0.1:8080 (`PORT` moves it), on the caller's runtime, until Ctrl-C.
///
/// It logs a line a request. `ISOBAR_ADDRESS=0.0.0.0` serves a plain container.
///
/// # Errors
///
/// Awaiting it fails when a variable has a value that it cannot have, or the port is taken.
pub fn run(handler: impl Handler) -> Run {
    Run::new::<Local>(Dispatcher::new(handler))
}

pub(crate) fn workers(_environment: &Environment) -> Workers {
    Workers::Many
}

pub(crate) fn launch(environment: Environment, init: Init) -> Launched {
    serve::launch::<Local>(environment, init)
}

impl serve::Host for Local {
    const PROVIDER: Provider = Provider::Local;

    const REMEDY: &'static str =
        "another program has the port; choose one by PORT, such as PORT=8081";

    fn defaults(_environment: &Environment) -> Result<Defaults, RunError> {
        Ok(Defaults {
            address: (Ipv4Addr::LOCALHOST, 8080).into(),
            // As Cloud Run has it.
            body_limit: Some(32 << 20),
            time: None,
            time_is_hard: false,
            margin: Duration::ZERO,
            grace: Duration::from_secs(10),
        })
    }

    fn exchange(
        environment: &Environment,
        settings: &Settings,
        dispatcher: Dispatcher,
    ) -> Result<impl Exchange, RunError> {
        let address = settings.address;
        if dispatcher.routes().takes_events() && !address.ip().is_loopback() {
            tracing::warn!("whoever can reach {address} can send events");
        }
        Contexts::new(environment, dispatcher)
    }
}
