//! Bytes that were seen, as far as they are kept.

use base64_simd::STANDARD;
use bytes::Bytes;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest body that is kept whole, in bytes.
pub const LIMIT: usize = 128 << 10;

/// Bytes, cut where they are many; in JSON as text where they are that, else as base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob {
    bytes: Bytes,
    length: u64,
}

impl Blob {
    /// Keeps bytes, as many as there is room for.
    pub fn of(bytes: &[u8]) -> Self {
        let kept = bytes.get(..LIMIT).unwrap_or(bytes);
        Self::cut(Bytes::copy_from_slice(kept), bytes.len() as u64)
    }

    /// Makes one of what was kept of `length` bytes.
    pub fn cut(kept: Bytes, length: u64) -> Self {
        let mut bytes = kept;
        if (bytes.len() as u64) < length {
            // not in the middle of a letter
            if let Err(error) = std::str::from_utf8(&bytes)
                && error.error_len().is_none()
            {
                bytes.truncate(error.valid_up_to());
            }
        }
        Self { bytes, length }
    }

    /// Adds bytes, as many as there is room for.
    pub(crate) fn push(&mut self, more: &[u8]) {
        let room = LIMIT.saturating_sub(self.bytes.len());
        let kept = if self.is_cut() {
            &[]
        } else {
            more.get(..room).unwrap_or(more)
        };
        let bytes = [&self.bytes[..], kept].concat();
        *self = Self::cut(bytes.into(), self.length + more.len() as u64);
    }

    /// Returns what was kept.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns how many bytes there were.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns true if a part of it was not kept.
    pub fn is_cut(&self) -> bool {
        self.length > self.bytes.len() as u64
    }

    /// Returns true if there were none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns it as text, where it is that.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// The form in JSON.
#[derive(Deserialize, Serialize)]
struct Form<'a> {
    length: u64,
    #[serde(skip_serializing_if = "Option::is_none", borrow, default)]
    text: Option<std::borrow::Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    base64: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    cut: bool,
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text();
        let base64 = text
            .is_none()
            .then(|| STANDARD.encode_to_string(&self.bytes));
        let form = Form {
            length: self.length,
            text: text.map(Into::into),
            base64,
            cut: self.is_cut(),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer)?;
        let bytes: Bytes = match (form.text, form.base64) {
            (Some(text), _) => text.into_owned().into(),
            (None, Some(text)) => STANDARD
                .decode_to_vec(text)
                .map_err(|error| D::Error::custom(format!("base64: {error}")))?
                .into(),
            (None, None) => Bytes::new(),
        };
        let length = form.length.max(bytes.len() as u64);
        Ok(Self { bytes, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(blob: &Blob) -> Blob {
        serde_json::from_str(&serde_json::to_string(blob).unwrap()).unwrap()
    }

    #[test]
    fn text_and_bytes_come_through_json_as_they_are() {
        for bytes in [&b""[..], b"caf\xc3\xa9 \"x\"\n", b"\xff\0\x01"] {
            let blob = Blob::of(bytes);
            assert_eq!(again(&blob), blob);
            assert_eq!((&blob.bytes()[..], blob.is_cut()), (bytes, false));
        }
    }

    #[test]
    fn what_is_long_is_cut_between_letters_and_says_so() {
        let blob = Blob::of("é".repeat(LIMIT).as_bytes());
        assert_eq!(blob.length(), 2 * LIMIT as u64);
        assert!(blob.is_cut() && blob.text().is_some());
        let odd = Blob::of(format!("x{}", "é".repeat(LIMIT)).as_bytes());
        assert_eq!(odd.text().unwrap().len(), LIMIT - 1);
        assert_eq!(again(&odd), odd);
    }
}
