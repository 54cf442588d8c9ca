//! Slices of the payload, which cost a reference count.

#[cfg(feature = "aws")]
use std::borrow::Cow;

use bytes::Bytes;
#[cfg(feature = "aws")]
use isobar_core::Text;

/// Makes bytes of a text: a slice of the payload where the text stands in it, else a copy.
pub(crate) fn bytes(payload: &Bytes, text: impl AsRef<[u8]>) -> Bytes {
    let text = text.as_ref();
    if stands_in(payload, text) {
        payload.slice_ref(text)
    } else {
        Bytes::copy_from_slice(text)
    }
}

/// Makes a text, in the same manner.
#[cfg(feature = "aws")]
pub(crate) fn text(payload: &Text, text: Cow<'_, str>) -> Text {
    if text.is_empty() {
        Text::new()
    } else if stands_in(payload.as_bytes(), text.as_bytes()) {
        payload.slice_ref(&text)
    } else {
        text.into_owned().into()
    }
}

/// True unless the text is ours: what JSON escapes, or writes as a number, was put together.
fn stands_in(payload: &Bytes, text: &[u8]) -> bool {
    let (outer, inner) = (payload.as_ptr_range(), text.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}
