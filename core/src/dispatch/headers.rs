//! Headers that belong to one connection or to one encoding of a message, not to the message.

use axum_core::body::Body;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use http_body::Body as _;

use crate::{Request, Response};

/// RFC 9110, section 7.6.1, and RFC 7230's older list.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Which headers are there that must be seen to: one look at each name costs less than to ask for all of them.
#[derive(Default)]
struct Found {
    hop_by_hop: bool,
    cookie: bool,
    length: bool,
}

impl Found {
    fn of(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        for name in headers.keys() {
            found.hop_by_hop |= is_hop_by_hop(name);
            found.cookie |= *name == header::COOKIE;
            found.length |= *name == header::CONTENT_LENGTH;
        }
        found
    }
}

/// Takes hop-by-hop headers off, those that `connection` names too, but for those that `stays` names.
fn strip(headers: &mut HeaderMap, stays: impl Fn(&HeaderName) -> bool) {
    let found = headers.keys().filter(|n| is_hop_by_hop(n)).cloned();
    let named = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok());
    let all: Vec<HeaderName> = found.chain(named).filter(|name| !stays(name)).collect();
    for name in &all {
        headers.remove(name);
    }
}

/// Makes one field of a client's cookies, of which HTTP/2 may send one each (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies = headers.get_all(header::COOKIE);
    if cookies.iter().nth(1).is_none() {
        return;
    }
    let cookies: Vec<_> = cookies.iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..])) {
        headers.insert(header::COOKIE, joined);
    }
}

/// A client may not use `connection` to take away what the host wrote (CVE-2022-31813).
fn is_from_the_host(name: &HeaderName) -> bool {
    let name = name.as_str();
    *name == header::HOST
        || *name == header::COOKIE
        || *name == header::AUTHORIZATION
        || *name == header::CONTENT_TYPE
        || *name == header::CONTENT_LENGTH
        || name.starts_with("x-")
        || name.starts_with("ce-")
        || matches!(name, "forwarded" | "traceparent" | "tracestate")
}

/// Makes a request's headers those of the message alone. An upgrade keeps what it needs.
pub(super) fn of_request(request: &mut Request) {
    let found = Found::of(request.headers());
    if found.hop_by_hop {
        let upgrades = request.headers().contains_key(header::UPGRADE);
        let is_needed = |name: &HeaderName| *name == header::CONNECTION || *name == header::UPGRADE;
        strip(request.headers_mut(), |name| {
            is_from_the_host(name) || (upgrades && is_needed(name))
        });
    }
    if found.cookie {
        join_cookies(request.headers_mut());
    }
    if found.length {
        let length = request.body().size_hint().exact();
        correct_length(request.headers_mut(), length);
    }
}

/// Makes a response legal: no body where there can be none, no stale length, nothing hop-by-hop.
pub(super) fn of_response(response: &mut Response, method: &Method) {
    let status = response.status();
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    let found = Found::of(response.headers());
    if found.hop_by_hop {
        strip(response.headers_mut(), |_| false);
    }
    if status == StatusCode::NO_CONTENT || status.is_informational() {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    } else if status == StatusCode::NOT_MODIFIED || *method == Method::HEAD {
        // The length, if any, tells of the body that a GET would have.
        *response.body_mut() = Body::empty();
    } else {
        if status == StatusCode::RESET_CONTENT {
            // RFC 9110, section 15.3.6: it has no content, and says so.
            *response.body_mut() = Body::empty();
        }
        if found.length {
            let length = response.body().size_hint().exact();
            correct_length(response.headers_mut(), length);
        }
    }
}

/// Mends a `content-length` that the body's own length contradicts, or that stands there twice.
fn correct_length(headers: &mut HeaderMap, length: Option<u64>) {
    let mut said = headers.get_all(header::CONTENT_LENGTH).iter();
    let (Some(first), Some(length)) = (said.next(), length) else {
        return;
    };
    let agrees = first.to_str().is_ok_and(|said| said.parse() == Ok(length));
    if !agrees || said.next().is_some() {
        headers.remove(header::CONTENT_LENGTH);
        // There is room again, of however many headers.
        let _inserted = headers.try_insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(pairs: &[(&'static str, &str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        let mut request = Request::default();
        *request.headers_mut() = headers;
        of_request(&mut request);
        request.headers().keys().map(ToString::to_string).collect()
    }

    #[test]
    fn what_belongs_to_the_connection_is_taken_off() {
        let left = stripped(&[
            ("connection", "keep-alive, foo"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("foo", "bar"),
            ("accept", "*/*"),
        ]);
        assert_eq!(left, ["accept"]);
    }

    #[test]
    fn a_client_cannot_take_away_what_the_host_wrote() {
        let left = stripped(&[
            ("connection", "x-forwarded-for"),
            ("x-forwarded-for", "192.0.2.1"),
        ]);
        assert_eq!(left, ["x-forwarded-for"]);
    }

    #[test]
    fn an_upgrade_keeps_what_it_needs_and_no_more() {
        let left = stripped(&[
            ("connection", "upgrade, x"),
            ("upgrade", "websocket"),
            ("te", "trailers"),
            ("proxy-authorization", "Basic x"),
            ("transfer-encoding", "chunked"),
            ("x", "1"),
        ]);
        assert_eq!(left, ["connection", "upgrade"]);
    }

    #[test]
    fn several_cookies_are_one_field() {
        let mut request = Request::default();
        for cookie in ["a=1", "b=\u{e9}", "c=3"] {
            let value = HeaderValue::from_bytes(cookie.as_bytes()).unwrap();
            request.headers_mut().append(header::COOKIE, value);
        }
        of_request(&mut request);
        let cookies: Vec<_> = request.headers().get_all(header::COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; b=\u{e9}; c=3".as_bytes()]);
    }

    #[test]
    fn a_response_may_take_away_any_header_of_its_own() {
        let mut response = Response::default();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close, x-a"));
        headers.insert("x-a", HeaderValue::from_static("1"));
        of_response(&mut response, &Method::GET);
        assert!(response.headers().is_empty());
    }

    #[test]
    fn a_204_has_neither_body_nor_length() {
        let mut response = Response::new(Body::from("text"));
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
            .headers_mut()
            .insert("content-length", HeaderValue::from(4));
        of_response(&mut response, &Method::GET);
        assert!(!response.headers().contains_key("content-length"));
        assert!(response.body().is_end_stream());
    }

    #[test]
    fn a_205_has_no_content() {
        let mut response = Response::new(Body::from("text"));
        *response.status_mut() = StatusCode::RESET_CONTENT;
        response
            .headers_mut()
            .insert("content-length", HeaderValue::from(4));
        of_response(&mut response, &Method::GET);
        assert_eq!(response.headers()["content-length"], "0");
        assert!(response.body().is_end_stream());
    }

    #[test]
    fn a_head_answer_keeps_the_length_of_the_body_it_leaves_out() {
        let mut response = Response::new(Body::from("text"));
        response
            .headers_mut()
            .insert("content-length", HeaderValue::from(4));
        of_response(&mut response, &Method::HEAD);
        assert_eq!(response.headers()["content-length"], "4");
        assert!(response.body().is_end_stream());
    }

    #[test]
    fn of_two_lengths_one_is_left() {
        let mut headers = HeaderMap::new();
        for length in ["4", "99"] {
            headers.append("content-length", length.parse().unwrap());
        }
        correct_length(&mut headers, Some(4));
        let left: Vec<_> = headers.get_all("content-length").iter().collect();
        assert_eq!(left, ["4"]);
    }

    #[test]
    fn a_stale_length_is_mended() {
        let mut response = Response::new(Body::from("text"));
        response
            .headers_mut()
            .insert("content-length", HeaderValue::from(9));
        of_response(&mut response, &Method::GET);
        assert_eq!(response.headers()["content-length"], "4");
    }
}
