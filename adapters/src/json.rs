//! JSON strings, which bodies come and go as: long, and mostly plain. They are written word by word,
//! and read into a place of their own size.

#[cfg(any(feature = "aws", feature = "azure"))]
use std::borrow::Cow;

/// What is looked at at once: a word for the next special byte, a block for whether there is one.
const WORD: usize = 8;
const BLOCK: usize = 32;

/// Adds a text as a JSON string, with its quotes.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// Adds a text as the inside of a JSON string.
pub(crate) fn escape(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + WORD);
    let mut rest = text.as_bytes();
    while let Some((word, after)) = rest.split_first_chunk::<WORD>() {
        let plain = plain_before(quotes(*word) | backslashes(*word) | controls(*word));
        copy_some(out, *word, plain);
        if plain == WORD {
            rest = copy_plain(out, after);
        } else if let Some((special, after)) = rest.get(plain..).and_then(<[u8]>::split_first) {
            escape_byte(out, *special);
            rest = after;
        }
    }
    for byte in rest {
        escape_byte(out, *byte);
    }
}

/// Reads a string of a document that a parser has passed over: as it stands where it has no escape.
/// `None` for what is to be read by the parser: another value, or an escape by number.
#[cfg(any(feature = "aws", feature = "azure"))]
pub(crate) fn read_string(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    let Some(first) = memchr::memchr(b'\\', text.as_bytes()) else {
        return Some(Cow::Borrowed(text));
    };
    let mut read = String::with_capacity(text.len());
    let (mut rest, mut next) = (text, Some(first));
    while let Some(at) = next {
        let (plain, escape) = rest.split_at_checked(at)?;
        let special = match escape.as_bytes().get(1)? {
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
        next = memchr::memchr(b'\\', rest.as_bytes());
    }
    read.push_str(rest);
    Some(Cow::Owned(read))
}

/// Copies blocks as long as nothing in them is special; returns what is behind them.
fn copy_plain<'t>(out: &mut Vec<u8>, text: &'t [u8]) -> &'t [u8] {
    let mut rest = text;
    while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
        // Counted without an early end, so that the compiler can look at all bytes at once.
        let specials: u8 = block
            .iter()
            .map(|byte| u8::from(must_be_escaped(*byte)))
            .sum();
        if specials > 0 {
            break;
        }
        out.extend_from_slice(block);
        rest = after;
    }
    rest
}

/// Copies the first bytes of a word: all of them, and then less, since a fixed length costs least.
fn copy_some(out: &mut Vec<u8>, word: [u8; WORD], length: usize) {
    let end = out.len() + length;
    out.extend_from_slice(&word);
    out.truncate(end);
}

/// How many bytes stand before the first whose high bit is marked.
fn plain_before(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; WORD])
}

/// Marks bytes below a bound. Behind the first mark there may be false ones (Hacker's Delight, 6-1).
const fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(repeated(bound)) & !word & repeated(0x80)
}

fn quotes(word: [u8; WORD]) -> u64 {
    below(u64::from_le_bytes(word) ^ repeated(b'"'), 1)
}

fn backslashes(word: [u8; WORD]) -> u64 {
    below(u64::from_le_bytes(word) ^ repeated(b'\\'), 1)
}

fn controls(word: [u8; WORD]) -> u64 {
    below(u64::from_le_bytes(word), 0x20)
}

fn must_be_escaped(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    if !must_be_escaped(byte) {
        out.push(byte);
        return;
    }
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
            (0..40).map(move |before| {
                format!("{}{piece}{}", "x".repeat(before), "y".repeat(39 - before))
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
