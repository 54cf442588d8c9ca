//! JSON strings, which bodies come and go as: long, and mostly plain. They are written word by word,
//! and read into a place of their own size.

#[cfg(any(feature = "aws", feature = "azure"))]
mod reader;
#[cfg(feature = "aws")]
mod scalar;

#[cfg(any(feature = "aws", feature = "azure"))]
use std::borrow::Cow;

#[cfg(feature = "azure")]
pub(crate) use reader::why;
#[cfg(any(feature = "aws", feature = "azure"))]
pub(crate) use reader::{Malformed, Reader};

/// What is looked at at once: a word, and of a long text a block.
const WORD: usize = 8;
const BLOCK: usize = 64;

/// Adds a text as a JSON string, with its quotes.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// Adds a text as the inside of a JSON string.
pub(crate) fn escape(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 1);
    let mut rest = text.as_bytes();
    while let Some((plain, after)) = rest.split_at_checked(plain_length(rest)) {
        out.extend_from_slice(plain);
        let Some((special, after)) = after.split_first() else {
            break;
        };
        escape_byte(out, *special);
        rest = after;
    }
}

/// Reads a string of a document that a parser has passed over: as it stands where it has no escape.
/// `None` for what is to be read by the parser: another value, or an escape by number.
#[cfg(any(feature = "aws", feature = "azure"))]
pub(crate) fn read_string(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    let Some(first) = mark(text.as_bytes()) else {
        return Some(Cow::Borrowed(text));
    };
    let mut read = String::with_capacity(text.len());
    let (mut rest, mut next) = (text, Some(first));
    while let Some(at) = next {
        let (plain, escape) = rest.split_at_checked(at)?;
        let [b'\\', special, ..] = escape.as_bytes() else {
            return None;
        };
        let special = match special {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            _ => return None,
        };
        read.push_str(plain);
        read.push(special);
        rest = escape.get(2..)?;
        next = mark(rest.as_bytes());
    }
    read.push_str(rest);
    Some(Cow::Owned(read))
}

/// Where the first quote or backslash is.
#[cfg(any(feature = "aws", feature = "azure"))]
fn mark(text: &[u8]) -> Option<usize> {
    near_mark(text).or_else(|| memchr::memchr2(b'"', b'\\', text))
}

/// Where the first quote or backslash is, unless it is far, or near the end of the text: a search by
/// vectors costs more to begin than most names and words are long.
#[cfg(any(feature = "aws", feature = "azure"))]
#[inline]
fn near_mark(text: &[u8]) -> Option<usize> {
    // Most names end in the first pair.
    const PAIR: usize = 2 * WORD;
    const NEAR: usize = 8;
    let (pairs, _rest) = text.as_chunks::<PAIR>();
    for (at, pair) in (0..).step_by(PAIR).zip(pairs.iter().take(NEAR)) {
        let (words, _none) = pair.as_chunks::<WORD>();
        for (at, word) in (at..).step_by(WORD).zip(words) {
            let word = u64::from_le_bytes(*word);
            let marks = bytes(word, b'"') | bytes(word, b'\\');
            if marks != 0 {
                return Some(at + (marks.trailing_zeros() / 8) as usize);
            }
        }
    }
    None
}

/// How many bytes stand before the first that is escaped.
fn plain_length(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk::<WORD>() {
        let word = u64::from_le_bytes(*word);
        let marks = bytes(word, b'"') | bytes(word, b'\\') | below(word, 0x20);
        if marks != 0 {
            return text.len() - rest.len() + (marks.trailing_zeros() / 8) as usize;
        }
        rest = after;
        if text.len() - rest.len() == BLOCK {
            rest = skip_plain(rest);
        }
    }
    let last = rest.iter().position(|byte| is_special(*byte));
    text.len() - rest.len() + last.unwrap_or(rest.len())
}

/// Skips blocks as long as nothing in them is escaped.
fn skip_plain(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        // Without an early end, so that the compiler can look at many bytes at once.
        if block
            .iter()
            .fold(false, |found, byte| found | is_special(*byte))
        {
            break;
        }
        rest = after;
    }
    rest
}

const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; WORD])
}

/// Marks bytes below a bound. Behind the first mark there may be false ones (Hacker's Delight, 6-1).
const fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(repeated(bound)) & !word & repeated(0x80)
}

/// Marks bytes of one value, in the same way.
const fn bytes(word: u64, byte: u8) -> u64 {
    below(word ^ repeated(byte), 1)
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "branches would keep the compiler from vector instructions"
)]
fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Adds the escape of a byte.
fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |value: u8| char::from_digit(value.into(), 16).map_or(b'0', |c| c as u8);
            let long = [b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)];
            return out.extend_from_slice(&long);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text of every sort, at every place of a block.
    fn texts() -> impl Iterator<Item = String> {
        let pieces = [
            "",
            "\"",
            "\\",
            "\n",
            "\u{1}",
            "é",
            "\u{10ffff}",
            "\u{fffd}",
            "x\"\"\\\\x",
        ];
        pieces.into_iter().flat_map(|piece| {
            (0..200).map(move |before| {
                format!("{}{piece}{}", "x".repeat(before), "y".repeat(199 - before))
            })
        })
    }

    fn written(text: &str) -> Vec<u8> {
        let mut json = Vec::new();
        push_string(&mut json, text);
        json
    }

    #[test]
    fn what_is_written_is_read_by_others_as_it_was() {
        for text in texts() {
            let json = written(&text);
            assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text);
        }
    }

    #[cfg(any(feature = "aws", feature = "azure"))]
    #[test]
    fn the_first_mark_is_found_wherever_it_is() {
        for text in texts() {
            let text = text.as_bytes();
            for from in [0, 1, 7] {
                let text = &text[from..];
                let wanted = text.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                assert_eq!(mark(text), wanted);
                assert!(near_mark(text).is_none_or(|near| Some(near) == wanted));
            }
        }
    }

    #[cfg(any(feature = "aws", feature = "azure"))]
    #[test]
    fn what_is_no_string_or_has_an_escape_by_number_is_left_to_the_parser() {
        for json in [
            "",
            "1",
            "null",
            "\"",
            "[\"a\"]",
            r#""\u00e9""#,
            r#""\""#,
            r#""\x""#,
        ] {
            assert_eq!(read_string(json), None, "{json}");
        }
        assert!(matches!(
            read_string(r#""plain""#),
            Some(Cow::Borrowed("plain"))
        ));
    }

    proptest! {
        #[cfg(any(feature = "aws", feature = "azure"))]
        #[test]
        fn a_string_is_read_as_serde_json_reads_it(json in r#""([^"\\\x00-\x1f]|\\["\\/bfnrt])*""#) {
            let wanted: String = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read_string(&json).unwrap(), wanted);
        }

        #[test]
        fn a_text_is_written_as_serde_json_writes_it(text in "(\\PC|\\pC|[\"\\\\\n])*") {
            prop_assert_eq!(written(&text), serde_json::to_vec(&text).unwrap());
        }
    }
}
