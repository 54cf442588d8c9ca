use std::borrow::Cow;

use base64_simd::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;

/// Decodes base64 as protobuf's JSON mapping has it: of either alphabet, padded or not.
///
/// Source: <https://protobuf.dev/programming-guides/json/>.
pub(crate) fn decode(text: &str) -> Option<Bytes> {
    if let Ok(bytes) = STANDARD.decode_to_vec(text) {
        return Some(bytes.into());
    }
    let text = text.trim_end_matches('=');
    let text = if text.contains(['-', '_']) {
        Cow::Owned(text.replace('-', "+").replace('_', "/"))
    } else {
        Cow::Borrowed(text)
    };
    STANDARD_NO_PAD
        .decode_to_vec(text.as_bytes())
        .ok()
        .map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn both_alphabets_are_read_padded_or_not() {
        for text in ["-_8=", "+/8=", "-_8", "+/8"] {
            assert_eq!(decode(text).unwrap(), [0xFB, 0xFF].as_slice(), "{text}");
        }
        assert_eq!(decode("").unwrap(), "");
        for text in ["a", "a b", "é", "a=b="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
