//! A request's target as a whole URI, the same on every host.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use isobar_core::{Bytes, Request};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::authority;

/// Gives the request's URI a scheme and an authority. Path and query stay byte for byte what they
/// are, but for what is not ASCII; the URI is put together from checked parts, never parsed as a whole, so
/// `//evil/x` stays a path. Without a legal `Host` the URI is the path and the query alone.
pub(crate) fn absolute(request: &mut Request, scheme: Scheme) {
    let own = request.uri().authority();
    let authority = match own.filter(|own| !authority::is_disguised(own)) {
        Some(own) => Some(own.clone()),
        None => host(request),
    };
    let target = std::mem::take(request.uri_mut())
        .into_parts()
        .path_and_query;
    let mut target = target.unwrap_or_else(|| PathAndQuery::from_static("/"));
    if !target.as_str().is_ascii() {
        let encoded = utf8_percent_encode(target.as_str(), CONTROLS).to_string();
        target = PathAndQuery::try_from(encoded).unwrap_or(target);
    }
    *request.uri_mut() = authority::uri(scheme, authority, target);
}

fn host(request: &Request) -> Option<Authority> {
    let host = request.headers().get(HOST)?;
    authority::of_host(Bytes::copy_from_slice(host.as_bytes()))
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
            ("http://u:p@b.example/x", "a.example", "https://a.example/x"),
            ("http://u:p@b.example/x?y", "u@a.example", "/x?y"),
            (
                "/\u{e9}?\u{e9}=%C3",
                "a.example",
                "https://a.example/%C3%A9?%C3%A9=%C3",
            ),
        ] {
            assert_eq!(absolute_of(target, host), wanted, "{target} {host}");
        }
    }
}
