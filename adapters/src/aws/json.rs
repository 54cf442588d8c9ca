//! Lenient reading of JSON: a value of another form than is wanted counts as absent.
//!
//! An event of a hundred fields may not be lost over one that nobody reads; what is missed where it
//! is needed is said there. Of a name that stands twice in an object, the last value counts.

use std::borrow::Cow;

use serde::de::{Error, IgnoredAny};
use serde_json::Value;

use crate::json::{Malformed, Reader, read_string};

/// What can be read from any JSON value; `Default` stands for a value of another form.
pub(super) trait Read<'a>: Default {
    /// Takes a text; a number or a boolean comes as its text.
    fn text(&mut self, _text: Cow<'a, str>) {}

    /// Takes a list.
    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), Malformed> {
        list.list(Reader::pass)
    }

    /// Takes an object.
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), Malformed> {
        object.object(|value, _name| value.pass())
    }

    /// Takes away what was read before.
    fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a value, by its form. It is filled where it stands: an event is large, and each level would
    /// hand a copy on.
    fn read(&mut self, value: &mut Reader<'a>) -> Result<(), Malformed> {
        self.clear();
        match value.peek() {
            b'{' => return self.object(value),
            b'[' => return self.list(value),
            _ => {}
        }
        if let Some(text) = value.scalar()? {
            self.text(text);
        }
        Ok(())
    }
}

/// A value that is kept as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw<'a>(pub(super) Option<&'a str>);

impl<'a> Read<'a> for Raw<'a> {
    fn read(&mut self, value: &mut Reader<'a>) -> Result<(), Malformed> {
        self.0 = Some(value.raw()?).filter(|value| *value != "null");
        Ok(())
    }
}

/// A text that may be long: a body. It is passed over, and read by who knows what it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Long<'a>(Raw<'a>);

impl<'a> Read<'a> for Long<'a> {
    fn read(&mut self, value: &mut Reader<'a>) -> Result<(), Malformed> {
        self.0.read(value)
    }
}

impl<'a> Long<'a> {
    /// Returns a string's letters as they stand, escapes and all.
    pub(super) fn letters(self) -> Option<&'a str> {
        self.0.0?.strip_prefix('"')?.strip_suffix('"')
    }

    /// Returns the text; a number or a boolean as its text. `None` where there is none, or none that can be
    /// read.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let value = self.0.0?;
        read_string(value).or_else(|| document(value).ok()?)
    }
}

/// Reads a document leniently.
pub(super) fn document<'a, T: Read<'a>>(text: &'a str) -> Result<T, Malformed> {
    let mut place = T::default();
    Reader::whole(text, |value| place.read(value))?;
    Ok(place)
}

/// Reads a value within another leniently.
pub(super) fn value<'a, T: Read<'a>>(value: &mut Reader<'a>) -> Result<T, Malformed> {
    let mut place = T::default();
    place.read(value)?;
    Ok(place)
}

/// Says why a document cannot be read: it is no JSON, or holds a number or a letter that no text can.
pub(super) fn why(text: &str) -> serde_json::Error {
    let no_json = serde_json::from_str::<IgnoredAny>(text).err();
    let unreadable = || serde_json::from_str::<Value>(text).err();
    let other = || Error::custom("it cannot be read");
    no_json.or_else(unreadable).unwrap_or_else(other)
}

impl<'a> Read<'a> for Option<Cow<'a, str>> {
    fn text(&mut self, text: Cow<'a, str>) {
        *self = Some(text);
    }
}

impl Read<'_> for bool {
    fn text(&mut self, text: Cow<'_, str>) {
        *self = text == "true";
    }
}

/// The texts of a list; one text alone is a list of one.
impl<'a> Read<'a> for Vec<Cow<'a, str>> {
    fn text(&mut self, text: Cow<'a, str>) {
        self.push(text);
    }

    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), Malformed> {
        list.list(|element| {
            self.extend(value::<Option<Cow<'a, str>>>(element)?);
            Ok(())
        })
    }
}

/// Makes a struct that is read from the members of an object that it names.
macro_rules! object {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty = $($key:literal)|+),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(in crate::aws) struct $name<'a> {
            /// True if the value was an object.
            pub(in crate::aws) is_there: bool,
            $(pub(in crate::aws) $field: $type,)+
        }

        impl<'a> $crate::aws::json::Read<'a> for $name<'a> {
            fn object(
                &mut self,
                object: &mut $crate::json::Reader<'a>,
            ) -> Result<(), $crate::json::Malformed> {
                self.is_there = true;
                object.object(|value, name| match &*name {
                    $($($key)|+ => $crate::aws::json::Read::read(&mut self.$field, value),)+
                    _ => value.pass(),
                })
            }

            fn clear(&mut self) {
                // It costs more than to ask whether anything was read.
                if self.is_there {
                    *self = Self::default();
                }
            }
        }
    };
}
pub(super) use object;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    object! {
        Sample {
            text: Option<Cow<'a, str>> = "text",
            flag: bool = "flag",
            list: Vec<Cow<'a, str>> = "list",
            inner: Inner<'a> = "inner",
            raw: Raw<'a> = "raw",
            long: Long<'a> = "long",
        }
    }

    object! {
        Inner {
            text: Option<Cow<'a, str>> = "text",
        }
    }

    /// What a value is as a text, by `serde_json`'s own numbers.
    fn text_of(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Number(number) => { number.as_i64().map(|number| number.to_string()) }
                .or_else(|| number.as_u64().map(|number| number.to_string()))
                .or_else(|| number.as_f64().map(|number| number.to_string())),
            _ => None,
        }
    }

    fn texts_of(value: &Value) -> Vec<String> {
        match value {
            Value::Array(list) => list.iter().filter_map(text_of).collect(),
            other => text_of(other).into_iter().collect(),
        }
    }

    /// A document is read as one that `serde_json` has read as a whole.
    fn check(json: &str) {
        let read = document::<Sample<'_>>(json);
        let Ok(wanted) = serde_json::from_str::<Value>(json) else {
            // What cannot be a text may stand where it is passed over.
            if serde_json::from_str::<IgnoredAny>(json).is_err() {
                assert_eq!(read.err(), Some(Malformed), "{json}");
            }
            return;
        };
        let read = read.unwrap_or_else(|Malformed| panic!("{json}"));
        let member = |name| wanted.get(name).unwrap_or(&Value::Null);
        assert_eq!(read.is_there, wanted.is_object(), "{json}");
        assert_eq!(
            read.text.as_deref(),
            text_of(member("text")).as_deref(),
            "{json}"
        );
        let is_true = text_of(member("flag")).as_deref() == Some("true");
        assert_eq!(read.flag, is_true, "{json}");
        assert_eq!(read.list, texts_of(member("list")), "{json}");
        let inner = member("inner");
        assert_eq!(read.inner.is_there, inner.is_object(), "{json}");
        let text = inner.get("text").and_then(text_of);
        assert_eq!(read.inner.text.as_deref(), text.as_deref(), "{json}");
        let raw = read.raw.0.map(|raw| serde_json::from_str(raw).unwrap());
        assert_eq!(raw.unwrap_or(Value::Null), *member("raw"), "{json}");
        let long = read.long.text();
        assert_eq!(
            long.as_deref(),
            text_of(member("long")).as_deref(),
            "{json}"
        );
    }

    /// Values of every form; some are no JSON, or none that can be read.
    fn values() -> impl Strategy<Value = String> {
        const GOOD: [&str; 23] = [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "7",
            "-12",
            "1.0",
            "-1.50",
            "1e3",
            "2E-7",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            r#""""#,
            r#""true""#,
            r#""a b""#,
            r#""\"\\\/\n""#,
            r#""\u00e9\ud83d\ude00""#,
            "\"\u{e9}\"",
            "[]",
            "{}",
        ];
        const BAD: [&str; 9] = [
            "1e400",
            r#""\ud83d""#,
            r#"{"\ud83d":1}"#,
            "01",
            "nul",
            r#""\x""#,
            "\"\n\"",
            "[1,]",
            "",
        ];
        let one = prop_oneof![
            60 => prop::sample::select(&GOOD[..]).prop_map(str::to_owned),
            1 => prop::sample::select(&BAD[..]).prop_map(str::to_owned),
            20 => "[a-z \u{e9}]{0,200}".prop_map(|text| format!("\"{text}\"")),
        ];
        one.prop_recursive(3, 20, 5, |value| {
            prop_oneof![
                prop::collection::vec(value.clone(), 0..4)
                    .prop_map(|list| format!("[{}]", list.join(" , "))),
                object(value),
            ]
        })
    }

    fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        const NAMES: [&str; 9] = [
            "text",
            "flag",
            "list",
            "inner",
            "raw",
            "long",
            "other",
            r"te\u0078t",
            "",
        ];
        let member = (prop::sample::select(&NAMES[..]), value);
        let member = member.prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop::collection::vec(member, 0..8).prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    proptest! {
        #[test]
        fn a_document_is_read_leniently_and_its_last_members_count(json in object(values()), outer in values()) {
            check(&json);
            check(&json.replace(',', "\n,\t"));
            check(&outer);
        }
    }

    #[test]
    fn a_number_comes_as_the_text_that_it_has_always_had() {
        for (number, wanted) in [
            ("1", "1"),
            ("-0", "-0"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("0.1e-2", "0.001"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709552000"),
            ("-9223372036854775809", "-9223372036854776000"),
        ] {
            let json = format!("{{\"text\":{number}}}");
            let read: Sample<'_> = document(&json).unwrap();
            assert_eq!(read.text.as_deref(), Some(wanted), "{number}");
        }
    }

    #[test]
    fn why_a_document_cannot_be_read_is_said() {
        for (json, wanted) in [
            (r#"{"text" 1}"#, "expected `:` at line 1 column 9"),
            (
                r#"{"text":1e400}"#,
                "number out of range at line 1 column 13",
            ),
            (
                r#"{"text":"\ud83d"}"#,
                "unexpected end of hex escape at line 1 column 16",
            ),
            (r#"{"text":1} x"#, "trailing characters at line 1 column 12"),
        ] {
            assert_eq!(
                document::<Sample<'_>>(json).err(),
                Some(Malformed),
                "{json}"
            );
            assert_eq!(why(json).to_string(), wanted, "{json}");
        }
    }

    #[test]
    fn what_nobody_reads_may_be_as_deep_as_it_likes() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        let json = format!(r#"{{"other":{deep},"text":{deep},"raw":{deep},"flag":true}}"#);
        assert!(document::<Sample<'_>>(&json).unwrap().flag);
    }
}
