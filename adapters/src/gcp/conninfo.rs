//! The client's address as Google's front end saw it.

use std::net::IpAddr;

use isobar_core::HeaderMap;

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
    pub(super) fn client_ip(&self, headers: &HeaderMap) -> Option<IpAddr> {
        forwarded::client_ip(headers, self.proxies)
    }
}
