//! The client's address as Google's front end saw it.

use crate::RunError;
use crate::config::Environment;

/// Where the front end's own word stands in `X-Forwarded-For`.
pub(super) struct Rules {
    /// Of direct traffic none: it is the last entry. Behind an external load balancer 1: the one before it.
    pub(super) proxies: usize,
}

impl Rules {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let wanted = "a number of proxies is wanted, such as 1 behind a load balancer";
        Ok(Self {
            proxies: environment.value("ISOBAR_PROXIES", wanted)?.unwrap_or(0),
        })
    }
}
