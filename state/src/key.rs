//! What a record is found by, and what tells one request from another.

use std::fmt;

use sha2::{Digest, Sha256};

/// What a record is found by: 64 hexadecimal digits, fit for a file's name and a table's index.
///
/// It is the SHA-256 of what the key is of, since sources' keys are of any length and any
/// characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// Makes the key of some parts, which say together what it is the key of.
    ///
    /// # Example: parts are kept apart
    ///
    /// ```
    /// use isobar_state::Key;
    ///
    /// assert_ne!(Key::of(["ab", "c"]), Key::of(["a", "bc"]));
    /// assert_eq!(Key::of(["orders", "17"]).as_str().len(), 64);
    /// ```
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash_part(&mut hash, part.as_bytes());
        }
        Self(hex(&hash.finalize()))
    }

    /// Returns the 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What tells a request from another that bears the same key: the SHA-256 of what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Takes the fingerprint of some parts, which are kept apart.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash_part(&mut hash, part);
        }
        Self(hex(&hash.finalize()))
    }

    /// Takes back what [`as_str`](Self::as_str) returned.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns it as 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The length first, so that no two sequences of parts are the same bytes.
fn hash_part(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_hash_of_its_parts_with_their_lengths() {
        // printf '\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c' | sha256sum
        let wanted = "601d5476e2ccfe2c87a2bba7a322659734a05749d5b5aa781f513e4912db0d5f";
        assert_eq!(Key::of(["ab", "c"]).as_str(), wanted);
    }
}
