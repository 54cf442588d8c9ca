//! The client's address as Google's front end saw it.

use isobar_core::{ContextBuilder, HeaderMap};

use crate::config::Environment;
use crate::{RunError, forwarded};

/// Where the front end's own word stands in `X-Forwarded-For`.
pub(super) struct Rules {
    proxies: usize,
}

impl Rules {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let wanted = "a number of proxies is wanted, such as 1 behind a load balancer";
        Ok(Self {
            proxies: environment.value("ISOBAR_PROXIES", wanted)?.unwrap_or(0),
        })
    }

    /// Direct traffic: the last entry. Behind an external load balancer: the one before it.
    pub(super) fn tell_client_ip(
        &self,
        context: ContextBuilder,
        headers: &HeaderMap,
    ) -> ContextBuilder {
        forwarded::tell_client_ip(context, headers, self.proxies)
    }
}
