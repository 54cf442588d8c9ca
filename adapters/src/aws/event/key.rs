//! S3's keys, which its notifications encode as a form does.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>,
//! "the key is URL encoded".

use std::borrow::Cow;

/// Decodes a key: `+` is a space. A `%` that two hex digits do not follow stands for itself. `None`
/// if what comes of it is not UTF-8.
pub(super) fn decoded(key: &str) -> Option<Cow<'_, str>> {
    if !key.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(key));
    }
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    rest = after;
                    high << 4 | low
                }
                None => b'%',
            },
            (other, _) => *other,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_decoded_as_a_form_is() {
        for (key, wanted) in [
            ("photo.jpg", Some("photo.jpg")),
            ("my+photo%281%29.jpg", Some("my photo(1).jpg")),
            ("a%2Bb", Some("a+b")),
            ("%E2%82%AC/%c3%a9", Some("€/é")),
            ("é+", Some("é ")),
            ("100%", Some("100%")),
            ("%zz%4", Some("%zz%4")),
            ("%25", Some("%")),
            ("%ff", None),
            ("", Some("")),
        ] {
            assert_eq!(decoded(key).as_deref(), wanted, "{key}");
        }
    }
}
