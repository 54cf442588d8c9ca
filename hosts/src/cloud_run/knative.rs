//! What Knative's ingress and queue proxy do to a request.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};

use super::front_end;
use crate::ids;

/// Turns the client's headers into those that the container sees: traces pass as they are.
pub(super) fn arrive(headers: &mut HeaderMap, client: IpAddr) {
    front_end::forward(headers, client);
    headers.remove("k-network-probe");
    headers.insert("k-proxy-request", HeaderValue::from_static("activator"));
    if let Ok(id) = HeaderValue::try_from(ids::uuid()) {
        headers.entry("x-request-id").or_insert(id);
    }
}
