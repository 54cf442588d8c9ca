//! Not part of the API: a token alone, for fuzzers.

use super::token::{Key, Token, Wanted};

/// Returns true if a token is let in that is for this audience and by this sender, with a key's modulus
/// and exponent, at a moment in seconds.
pub fn accepts(token: &str, key: (&[u8], &[u8]), wanted: (&str, &str), now: i64) -> bool {
    let key = Key {
        n: key.0.to_vec(),
        e: key.1.to_vec(),
    };
    let wanted = Wanted {
        audiences: vec![wanted.0.to_owned()],
        senders: vec![wanted.1.to_owned()],
    };
    Token::parse(token).is_ok_and(|token| token.check(&key, &wanted, now).is_ok())
}
