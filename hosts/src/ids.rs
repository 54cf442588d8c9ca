//! Fresh ids, in the forms that hosts write.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A number that no two calls share, but for chance.
pub(crate) fn random() -> u64 {
    // RandomState is keyed by the system's random source, and differs at every call
    RandomState::new().hash_one(now())
}

/// A random UUID, version 4.
pub(crate) fn uuid() -> String {
    let (high, low) = (random(), random());
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{high:016x}{low:016x}");
    let mut uuid = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    uuid
}

/// Time since the epoch.
pub(crate) fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_their_form_and_differ() {
        let (a, b) = (uuid(), uuid());
        assert_eq!(a.len(), 36);
        assert_eq!(a.chars().nth(14), Some('4'));
        assert_ne!(a, b);
    }
}
