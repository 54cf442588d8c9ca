//! JSON text, written by hand.

/// Adds a text as a JSON string, with its quotes.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text.as_bytes());
    out.push(b'"');
}

/// How many bytes are looked at together: the compiler makes vector instructions of it.
const BLOCK: usize = 32;

/// Adds UTF-8 with JSON's escapes. Blocks without one, nearly all, are copied whole.
pub(super) fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    let blocks = text.chunks_exact(BLOCK);
    let rest = blocks.remainder();
    for block in blocks {
        let dirty = block
            .iter()
            .fold(false, |dirty, byte| dirty | needs_escape(*byte));
        if dirty {
            push_slowly(out, block);
        } else {
            out.extend_from_slice(block);
        }
    }
    push_slowly(out, rest);
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "branches would keep the compiler from vector instructions"
)]
fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn push_slowly(out: &mut Vec<u8>, mut text: &[u8]) {
    while let Some(at) = text.iter().position(|byte| needs_escape(*byte)) {
        let (clean, rest) = text.split_at(at);
        out.extend_from_slice(clean);
        let Some((byte, rest)) = rest.split_first() else {
            return;
        };
        push_escape(out, *byte);
        text = rest;
    }
    out.extend_from_slice(text);
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |digit: u8| HEX.get(usize::from(digit)).copied().unwrap_or(b'0');
    match byte {
        b'"' | b'\\' => out.extend([b'\\', byte]),
        b'\n' => out.extend(*b"\\n"),
        b'\r' => out.extend(*b"\\r"),
        b'\t' => out.extend(*b"\\t"),
        _ => out.extend([b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let every: String = (0..=0x2FF).filter_map(char::from_u32).collect();
        for text in [
            "",
            "a",
            "\"",
            "é\"",
            &every,
            &every.repeat(3),
            &"x".repeat(100),
        ] {
            let mut out = Vec::new();
            push_string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
