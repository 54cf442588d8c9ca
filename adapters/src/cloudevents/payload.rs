//! Slices of what was delivered, which cost a reference count.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::Text;

/// A payload that is text.
#[derive(Clone, Debug)]
pub(crate) struct Payload(ByteString);

impl Payload {
    /// Takes a payload; `None` if it is not UTF-8.
    pub(crate) fn of(payload: &Bytes) -> Option<Self> {
        ByteString::try_from(payload.clone()).ok().map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a text: a slice of the payload where the text stands in it, else what was made of it.
    pub(crate) fn text(&self, text: Cow<'_, str>) -> Text {
        if self.holds(&text) {
            self.0.slice_ref(&text)
        } else {
            text.into_owned().into()
        }
    }

    /// Makes bytes, in the same manner.
    pub(crate) fn bytes(&self, text: Cow<'_, str>) -> Bytes {
        if self.holds(&text) {
            self.0.as_bytes().slice_ref(text.as_bytes())
        } else {
            text.into_owned().into()
        }
    }

    fn holds(&self, text: &str) -> bool {
        let outer = self.0.as_bytes().as_ptr_range();
        let inner = text.as_bytes().as_ptr_range();
        !text.is_empty() && outer.start <= inner.start && inner.end <= outer.end
    }
}
