//! Pages that a browser shows on the developer's machine.
//!
//! Any page can have a browser post to any address, this machine's too. What a client is answered is the
//! application's own affair; an event has no client, so whoever could send one would be believed.

use http::header::ORIGIN;
use http::uri::{Authority, Uri};
use isobar_core::{Error, HeaderMap, IntoResponse, Response, StatusCode};

/// Returns true if a page of another machine has sent it. A browser says of which page a POST is, and
/// lets no page say otherwise; what is no browser says nothing.
pub(super) fn is_foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let uri = Uri::try_from(origin.as_bytes()).ok();
    let host = uri.as_ref().and_then(Uri::authority).map(Authority::host);
    !host.is_some_and(is_own)
}

/// True for a name that no name server can give to another machine.
fn is_own(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

pub(super) fn refused() -> Response {
    let detail = "a page of another machine may not send events";
    tracing::warn!("refused an event: {detail}");
    Error::new(StatusCode::FORBIDDEN, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_are_its_own() {
        for (origin, foreign) in [
            ("http://localhost:8080", false),
            ("http://127.0.0.1:3000", false),
            ("http://[::1]:3000", false),
            ("https://evil.example", true),
            ("http://localhost.evil.example:8080", true),
            ("http://127.0.0.1.evil.example", true),
            ("http://user@evil.example", true),
            ("http://192.0.2.1", true),
            ("null", true),
            ("", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, origin.parse().unwrap());
            assert_eq!(is_foreign(&headers), foreign, "{origin}");
        }
        assert!(!is_foreign(&HeaderMap::new()));
    }
}
