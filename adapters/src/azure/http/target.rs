//! Path and query, as the client sent them and without the route prefix.

use std::borrow::Cow;

use http::uri::PathAndQuery;
use isobar_core::{Bytes, Text};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::prefix::Prefix;
use crate::slice;

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

/// Returns the client's `own` target where the host told it, else the one that it delivered, without the
/// prefix, and what came off; `None` if it can be no target.
///
/// What stands in `payload` is taken as a part of it.
pub(super) fn of(
    prefix: &Prefix,
    own: Option<&str>,
    delivered: &str,
    payload: &Bytes,
) -> Option<(Text, PathAndQuery)> {
    let (root, target) = own
        .and_then(|own| prefix.strip(own))
        .or_else(|| prefix.strip(delivered))
        .unwrap_or_else(|| (Text::new(), Cow::Borrowed(delivered)));
    Some((root, path_and_query(&target, payload)?))
}

fn path_and_query(target: &str, payload: &Bytes) -> Option<PathAndQuery> {
    if target.is_ascii()
        && let Ok(legal) = PathAndQuery::from_maybe_shared(slice::bytes(payload, target))
    {
        return Some(legal);
    }
    let legal = utf8_percent_encode(target, ILLEGAL).to_string();
    PathAndQuery::try_from(legal).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_of(delivered: &str, own: Option<&str>) -> (String, String) {
        let payload = Bytes::from(format!("{{\"Url\":\"{delivered}\"}}"));
        let within = std::str::from_utf8(&payload[8..8 + delivered.len()]).unwrap();
        let [copied, shared] = [delivered, within].map(|delivered| {
            let (root, target) = of(&Prefix::new("api"), own, delivered, &payload).unwrap();
            (target.to_string(), root.to_string())
        });
        assert_eq!(copied, shared);
        copied
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
