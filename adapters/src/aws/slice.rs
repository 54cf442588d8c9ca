//! Slices of the payload, which cost a reference count.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::Text;

/// Makes bytes of a text: a slice of the payload where the text stands in it, else a copy.
pub(super) fn bytes(payload: &ByteString, text: impl AsRef<[u8]>) -> Bytes {
    let text = text.as_ref();
    if stands_in(payload, text) {
        payload.as_bytes().slice_ref(text)
    } else {
        Bytes::copy_from_slice(text)
    }
}

/// Makes a text, in the same manner.
pub(super) fn text(payload: &ByteString, text: Cow<'_, str>) -> Text {
    if text.is_empty() {
        Text::new()
    } else if stands_in(payload, text.as_bytes()) {
        payload.slice_ref(&text)
    } else {
        text.into_owned().into()
    }
}

/// True unless the text is ours: what JSON escapes, or writes as a number, was put together.
fn stands_in(payload: &ByteString, text: &[u8]) -> bool {
    let (outer, inner) = (payload.as_bytes().as_ptr_range(), text.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}
