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
    pub(crate) fn keep(_runtime: &tokio::runtime::Runtime) {}
}

/// Without a host nothing is counted.
#[cfg(not(any(feature = "aws", feature = "serve")))]
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
