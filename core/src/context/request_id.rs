//! An id for invocations of hosts that give none.

use std::hash::{BuildHasher, RandomState};

use crate::Text;

/// Makes a random UUID (version 4). For telling invocations apart, not for secrets.
pub(super) fn random() -> Text {
    let (high, low) = (word(1), word(2));
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{high:016x}{low:016x}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map(|(a, b)| hex.get(a..b));
    Text::from(parts.map(Option::unwrap_or_default).join("-"))
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
