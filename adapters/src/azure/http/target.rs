//! Path and query, as the client sent them and without the route prefix.

use std::borrow::Cow;

use http::uri::PathAndQuery;
use isobar_core::{Request, Text, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::original;
use super::prefix::Prefix;

/// What can stand in no target: all else stays as it was sent.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Gives the request the target that the host delivered, or the client's own where its headers
/// have it, without the prefix. Returns what came off; `None` if it can be no target.
pub(super) fn set(prefix: &Prefix, request: &mut Request, delivered: &str) -> Option<Text> {
    let own = original::of(request.headers(), delivered);
    let (root, target) = own
        .and_then(|own| prefix.strip(own))
        .or_else(|| prefix.strip(delivered))
        .unwrap_or_else(|| (Text::new(), Cow::Borrowed(delivered)));
    let target = path_and_query(&target)?;
    let uri = std::mem::take(request.uri_mut());
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(target);
    *request.uri_mut() = Uri::from_parts(parts).ok()?;
    Some(root)
}

fn path_and_query(target: &str) -> Option<PathAndQuery> {
    if target.is_ascii()
        && let Ok(legal) = PathAndQuery::try_from(target)
    {
        return Some(legal);
    }
    let legal = utf8_percent_encode(target, ILLEGAL).to_string();
    PathAndQuery::try_from(legal).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use isobar_core::Body;

    fn set_of(delivered: &str, own: Option<&str>) -> (String, String) {
        let mut request = Request::new(Body::empty());
        if let Some(own) = own {
            let name = "x-waws-unencoded-url";
            request.headers_mut().insert(name, own.parse().unwrap());
        }
        let root = set(&Prefix::new("api"), &mut request, delivered).unwrap();
        (request.uri().to_string(), root.to_string())
    }

    #[test]
    fn path_and_query_stay_as_they_are() {
        for (delivered, wanted) in [
            ("/api/a%2Fb?x=1&x=2&y", "/a%2Fb?x=1&x=2&y"),
            ("/api//evil/x", "//evil/x"),
            ("/api/%FF?%26=+", "/%FF?%26=+"),
            ("/api/caf\u{e9} {}?a b#c", "/caf%C3%A9%20%7B%7D?a%20b%23c"),
            ("/api", "/"),
        ] {
            assert_eq!(set_of(delivered, None), (wanted.into(), "/api".into()));
        }
        assert_eq!(set_of("/other/x", None), ("/other/x".into(), String::new()));
    }

    #[test]
    fn the_clients_own_target_loses_its_prefix_too() {
        let own = |own| set_of("/api/a/b?x=1", Some(own)).0;
        assert_eq!(own("/api/a%2Fb?x=1"), "/a%2Fb?x=1");
        // the prefix would not come off: what the host delivered holds
        assert_eq!(own("/api%2Fa/b?x=1"), "/a/b?x=1");
    }
}
