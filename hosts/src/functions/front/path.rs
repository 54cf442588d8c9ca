//! Paths, as ASP.NET decodes and writes them.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What may not stand in a path as it is. A `%` that begins an escape is left alone elsewhere.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What may not stand in a query's name or value.
const QUERY: &AsciiSet = &ESCAPED
    .add(b'&')
    .add(b'+')
    .add(b',')
    .add(b'=')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'@')
    .add(b'$')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'*')
    .add(b'!');

/// The path decoded, but for `%2F`, which stays an escape.
pub(super) fn decoded(path: &str) -> String {
    let kept = path.replace("%2F", "%252F").replace("%2f", "%252F");
    percent_decode_str(&kept).decode_utf8_lossy().into_owned()
}

/// The path decoded and encoded again: `%2F` is kept, and needless escapes are gone.
pub(super) fn encoded_again(path: &str) -> String {
    encoded(&decoded(path))
}

/// As [`encoded_again`], but cut where a `?` or `#` comes out of it.
pub(super) fn encoded_and_cut(path: &str) -> String {
    let decoded = decoded(path);
    encoded(decoded.split(['?', '#']).next().unwrap_or_default())
}

/// Encodes what is decoded; what looks like an escape already is left as it is.
fn encoded(decoded: &str) -> String {
    let mut encoded = String::new();
    for (at, part) in decoded.split('%').enumerate() {
        if at > 0 {
            encoded.push_str(if begins_escape(part) { "%" } else { "%25" });
        }
        encoded.extend(utf8_percent_encode(part, ESCAPED));
    }
    encoded
}

fn begins_escape(part: &str) -> bool {
    let mut bytes = part.bytes();
    let mut hex = || bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
    hex() && hex()
}

/// A name or value of a query, encoded.
pub(super) fn query_encoded(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// A name or value of a query, decoded as a form.
pub(super) fn query_decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// The query as the host's dictionary has it: each name once, its values joined by a comma.
pub(super) fn dictionary(query: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (query_decoded(name), query_decoded(value));
        match all
            .iter_mut()
            .find(|(own, _)| own.eq_ignore_ascii_case(&name))
        {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => all.push((name, value)),
        }
    }
    all
}

/// The path behind the route prefix, at a segment's border.
pub(super) fn without_prefix<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() {
        return Some(path);
    }
    let path = path.trim_start_matches('/');
    let (first, rest) = path.split_at_checked(prefix.len())?;
    let whole = rest.is_empty() || rest.starts_with('/');
    (first.eq_ignore_ascii_case(prefix) && whole).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_again() {
        assert_eq!(encoded_again("/a%2Fb%20c%41/%3F"), "/a%2Fb%20cA/%3F");
        assert_eq!(encoded_again("/caf%C3%A9|"), "/caf%C3%A9%7C");
        assert_eq!(encoded_and_cut("/a%3Fb"), "/a");
    }

    #[test]
    fn prefixes_are_whole_segments() {
        assert_eq!(without_prefix("/api/x", "api"), Some("/x"));
        assert_eq!(without_prefix("/apis/x", "api"), None);
        assert_eq!(without_prefix("/x", ""), Some("/x"));
    }

    #[test]
    fn dictionaries_join_repeats() {
        let joined = dictionary("a=1&b=%20x&a=2");
        assert_eq!(
            joined,
            [
                ("a".to_owned(), "1,2".to_owned()),
                ("b".to_owned(), " x".to_owned())
            ]
        );
        assert_eq!(query_encoded("1,2"), "1%2C2");
    }
}
