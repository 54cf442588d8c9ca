//! The header: a Structured Field string (section 2.1), or its text alone, as most clients send it.

use isobar_core::{HeaderMap, HeaderName};

pub(super) const NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key that is taken, in characters.
const LONGEST: usize = 255;

/// Returns the key that a request bears, `None` where it bears none; else what is wrong with it.
pub(super) fn of(headers: &HeaderMap) -> Result<Option<String>, &'static str> {
    let mut values = headers.get_all(NAME).into_iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("there is more than one Idempotency-Key");
    }
    let text = value.to_str().ok().map(str::trim);
    let key = text.and_then(|text| match text.strip_prefix('"') {
        Some(rest) => quoted(rest),
        None => bare(text),
    });
    match key {
        Some(key) if (1..=LONGEST).contains(&key.len()) => Ok(Some(key)),
        Some(_) => Err("the Idempotency-Key has to have 1 to 255 characters"),
        None => Err("the Idempotency-Key is not a string in quotes"),
    }
}

/// Reads RFC 9651, section 3.3.3, after its first quote; parameters are passed over.
fn quoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => text.push(escaped),
                _ => return None,
            },
            '"' => break,
            plain => text.push(plain),
        }
    }
    let after = characters.as_str().trim_start();
    (after.is_empty() || after.starts_with(';')).then_some(text)
}

fn bare(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';');
    text.chars().all(is_plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use isobar_core::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_a_string_with_quotes_or_without() {
        for (value, wanted) in [
            ("\"8e03978e-40d5\"", Some("8e03978e-40d5")),
            ("8e03978e-40d5", Some("8e03978e-40d5")),
            (r#" "a\"b\\c" "#, Some(r#"a"b\c"#)),
            ("\"a b\"; p=1", Some("a b")),
            ("\"a\" b", None),
            ("\"a", None),
            (r#""a\x""#, None),
            ("a,b", None),
            ("a b", None),
            ("\"\"", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(NAME, HeaderValue::from_static(value));
            assert_eq!(of(&headers).unwrap_or(None).as_deref(), wanted, "{value}");
        }
    }

    #[test]
    fn a_key_too_long_or_twice_is_refused() {
        let mut headers = HeaderMap::new();
        let long = HeaderValue::try_from("k".repeat(256)).unwrap();
        headers.insert(NAME, long);
        assert!(of(&headers).is_err());
        headers.insert(NAME, HeaderValue::from_static("a"));
        headers.append(NAME, HeaderValue::from_static("a"));
        assert!(of(&headers).is_err());
        assert_eq!(of(&HeaderMap::new()), Ok(None));
    }
}
