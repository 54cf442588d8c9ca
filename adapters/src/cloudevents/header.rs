//! The value of a `ce-` header: HTTP protocol binding, section 3.1.3.2.

use std::borrow::Cow;

use isobar_core::HeaderValue;
use percent_encoding::percent_decode;

/// Decodes a value: a quoted string is unquoted, then one round of percent-decoding is done.
///
/// A `%` that two hexadecimal digits do not follow stays what it is, which the specification leaves
/// open; most senders do not encode at all. `None` if the result is not UTF-8.
pub(super) fn decode(value: &HeaderValue) -> Option<String> {
    let plain = unquote(value.as_bytes());
    let decoded: Cow<'_, [u8]> = percent_decode(&plain).into();
    String::from_utf8(decoded.into_owned()).ok()
}

fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let quoted = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let Some(inner) = quoted else {
        return Cow::Borrowed(value);
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' {
            bytes.next().unwrap_or(byte)
        } else {
            byte
        };
        plain.push(*byte);
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unquoted_and_then_decoded_once() {
        for (sent, wanted) in [
            ("plain", "plain"),
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            ("%e2%82%ac %41", "€ A"),
            ("a%2525b", "a%25b"),
            ("100%, %zz and %4", "100%, %zz and %4"),
            (r#""a \"b\" \\ %22""#, r#"a "b" \ ""#),
            (r#"""#, r#"""#),
            ("", ""),
        ] {
            let value = HeaderValue::from_str(sent).unwrap();
            assert_eq!(decode(&value).as_deref(), Some(wanted), "{sent}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_refused() {
        assert_eq!(decode(&HeaderValue::from_static("%C0%A0")), None);
        assert_eq!(decode(&HeaderValue::from_bytes(b"\xff").unwrap()), None);
        let raw = HeaderValue::from_bytes("é".as_bytes()).unwrap();
        assert_eq!(decode(&raw).as_deref(), Some("é"));
    }
}
