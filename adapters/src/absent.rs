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

            pub(crate) fn tell_unchosen(_environment: &Environment, _error: &RunError) {}
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

    use isobar_core::{Context, Event, Function, Outcome, Request, TraceContext};

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

        pub(crate) fn answered<B>(&self, _response: &http::Response<B>) {}

        pub(crate) fn delivered(&self, _outcomes: &[Outcome], _unreadable: usize) {}

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

/// Without the feature `inspect` nothing is recorded, and nothing of it is left in the program.
#[cfg(not(feature = "inspect"))]
#[expect(
    clippy::allow_attributes,
    reason = "which of them are used depends on the features"
)]
#[allow(
    dead_code,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "which of them are used depends on the features; each has the form of what it stands for"
)]
pub(crate) mod inspect {
    use isobar_core::{Body, Context, Event, Function, Outcome, Request};

    use crate::config::Environment;

    #[derive(Debug, Default)]
    pub(crate) struct Noted;

    pub(crate) fn note<'a>(_fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Noted {
        Noted
    }

    pub(crate) fn serves(_environment: &Environment, _function: &Function) {}

    pub(crate) fn served<R, F>(_page: &Page, request: R, run: impl FnOnce(R) -> F) -> F {
        run(request)
    }

    pub(crate) fn arrived<B>(_request: &http::Request<B>) {}

    pub(crate) fn arriving(body: Body) -> Body {
        body
    }

    pub(crate) fn invocation<F>(run: F) -> F {
        run
    }

    pub(crate) fn invoked(_headers: &Noted, _payload: &str) {}

    pub(crate) fn is_on() -> bool {
        false
    }

    pub(crate) fn through(_trigger: impl FnOnce() -> String) {}

    pub(crate) fn request(_context: &Context, _request: &mut Request) {}

    pub(crate) fn answer<F>(answer: F) -> F {
        answer
    }

    pub(crate) fn events(_context: &Context, _events: &[Event]) {}

    pub(crate) fn outcomes(_outcomes: &[Outcome]) {}

    pub(crate) fn told(_line: &str, _body: &[u8]) {}

    pub(crate) fn told_more(_more: &[u8]) {}

    #[derive(Clone, Debug)]
    pub(crate) struct Page;

    #[derive(Debug)]
    pub(crate) struct Wanted;

    pub(crate) fn wanted(_environment: &Environment, _provider: isobar_core::Provider) -> Wanted {
        Wanted
    }

    impl Wanted {
        pub(crate) fn page(self, _address: std::net::SocketAddr) -> Page {
            Page
        }
    }

    impl Page {
        pub(crate) fn close(&self) {}
    }
}

/// Without the feature `inspect` no line is shown.
#[cfg(not(feature = "inspect"))]
pub(crate) mod inspected {
    pub(crate) fn line<T>(_record: &T) {}
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
