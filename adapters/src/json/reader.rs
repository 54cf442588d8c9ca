//! A document that is read from front to back: what is wanted is taken, the rest passed over.

use std::borrow::Cow;

use super::{mark, near_mark, read_string};

/// How deep values stand in each other at most while a word holds what is open.
const DEPTH: u32 = u128::BITS;

/// How deep values that are looked at stand in each other at most, as `serde_json` has it: who reads a
/// value within its like does so on the stack.
const DEEPEST: u8 = 127;

/// The text is no JSON, or a value is none of the wanted form; [`why`] tells which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Says what is wrong with a document that was [`Malformed`]: where it is no JSON, or that it is not `wanted`.
#[cfg(feature = "azure")]
pub(crate) fn why(text: &str, wanted: &str) -> serde_json::Error {
    use serde::de::{Error, IgnoredAny};
    match serde_json::from_str::<IgnoredAny>(text) {
        Err(error) => error,
        Ok(_) => serde_json::Error::custom(format_args!("{wanted} is wanted")),
    }
}

/// A document, and how far it is read.
pub(crate) struct Reader<'j> {
    text: &'j str,
    at: usize,
    /// No byte of it is a control character: no string needs to be searched for one.
    is_clean: bool,
    /// How many times `true` was passed over.
    truths: usize,
    /// How many objects and lists are being looked at.
    depth: u8,
}

impl<'j> Reader<'j> {
    fn new(text: &'j str) -> Self {
        // Without an early end, so that the compiler can look at many bytes at once.
        let least = text.bytes().fold(u8::MAX, u8::min);
        Self {
            text,
            at: 0,
            is_clean: least >= b' ',
            truths: 0,
            depth: 0,
        }
    }

    /// Reads the one value that the document has, and its end.
    pub(crate) fn whole<T>(
        text: &'j str,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut reader = Self::new(text);
        let value = read(&mut reader)?;
        reader.peek();
        if reader.at == text.len() {
            Ok(value)
        } else {
            Err(Malformed)
        }
    }

    /// Reads an object: `read` takes the value of the member that it is told, or passes over it.
    pub(crate) fn object(
        &mut self,
        mut read: impl FnMut(&mut Self, Cow<'j, str>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if self.begin(b'{', b'}')? {
            loop {
                let name = self.name()?;
                read(self, name)?;
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a list: `read` takes each value, or passes over it.
    pub(crate) fn list(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if self.begin(b'[', b']')? {
            loop {
                read(self)?;
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a string.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'j, str>, Malformed> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.any_string(),
        }
    }

    /// Takes a string that is short and stands for itself, as most do; of what may be another it takes nothing.
    fn plain(&mut self) -> Option<&'j str> {
        if self.peek() != b'"' || !self.is_clean {
            return None;
        }
        let begin = self.at + 1;
        let inside = self.text.as_bytes().get(begin..)?;
        let length = near_mark(inside)?;
        if inside.get(length) != Some(&b'"') {
            return None;
        }
        let text = self.text.get(begin..begin + length)?;
        self.at = begin + length + 1;
        Some(text)
    }

    #[inline(never)]
    fn any_string(&mut self) -> Result<Cow<'j, str>, Malformed> {
        let (text, is_plain) = self.quoted()?;
        if is_plain {
            let text = text.get(1..text.len() - 1).unwrap_or_default();
            return Ok(Cow::Borrowed(text));
        }
        let by_parser = || serde_json::from_str(text).map(Cow::Owned);
        read_string(text)
            .map_or_else(by_parser, Ok)
            .map_err(|_which| Malformed)
    }

    /// Passes over a value, and returns it as it stands.
    pub(crate) fn raw(&mut self) -> Result<&'j str, Malformed> {
        self.beside_raw(Self::pass).map(|(raw, ())| raw)
    }

    /// Reads a value, and returns what it is beside how it stands.
    pub(crate) fn beside_raw<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<(&'j str, T), Malformed> {
        self.peek();
        let before = self.at;
        let value = read(self)?;
        let raw = self.text.get(before..self.at).ok_or(Malformed)?;
        Ok((raw, value))
    }

    /// Returns how many times `true` was passed over till now.
    #[cfg(feature = "azure")]
    pub(crate) fn truths(&self) -> usize {
        self.truths
    }

    /// Passes over a value.
    pub(crate) fn pass(&mut self) -> Result<(), Malformed> {
        // What most values are needs nothing of the rest.
        if self.peek() == b'"' {
            return self.pass_string();
        }
        let whole = self.at;
        // What is open, a bit each, the last one lowest: 1 is an object.
        let (mut open, mut depth) = (0_u128, 0_u32);
        loop {
            match self.peek() {
                b'{' => {
                    self.at += 1;
                    if self.is_next(b'}') {
                        self.at += 1;
                    } else {
                        if depth == DEPTH {
                            return self.pass_deep(whole);
                        }
                        (open, depth) = (open << 1 | 1, depth + 1);
                        self.pass_name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if self.is_next(b']') {
                        self.at += 1;
                    } else {
                        if depth == DEPTH {
                            return self.pass_deep(whole);
                        }
                        (open, depth) = (open << 1, depth + 1);
                        continue;
                    }
                }
                b'"' => self.pass_string()?,
                b'n' => self.word("null")?,
                b't' => {
                    self.word("true")?;
                    self.truths += 1;
                }
                b'f' => self.word("false")?,
                _ => drop(self.number()?),
            }
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let is_object = open & 1 == 1;
                if self.goes_on(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.pass_name()?;
                    }
                    break;
                }
                (open, depth) = (open >> 1, depth - 1);
            }
        }
    }

    /// Passes over a value that is deeper than the bits of a word: nobody writes one but to do harm.
    #[cold]
    fn pass_deep(&mut self, begin: usize) -> Result<(), Malformed> {
        use serde::de::IgnoredAny;
        let value = self.text.get(begin..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<IgnoredAny>();
        let passed = values.next();
        self.at = begin + values.byte_offset();
        match passed {
            Some(Ok(_)) => Ok(()),
            _ => Err(Malformed),
        }
    }

    /// Passes over the next value where it is this list to the letter; says whether it is.
    #[cfg(feature = "azure")]
    pub(crate) fn pass_same(&mut self, list: &str) -> bool {
        debug_assert!(
            list.ends_with(']'),
            "a longer value could begin with another"
        );
        self.peek();
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_it = rest.starts_with(list.as_bytes());
        self.at += if is_it { list.len() } else { 0 };
        is_it
    }

    /// Takes a `null`, if that is the value.
    #[cfg(feature = "azure")]
    pub(crate) fn is_null(&mut self) -> Result<bool, Malformed> {
        if self.is_next(b'n') {
            return self.word("null").map(|()| true);
        }
        Ok(false)
    }

    /// Says whether the next value begins so.
    #[inline]
    pub(crate) fn is_next(&mut self, byte: u8) -> bool {
        self.peek() == byte
    }

    #[inline]
    fn name(&mut self) -> Result<Cow<'j, str>, Malformed> {
        let name = self.string()?;
        self.take(b':')?;
        Ok(name)
    }

    fn pass_name(&mut self) -> Result<(), Malformed> {
        self.pass_string()?;
        self.take(b':')
    }

    /// Takes what an object or a list begins with: false at its end, which is taken too.
    fn begin(&mut self, begin: u8, end: u8) -> Result<bool, Malformed> {
        if self.depth == DEEPEST {
            return Err(Malformed);
        }
        self.depth += 1;
        self.take(begin)?;
        if self.is_next(end) {
            self.at += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Takes what stands behind a value: false at the end.
    #[inline]
    fn goes_on(&mut self, end: u8) -> Result<bool, Malformed> {
        let byte = self.peek();
        if byte != b',' && byte != end {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(byte == b',')
    }

    fn pass_string(&mut self) -> Result<(), Malformed> {
        match self.plain() {
            Some(_text) => Ok(()),
            None => self.quoted().map(drop),
        }
    }

    /// Takes a string with its quotes; says whether it stands for itself.
    fn quoted(&mut self) -> Result<(&'j str, bool), Malformed> {
        self.take(b'"')?;
        let begin = self.at;
        let inside = self.text.as_bytes().get(begin..).unwrap_or_default();
        let first = mark(inside).ok_or(Malformed)?;
        let is_plain = inside.get(first) == Some(&b'"');
        let length = if is_plain {
            first
        } else {
            end_of_string(inside, first)?
        };
        let mut letters = inside.iter().take(length);
        if !self.is_clean && letters.any(|byte| *byte < b' ') {
            return Err(Malformed);
        }
        self.at = begin + length + 1;
        let text = self.text.get(begin - 1..self.at).ok_or(Malformed)?;
        Ok((text, is_plain))
    }

    /// Takes a number.
    pub(super) fn number(&mut self) -> Result<&'j str, Malformed> {
        let (text, begin) = (self.text.as_bytes(), self.at);
        let digits = |at: usize| {
            let rest = text.get(at..).unwrap_or_default();
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut at = begin + usize::from(text.get(begin) == Some(&b'-'));
        match (text.get(at), digits(at)) {
            (_, 0) => return Err(Malformed),
            (Some(b'0'), more) if more > 1 => return Err(Malformed),
            (_, more) => at += more,
        }
        if text.get(at) == Some(&b'.') {
            match digits(at + 1) {
                0 => return Err(Malformed),
                more => at += 1 + more,
            }
        }
        if matches!(text.get(at), Some(b'e' | b'E')) {
            at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
            match digits(at) {
                0 => return Err(Malformed),
                more => at += more,
            }
        }
        self.at = at;
        self.text.get(begin..at).ok_or(Malformed)
    }

    pub(super) fn word(&mut self, word: &str) -> Result<(), Malformed> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() == byte {
            self.at += 1;
            return Ok(());
        }
        Err(Malformed)
    }

    /// Returns the next byte that is no space; a zero at the end, which stands nowhere in JSON.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => *byte,
            _ => self.peek_behind_space(),
        }
    }

    #[cold]
    fn peek_behind_space(&mut self) -> u8 {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return *byte;
            }
            self.at += 1;
        }
        0
    }
}

/// Where a string ends whose first quote or backslash is there.
fn end_of_string(inside: &[u8], first: usize) -> Result<usize, Malformed> {
    let mut end = first;
    while inside.get(end) != Some(&b'"') {
        let rest = inside.get(end..).unwrap_or_default();
        end += escape_length(rest)?;
        end += mark(inside.get(end..).unwrap_or_default()).ok_or(Malformed)?;
    }
    Ok(end)
}

/// The length of the escape that a text begins with.
fn escape_length(text: &[u8]) -> Result<usize, Malformed> {
    match text {
        [
            b'\\',
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            ..,
        ] => Ok(2),
        [b'\\', b'u', a, b, c, d, ..]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            Ok(6)
        }
        _ => Err(Malformed),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use super::*;

    /// Reads all there is, in the way that a reader of known forms does.
    fn value(reader: &mut Reader<'_>) -> Result<Value, Malformed> {
        if reader.is_next(b'{') {
            let mut members = serde_json::Map::new();
            reader.object(|reader, name| {
                members.insert(name.into_owned(), value(reader)?);
                Ok(())
            })?;
            return Ok(Value::Object(members));
        }
        if reader.is_next(b'[') {
            let mut values = Vec::new();
            reader.list(|reader| {
                values.push(value(reader)?);
                Ok(())
            })?;
            return Ok(Value::Array(values));
        }
        if reader.is_next(b'"') {
            return reader.string().map(|text| Value::String(text.into_owned()));
        }
        serde_json::from_str(reader.raw()?).map_err(|_which| Malformed)
    }

    /// A text is read as `serde_json` reads it, whether it is looked at or passed over.
    fn check(text: &str) {
        let passed = Reader::whole(text, Reader::pass);
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        assert_eq!(passed.is_ok(), is_json, "{text}");
        let raw = Reader::whole(text, Reader::raw).ok();
        let wanted: Option<&serde_json::value::RawValue> = serde_json::from_str(text).ok();
        assert_eq!(raw, wanted.map(serde_json::value::RawValue::get), "{text}");
        if let Ok(wanted) = serde_json::from_str::<Value>(text) {
            assert_eq!(Reader::whole(text, value), Ok(wanted), "{text}");
        }
    }

    pub(in crate::json) const TEXTS: [&str; 62] = [
        "",
        " ",
        "null",
        "nul",
        "nullx",
        "true",
        "false",
        "tru",
        "True",
        " null\n",
        "\u{feff}null",
        "\u{a0}1",
        "0",
        "-0",
        "01",
        "-",
        "+1",
        "1.",
        ".1",
        "1.5",
        "1e5",
        "1E+5",
        "1e-05",
        "1e",
        "1e+",
        "-1.5e3",
        "1.5.5",
        "0x1",
        "NaN",
        "\"\"",
        "\"",
        "\"a\"",
        "\"a",
        "\"\\\"",
        "\"\\\\\"",
        "\"\\\"\"",
        "\"\\x\"",
        "\"\\u00e9\"",
        "\"\\u00e\"",
        "\"\\u00eg\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"\u{7f}\"",
        "\"\u{10ffff}\"",
        "[]",
        "[ ]",
        "[1]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{}",
        "{ }",
        "{\"a\":1}",
        "{\"a\" : 1 , \"b\":[]}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{\"a\":1]",
        "1 1",
    ];

    #[test]
    fn what_serde_json_takes_is_taken_and_nothing_else() {
        for text in TEXTS {
            check(text);
            check(&format!("[{text}]"));
            check(&format!("{{\"x\" :{text} ,\"y\": \"\n\"}}"));
            check(&format!("{{\"x\":[{text},{{}}]}}"));
        }
    }

    #[test]
    fn no_depth_is_too_deep_to_be_passed_over() {
        for depth in [1, 127, 128, 129, 1000, 200_000] {
            let (open, close) = ("[{\"a\":".repeat(depth), "}]".repeat(depth));
            for inside in ["1", "[]", "[", "x"] {
                let text = format!("{open}{inside}{close}");
                let passed = Reader::whole(&text, Reader::pass);
                assert_eq!(
                    passed.is_ok(),
                    matches!(inside, "1" | "[]"),
                    "{depth} {inside}"
                );
            }
        }
    }

    #[test]
    fn what_is_looked_at_is_no_deeper_than_the_stack_bears() {
        for depth in [1, 126, 127, 128, 129, 200_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let wanted = serde_json::from_str::<Value>(&text).map_err(|_deep| Malformed);
                assert_eq!(Reader::whole(&text, value), wanted, "{depth}");
            }
        }
    }

    #[test]
    fn a_string_ends_where_it_does_however_long_it_is() {
        for length in 0..300 {
            let letters = "x".repeat(length);
            for text in ["", "\\n", "\n", "\\", "\u{e9}"] {
                let text = format!("\"{letters}{text}\"");
                check(&text);
                check(&format!("[{text},\"{letters}\"]"));
            }
        }
    }

    #[cfg(feature = "azure")]
    #[test]
    fn what_is_wrong_is_said() {
        let said = |text: &str| why(text, "a list").to_string();
        assert_eq!(said("{}"), "a list is wanted");
        assert!(
            said("{\"a\" 1}").contains("expected `:` at line 1"),
            "{}",
            said("{\"a\" 1}")
        );
    }

    proptest! {
        #[test]
        fn a_text_of_its_signs_is_read_as_serde_json_reads_it(text in r#"[\[\]{}",:\\0-9eE+.\-nultrfase \n\tu\u00e9]{0,40}"#) {
            check(&text);
        }

        #[test]
        fn a_document_with_a_fault_is_read_as_serde_json_reads_it(
            names in prop::collection::vec("\\PC{0,40}", 0..6),
            at in any::<prop::sample::Index>(),
            fault in "[\\[\\]{}\",:\\\\0-9a-z\n ]",
        ) {
            let values = names.iter().map(|name| (name.clone(), serde_json::json!([name, null, {"x": name}, -1.5e3])));
            let whole = Value::Object(values.collect()).to_string();
            check(&whole);
            let at = at.index(whole.len());
            if let (Some(before), Some(after)) = (whole.get(..at), whole.get(at + 1..)) {
                check(&format!("{before}{fault}{after}"));
                check(&format!("{before}{after}"));
            }
        }
    }
}
