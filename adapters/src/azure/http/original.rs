//! The client's own target, which App Service's front end keeps in a header.
//!
//! The front end decodes `%2F` in the path before the host ever sees it, and the host joins
//! repeated keys of a forwarded request's query.

use std::collections::BTreeMap;

use isobar_core::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;

const NAMES: [HeaderName; 2] = [
    HeaderName::from_static("x-waws-unencoded-url"),
    HeaderName::from_static("x-original-url"),
];

/// Returns the client's own path and query, if a header has them and they agree with `delivered`.
///
/// A forged one changes no route: it says the same once decoded, and what the host took for one
/// segment stays one.
pub(super) fn of<'h>(headers: &'h HeaderMap, delivered: &str) -> Option<&'h str> {
    let last = |name: HeaderName| headers.get_all(name).iter().next_back()?.to_str().ok();
    NAMES
        .into_iter()
        .filter_map(last)
        .find(|own| agrees(own, delivered))
}

fn agrees(own: &str, delivered: &str) -> bool {
    let (path, query) = own.split_once('?').unwrap_or((own, ""));
    let (delivered_path, delivered_query) = delivered.split_once('?').unwrap_or((delivered, ""));
    path.starts_with('/')
        && path_agrees(path, delivered_path)
        && (query == delivered_query || joined(query) == joined(delivered_query))
}

/// The same bytes once decoded. A `/` of the client's must be one of the host's too: the host has
/// checked keys and roles for the route that it saw, in which a `%2F` parts no segments.
fn path_agrees(own: &str, delivered: &str) -> bool {
    let (own, delivered) = (units(own), units(delivered));
    own.len() == delivered.len()
        && own.iter().zip(&delivered).all(|(own, delivered)| {
            own.byte == delivered.byte && (own.byte != b'/' || own.encoded || !delivered.encoded)
        })
}

struct Unit {
    byte: u8,
    encoded: bool,
}

fn units(path: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let decoded = (*first == b'%').then(|| hex_pair(after)).flatten();
        units.push(Unit {
            byte: decoded.unwrap_or(*first),
            encoded: decoded.is_some(),
        });
        rest = after
            .get(if decoded.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    units
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// A query as the host has it: a value a key, repeats joined by a comma, keys in any case.
fn joined(query: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decoded(key).to_ascii_lowercase(), decoded(value));
        all.entry(key)
            .and_modify(|values| {
                values.push(b',');
                values.extend_from_slice(&value);
            })
            .or_insert(value);
    }
    all
}

fn decoded(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_only_where_it_says_the_same() {
        // trap 7, and "all three ways" of the contract
        for (own, delivered, wanted) in [
            ("/api/a%2Fb?x=1", "/api/a/b?x=1", true),
            ("/api/caf%c3%a9", "/api/caf%C3%A9", true),
            ("/api/a?x=1&x=2", "/api/a?x=1%2C2", true),
            ("/api/a?X=1&y&x=2", "/api/a?y=&x=1,2", true),
            ("/api/a?x=a+b", "/api/a?x=a%20b", true),
            ("/api/a%252Fb", "/api/a%252Fb", true),
            ("/api/admin", "/api/a", false),
            ("/api/a?x=2", "/api/a?x=1", false),
            ("/api/a?x=1&x=2", "/api/a?x=1", false),
            ("/api/a", "/api/a?x=1", false),
            ("/api/a/../b", "/api/b", false),
            ("/api/a%252Fb", "/api/a/b", false),
            ("https://a.example/api/a", "/api/a", false),
            ("", "/", false),
            ("/api/%", "/api/%25", true),
            ("/api/%2", "/api/%2", true),
        ] {
            assert_eq!(agrees(own, delivered), wanted, "{own} {delivered}");
        }
    }

    #[test]
    fn a_slash_that_was_none_for_the_host_is_none_for_the_application() {
        assert!(!agrees("/api/admin/x", "/api/admin%2Fx"));
        assert!(agrees("/api/admin%2Fx", "/api/admin%2Fx"));
    }

    #[test]
    fn the_front_ends_own_value_is_the_last() {
        let mut headers = HeaderMap::new();
        headers.append("x-waws-unencoded-url", "/a%2Fb".parse().unwrap());
        headers.append("x-waws-unencoded-url", "/evil".parse().unwrap());
        assert_eq!(of(&headers, "/a/b"), None);
        headers.append("x-original-url", "/a%2fb".parse().unwrap());
        assert_eq!(of(&headers, "/a/b"), Some("/a%2fb"));
    }
}
