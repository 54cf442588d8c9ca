//! An id for invocations of hosts that give none.

use std::hash::{BuildHasher, RandomState};

use crate::Text;

/// Makes a random UUID (version 4). For telling invocations apart, not for secrets.
pub(super) fn random() -> Text {
    let high = word(1) & !0xf000 | 0x4000;
    let low = word(2) & !(0b11 << 62) | 0b10 << 62;
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(36);
    for (nth, byte) in bytes.into_iter().enumerate() {
        if matches!(nth, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
    Text::from(text)
}

/// A random word: each state of std's hash maps has keys of its own.
fn word(salt: u8) -> u64 {
    RandomState::new().hash_one(salt)
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn ids_differ_and_have_the_form_of_a_uuid() {
        let (a, b) = (random(), random());
        assert_ne!(a, b);
        assert_eq!(a.len(), 36);
        assert_eq!(a.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&a.as_bytes()[19]));
    }
}
