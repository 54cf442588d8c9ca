//! Words that nobody can guess.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

/// Makes a word of 32 random bytes, in hex: for URLs that only their owner is to know.
pub fn secret() -> String {
    let mut bytes = [0; 32];
    let random = std::fs::File::open("/dev/urandom");
    if { random.and_then(|mut random| random.read_exact(&mut bytes)) }.is_err() {
        // Where the system has no such file std still has its random keys.
        for (place, part) in bytes.chunks_mut(8).enumerate() {
            part.copy_from_slice(&RandomState::new().hash_one(place).to_ne_bytes());
        }
    }
    let mut word = String::with_capacity(64);
    for byte in bytes {
        // a String takes all that is written
        let _written = write!(word, "{byte:02x}");
    }
    word
}

/// Compares a word with what somebody gave for it: it takes as long wherever the two differ.
pub fn is_same(given: &[u8], wanted: &[u8]) -> bool {
    let pairs = given.iter().zip(wanted);
    let differ = pairs.fold(0, |differ, (a, b)| differ | (a ^ b));
    given.len() == wanted.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::{is_same, secret};

    #[test]
    fn only_the_whole_word_is_the_same() {
        let own = secret();
        assert!(is_same(own.as_bytes(), own.as_bytes()));
        let (short, rest) = (own.split_at(63).0, own.split_at(1).1);
        for other in ["", short, rest, &secret()] {
            assert!(!is_same(other.as_bytes(), own.as_bytes()));
        }
    }

    #[test]
    fn no_two_are_the_same() {
        assert_eq!(secret().len(), 64);
        assert_ne!(secret(), secret());
    }
}
