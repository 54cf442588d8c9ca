//! The host's own pings.

use http::header::USER_AGENT;
use isobar_core::Method;

use super::headers::{INVOCATION_ID, PROXY_ID};

/// Returns true for the `GET /` by which the host asks whether the program lives: at the start,
/// and at any time of life.
///
/// It bears nothing. A client's own, which a route `{*route}` lets through, has an invocation id.
/// Source: the host's `HttpWorkerChannel.GetWorkerStatusAsync` and `DefaultHttpWorkerService`.
pub(super) fn is_ping<B>(request: &http::Request<B>) -> bool {
    let headers = request.headers();
    request.uri().path() == "/"
        && request.method() == Method::GET
        && !headers.contains_key(USER_AGENT)
        && !headers.contains_key(INVOCATION_ID)
        && !headers.contains_key(PROXY_ID)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_bears_nothing_is_a_ping() {
        // trap 33 and correction 3
        let get = || http::Request::get("/").header("host", "127.0.0.1:7071");
        let is_ping = |request: http::request::Builder| is_ping(&request.body(()).unwrap());
        assert!(is_ping(get()));
        assert!(!is_ping(get().header("x-ms-invocation-id", "1")));
        assert!(!is_ping(
            get().header("X-Azure-Functions-InvocationId", "1")
        ));
        assert!(!is_ping(get().header("user-agent", "curl")));
        assert!(!is_ping(get().method("POST")));
        assert!(!is_ping(http::Request::get("/x")));
    }
}
