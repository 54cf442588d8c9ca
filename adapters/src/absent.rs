//! Hosts that this build leaves out.

/// Makes a module that stands where a host's would.
macro_rules! absent {
    ($($host:ident)*) => {$(
        #[expect(clippy::allow_attributes, reason = "which of them are used depends on the features")]
        #[allow(dead_code, reason = "which of them are used depends on the features")]
        pub(crate) mod $host {
            use crate::RunError;
            use crate::config::Environment;
            use crate::start::{Init, Launched, Workers};

            pub(crate) const BUILT: bool = false;

            pub(crate) fn workers(_environment: &Environment) -> Workers {
                Workers::One
            }

            pub(crate) fn launch(_environment: Environment, _init: Init) -> Launched {
                Box::pin(async { Err(RunError::NotBuilt(stringify!($host))) })
            }
        }
    )*};
}

absent!(aws azure gcp local);

/// Without a server nothing stands by.
#[cfg(not(feature = "serve"))]
pub(crate) mod standby {
    pub(crate) fn begin(_runtime: &tokio::runtime::Runtime, _processors: usize) {}
}

/// Without the feature `otel` nothing is observed, and nothing of it is left in the program.
#[cfg(not(feature = "otel"))]
#[expect(
    clippy::allow_attributes,
    reason = "which of them are used depends on the features"
)]
#[allow(
    dead_code,
    clippy::unused_self,
    reason = "which of them are used depends on the features"
)]
pub(crate) mod otel {
    use std::future::{Ready, ready};
    use std::time::SystemTime;

    use isobar_core::{Context, Event, Function, Outcome, Request, Response, TraceContext};

    use crate::config::{Environment, Variable};

    pub(crate) const VARIABLES: &[Variable] = &[];

    #[derive(Debug)]
    pub(crate) struct Invocation;

    impl Invocation {
        pub(crate) fn of_request(_context: &Context, _request: &Request) -> Self {
            Self
        }

        pub(crate) fn of_events(_context: &Context, _events: &[Event]) -> Self {
            Self
        }

        pub(crate) fn answered(&self, _response: &Response) {}

        pub(crate) fn delivered(&self, _outcomes: &[Outcome]) {}

        pub(crate) fn end(self) {}
    }

    pub(crate) fn observe<S>(subscriber: S, _environment: &Environment) -> S {
        subscriber
    }

    pub(crate) fn report() {}

    pub(crate) fn serves(_function: &Function) {}

    pub(crate) fn current() -> Option<TraceContext> {
        None
    }

    pub(crate) fn flush(_end: Option<SystemTime>) -> Ready<()> {
        ready(())
    }

    #[cfg(any(feature = "aws", feature = "serve"))]
    pub(crate) fn until<F: Future<Output = ()>>(_over: tokio::time::Instant, end: F) -> F {
        end
    }

    #[derive(Debug)]
    pub(crate) struct Background;

    pub(crate) fn in_background() -> Background {
        Background
    }
}

/// Without a host nothing is counted.
#[cfg(not(any(feature = "aws", feature = "serve", feature = "otel")))]
pub(crate) mod metrics {
    use tracing::Metadata;
    use tracing_subscriber::layer::Identity;

    use crate::config::Environment;

    pub(crate) fn meter(_environment: &Environment) -> Option<Identity> {
        None
    }

    pub(crate) fn is_measured(_metadata: &Metadata<'_>) -> bool {
        false
    }
}
