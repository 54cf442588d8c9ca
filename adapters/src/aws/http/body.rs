//! A request's body from an event's text.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::Body;

use crate::aws::slice;

/// Reads a body: base64 by the flag alone (trap 17), else the text's own bytes, a slice of the
/// payload where it holds no escape. `None` if it is not the base64 that it is said to be.
pub(super) fn read(
    payload: &ByteString,
    text: Option<Cow<'_, str>>,
    is_base64: bool,
) -> Option<Body> {
    let text = text.unwrap_or_default();
    if text.is_empty() {
        return Some(Body::empty());
    }
    if is_base64 {
        let decoded = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
        let decoded = decoded.or_else(|_| base64_simd::forgiving_decode_to_vec(text.as_bytes()));
        return Some(Body::from(decoded.ok()?));
    }
    Some(Body::from(match text {
        Cow::Borrowed(text) => slice::bytes(payload, text),
        Cow::Owned(text) => Bytes::from(text),
    }))
}
