//! What Google's front end does to a request and to an answer.

use std::net::IpAddr;

use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::trace;
use crate::headers::append_to_list;
use crate::{Body, body};

/// Requests and buffered answers over HTTP/1.1 are no longer than this.
pub(super) const LIMIT: u64 = 32 * 1024 * 1024;

const SERVERLESS_AUTHORIZATION: HeaderName = HeaderName::from_static("x-serverless-authorization");

/// Turns the client's headers into those that the container sees.
pub(super) fn arrive(headers: &mut HeaderMap, client: IpAddr, iam: bool) {
    take_off(headers);
    forward(headers, client);
    trace::rewrite(headers);
    if iam {
        unsign(headers, &AUTHORIZATION);
        unsign(headers, &SERVERLESS_AUTHORIZATION);
    }
}

/// Adds the client's address: appended to what the client sent, so only the last one is true.
pub(super) fn forward(headers: &mut HeaderMap, client: IpAddr) {
    append_to_list(headers, "x-forwarded-for", &client.to_string());
    let client = match client {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    };
    append_to_list(
        headers,
        "forwarded",
        &format!("for=\"{client}\";proto=https"),
    );
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
}

/// Takes off what the documents say is taken off; an upgrade stays one.
fn take_off(headers: &mut HeaderMap) {
    let upgrades = headers.contains_key(UPGRADE);
    for name in [PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    if !upgrades {
        headers.remove(CONNECTION);
    }
    let google = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-google-"));
    for name in google.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

/// Replaces a token's signature, as an IAM-checked service does.
fn unsign(headers: &mut HeaderMap, name: &HeaderName) {
    let Some(token) = headers.get(name).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [head, payload, _signature] = parts.as_slice() else {
        return;
    };
    let unsigned = format!("{head}.{payload}.SIGNATURE_REMOVED_BY_GOOGLE");
    if let Ok(value) = HeaderValue::try_from(unsigned) {
        headers.insert(name, value);
    }
}

/// Whether the front end keeps this path for itself.
pub(super) fn is_reserved(path: &str) -> bool {
    path == "/healthz" || path.starts_with("/_ah/")
}

/// Turns the container's answer into the client's: one that sets a cookie becomes private.
pub(super) fn leave(response: Response<Body>, buffers: bool) -> Response<Body> {
    if buffers && length(response.headers()).is_some_and(|length| length > LIMIT) {
        return answer(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Response size was too large.",
        );
    }
    let mut response = response;
    if response.headers().contains_key(SET_COOKIE) {
        let private = HeaderValue::from_static("private");
        response.headers_mut().insert(CACHE_CONTROL, private);
    }
    response
}

/// The length that a message claims.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// An answer of the front end's own.
pub(super) fn answer(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(sent: &[(&'static str, &'static str)], iam: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_static(value));
        }
        arrive(&mut headers, IpAddr::from([203, 0, 113, 7]), iam);
        headers
    }

    #[test]
    fn the_clients_own_addresses_stay_on_the_left() {
        let headers = arrived(
            &[("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "b")],
            false,
        );
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1, b, 203.0.113.7");
        assert_eq!(headers["forwarded"], "for=\"203.0.113.7\";proto=https");
    }

    #[test]
    fn googles_own_names_can_not_be_sent() {
        let headers = arrived(
            &[("x-google-id", "1"), ("te", "trailers"), ("x-a", "1")],
            false,
        );
        assert!(!headers.contains_key("x-google-id") && !headers.contains_key("te"));
        assert!(headers.contains_key("x-a"));
    }

    #[test]
    fn a_checked_token_loses_its_signature() {
        let token = [("authorization", "Bearer a.b.c")];
        assert_eq!(
            arrived(&token, true)["authorization"],
            "Bearer a.b.SIGNATURE_REMOVED_BY_GOOGLE"
        );
        assert_eq!(arrived(&token, false)["authorization"], "Bearer a.b.c");
    }
}
