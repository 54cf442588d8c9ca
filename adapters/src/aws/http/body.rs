//! A request's body from an event's text.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::Body;

use crate::aws::json::Long;
use crate::slice;

/// Reads a body: base64 by the flag alone (trap 17), else the text's own bytes, a slice of the
/// payload where it holds no escape. `None` if it is not the base64 that it is said to be, or no text.
pub(super) fn read(payload: &ByteString, body: Long<'_>, is_base64: bool) -> Option<Body> {
    // An escape is no base64, and large bodies are not looked through for one.
    let letters = body.letters().filter(|_| is_base64);
    let decode = |letters: &str| base64_simd::STANDARD.decode_to_vec(letters.as_bytes()).ok();
    if let Some(bytes) = letters.and_then(decode) {
        return Some(Body::from(bytes));
    }
    let text = match body.text() {
        Some(text) => text,
        None if body.letters().is_some() => return None,
        None => return Some(Body::empty()),
    };
    if text.is_empty() {
        return Some(Body::empty());
    }
    if is_base64 {
        let decoded = base64_simd::forgiving_decode_to_vec(text.as_bytes());
        return Some(Body::from(decoded.ok()?));
    }
    Some(Body::from(match text {
        Cow::Borrowed(text) => slice::bytes(payload.as_bytes(), text),
        Cow::Owned(text) => Bytes::from(text),
    }))
}
