//! A request's target as a whole URI, the same on every host.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use isobar_core::{Request, Uri};

use crate::authority;

/// Gives the request's URI a scheme and an authority. Path and query stay byte for byte what they
/// are; the URI is put together from checked parts, never parsed as a whole, so `//evil/x` stays a
/// path. Without a legal `Host` the URI keeps the form it came in.
pub(crate) fn absolute(request: &mut Request, scheme: Scheme) {
    let authority = match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => host(request),
    };
    let Some(authority) = authority else { return };
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(scheme);
    parts.authority = Some(authority);
    parts
        .path_and_query
        .get_or_insert_with(|| PathAndQuery::from_static("/"));
    // It fails only where a part is missing, and all are there.
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
}

fn host(request: &Request) -> Option<Authority> {
    authority::of_host(request.headers().get(HOST)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use isobar_core::Body;

    fn absolute_of(target: &str, host: &str) -> String {
        let mut request = http::Request::get(target)
            .header(HOST, host)
            .body(Body::empty())
            .unwrap();
        absolute(&mut request, Scheme::HTTPS);
        request.uri().to_string()
    }

    #[test]
    fn a_path_never_becomes_the_authority() {
        for (target, host, wanted) in [
            ("/a%2Fb?x=1&x", "a.example", "https://a.example/a%2Fb?x=1&x"),
            (
                "//evil/x",
                "a.example:8080",
                "https://a.example:8080//evil/x",
            ),
            ("http://b.example/x", "a.example", "https://b.example/x"),
            ("/x", "user@a.example", "/x"),
            ("/x", "a b", "/x"),
            ("/x", "", "/x"),
            ("*", "a.example", "https://a.example*"),
        ] {
            assert_eq!(absolute_of(target, host), wanted, "{target} {host}");
        }
    }
}
