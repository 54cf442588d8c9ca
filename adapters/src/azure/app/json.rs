//! JSON as the host's own reader takes it.

use serde_json::{Error, Value};

/// Reads JSON in which a byte-order mark, comments and trailing commas are no mistake.
///
/// The host reads its files with Json.NET, which takes all three, and so they are met in the wild.
pub(super) fn parse(text: &str) -> Result<Value, Error> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).or_else(|_maybe_relaxed| serde_json::from_slice(&strict(text)))
}

/// Returns the member of an object whose name is `name`, in any case.
pub(super) fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let members = object.as_object()?;
    members
        .get(name)
        .or_else(|| Some(members.iter().find(|m| m.0.eq_ignore_ascii_case(name))?.1))
        .filter(|value| !value.is_null())
}

/// Blanks comments and trailing commas; lines and columns stay, so that an error's place is right.
fn strict(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            b'/' => comment_length(rest),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        match first {
            b'/' if length > 1 => out.extend(token.iter().copied().map(blank)),
            b'}' | b']' => {
                blank_trailing_comma(&mut out);
                out.push(*first);
            }
            _ => out.extend_from_slice(token),
        }
        rest = after;
    }
    out
}

fn blank(byte: u8) -> u8 {
    if byte == b'\n' { b'\n' } else { b' ' }
}

fn blank_trailing_comma(out: &mut [u8]) {
    if let Some(last) = out.iter_mut().rfind(|byte| !byte.is_ascii_whitespace())
        && *last == b','
    {
        *last = b' ';
    }
}

/// The length of the string that `text` begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = true;
    let end = text.iter().position(|byte| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 1)
}

/// The length of the comment that `text` begins with; 1 if it is none.
fn comment_length(text: &[u8]) -> usize {
    let end_of = |end: &[u8]| {
        let body = text.get(2..).unwrap_or_default();
        let found = body.windows(end.len()).position(|window| window == end);
        found.map_or(text.len(), |at| 2 + at + end.len())
    };
    match text.get(1) {
        Some(b'/') => end_of(b"\n"),
        Some(b'*') => end_of(b"*/"),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn comments_and_trailing_commas_are_taken_as_the_host_takes_them() {
        let text = "\u{feff}{ // é\n \"a\": [1, 2, ], /* \"b\": 2, */ \"c\": \"//\\\",}\", }";
        assert_eq!(parse(text).unwrap(), json!({"a": [1, 2], "c": "//\",}"}));
    }

    #[test]
    fn what_is_no_json_at_all_is_refused_with_its_place() {
        let error = parse("{\n  /* x */ \"a\": nope }").unwrap_err();
        assert_eq!(error.line(), 2);
        for wrong in ["", "/", "/*", "//", "\"", "{\"a\\", "{/}", "[1,,]"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_members_name_has_any_case() {
        let object = json!({"RoutePrefix": "v1", "none": null});
        assert_eq!(member(&object, "routePrefix"), Some(&json!("v1")));
        assert_eq!(member(&object, "none"), None);
    }
}
