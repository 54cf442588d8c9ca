//! Function keys, which travel on with a request: nothing that is logged or shown may have them.

use std::borrow::Cow;

use isobar_core::{Bytes, HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;

const HEADER: HeaderName = HeaderName::from_static("x-functions-key");
const PARAMETER: &str = "code";

/// Marks the header, so that whoever prints the request prints no key; returns true if it is there.
pub(super) fn hide(headers: &mut HeaderMap) -> bool {
    let is_there = headers.contains_key(&HEADER);
    if is_there {
        // An entry of a map that is full cannot be had.
        let keys = headers.iter_mut().filter(|(name, _)| **name == HEADER);
        keys.for_each(|(_, value)| value.set_sensitive(true));
    }
    is_there
}

/// A request of more keys than these is searched for none of them: each costs a search of the whole
/// payload, and a client may send thousands.
const MOST: usize = 8;

/// Returns a payload without the keys that the request came with: stars in their place, so that it
/// stays as long as it was.
pub(super) fn redact(payload: Bytes, headers: Option<&HeaderMap>, target: &str) -> Bytes {
    if headers.is_none() && !target.contains('?') {
        return payload;
    }
    let keys: Vec<_> = of(headers, target).take(MOST + 1).collect();
    if keys.is_empty() {
        return payload;
    }
    // A payload that is not searched, or is no text, is not shown at all.
    if keys.len() > MOST {
        return Bytes::new();
    }
    let Ok(text) = std::str::from_utf8(&payload) else {
        return Bytes::new();
    };
    let mut redacted = payload.to_vec();
    for key in keys {
        for at in places(text, &key) {
            let stars = redacted.get_mut(at..at + key.len());
            stars.unwrap_or_default().fill(b'*');
        }
    }
    redacted.into()
}

/// The keys of a request, each as it was sent and as it reads once decoded.
fn of<'r>(headers: Option<&'r HeaderMap>, target: &'r str) -> impl Iterator<Item = Cow<'r, str>> {
    let in_header = headers
        .into_iter()
        .flat_map(|headers| headers.get_all(HEADER));
    let in_header = in_header
        .filter_map(|value| value.to_str().ok())
        .map(Cow::Borrowed);
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let in_query = pairs
        .filter(|(name, _)| name.eq_ignore_ascii_case(PARAMETER))
        .flat_map(|(_, key)| {
            [
                Cow::Borrowed(key),
                percent_decode_str(key).decode_utf8_lossy(),
            ]
        });
    in_header.chain(in_query).filter(|key| !key.is_empty())
}

/// Where a key stands as a whole value: between quotes, or in a query. Elsewhere it could be part
/// of anything, of the JSON's own structure even.
fn places<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = usize> {
    let is_structure = |c: char| matches!(c, '"' | '\\' | ',' | ':' | '{' | '}' | '[' | ']');
    let is_plain = !key.contains(is_structure) && !key.contains(char::is_whitespace);
    let found = text.match_indices(key).filter(move |_| is_plain);
    let bytes = text.as_bytes();
    found.map(|(at, _)| at).filter(move |at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        matches!(before, Some(b'"' | b'='))
            && matches!(bytes.get(at + key.len()), Some(b'"' | b'&' | b'\\' | b'#'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_seen_nowhere_in_the_native_event() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, "k3y-in_header==".parse().unwrap());
        let target = "/api/x?Code=k3y%2Fin%3Dquery&x=1";
        let json = r#"{"Url":"https://a/api/x?Code=k3y%2Fin%3Dquery&x=1","Query":{"Code":"k3y/in=query"},
            "Headers":{"x-functions-key":["k3y-in_header=="]},"Metadata":{"Code":"\"k3y/in=query\""}}"#;
        let redacted = redact(Bytes::from(json), Some(&headers), target);
        let text = std::str::from_utf8(&redacted).unwrap();
        assert!(!text.contains("k3y"), "{text}");
        assert_eq!(text.len(), json.len());
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
    }

    #[test]
    fn a_short_or_strange_key_does_not_break_the_json() {
        let json = r#"{"a":"1","b":1,"c":"x,y","d":["1","1"]}"#;
        for target in [
            "/?code=1",
            "/?code=,",
            "/?code=%22",
            "/?code=:1,",
            "/?code=%20",
        ] {
            let redacted = redact(Bytes::from(json), None, target);
            assert!(
                serde_json::from_slice::<serde_json::Value>(&redacted).is_ok(),
                "{target}"
            );
        }
    }

    #[test]
    fn of_more_keys_than_anybody_has_none_is_searched_for() {
        let target = format!("/?{}", "code=k3y&".repeat(1000));
        let payload = Bytes::from(format!(r#"{{"Url":"https://a{target}"}}"#));
        assert!(redact(payload, None, &target).is_empty());
    }

    #[test]
    fn without_a_key_nothing_is_copied() {
        let payload = Bytes::from_static(b"{}");
        let same = redact(payload.clone(), None, "/x?encode=1");
        assert_eq!(same.as_ptr(), payload.as_ptr());
    }
}
