//! `DynamoDB`'s typed values as plain JSON.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html>.
//! One pass that writes what it reads: a number keeps every digit, since it is never one of ours.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::aws::json::Name;
use crate::json::push_string;

/// How deep values may nest. The service allows 32; `serde_json` itself stops at 128 of JSON's
/// levels, two of which are one of these.
const DEPTH: usize = 40;

/// Makes plain JSON of a map of typed values.
pub(super) fn plain(document: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(document.len());
    let mut deserializer = serde_json::Deserializer::from_str(document);
    Map(Writer {
        out: &mut out,
        depth: DEPTH,
    })
    .deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(out)
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    depth: usize,
}

impl Writer<'_> {
    fn again(&mut self) -> Writer<'_> {
        Writer {
            out: self.out,
            depth: self.depth,
        }
    }

    fn deeper<E: Error>(&mut self) -> Result<Writer<'_>, E> {
        let depth = self.depth.checked_sub(1);
        let depth = depth.ok_or_else(|| E::custom("the values nest too deep"))?;
        Ok(Writer {
            out: self.out,
            depth,
        })
    }

    /// Writes a number as it came; what is none in JSON is kept as text.
    fn put(&mut self, text: &str, form: Form) {
        if form == Form::Number && is_number(text) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            push_string(self.out, text);
        }
    }
}

/// True for what RFC 8259 calls a number.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let exponent = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

/// What a text stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Number,
}

/// A map from names to typed values.
struct Map<'o>(Writer<'o>);

/// A value: an object of one member, its name the type.
struct Value<'o>(Writer<'o>);

/// A list of typed values.
struct List<'o>(Writer<'o>);

/// The elements of a set, each of the same form.
struct Set<'o>(Writer<'o>, Form);

/// A text of one form.
struct Text<'o>(Writer<'o>, Form);

macro_rules! seeds {
    ($($seed:ident)+) => {$(
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
    )+};
}

seeds!(Map Value List Set Text);

impl<'de> Visitor<'de> for Map<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of typed values")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut before = b'{';
        while let Some(Name(name)) = map.next_key()? {
            self.0.out.push(before);
            self.0.put(&name, Form::Text);
            self.0.out.push(b':');
            map.next_value_seed(Value(self.0.again()))?;
            before = b',';
        }
        if before == b'{' {
            self.0.out.push(b'{');
        }
        self.0.out.push(b'}');
        Ok(())
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a typed value, such as {\"S\":\"text\"}")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let Some(Name(ty)) = map.next_key()? else {
            return Err(A::Error::custom("a value has no type"));
        };
        match &*ty {
            "S" | "B" => map.next_value_seed(Text(self.0, Form::Text))?,
            "N" => map.next_value_seed(Text(self.0, Form::Number))?,
            "SS" | "BS" => map.next_value_seed(Set(self.0, Form::Text))?,
            "NS" => map.next_value_seed(Set(self.0, Form::Number))?,
            "BOOL" => {
                let truth: bool = map.next_value()?;
                self.0
                    .out
                    .extend_from_slice(if truth { b"true" } else { b"false" });
            }
            "NULL" => {
                map.next_value::<serde::de::IgnoredAny>()?;
                self.0.out.extend_from_slice(b"null");
            }
            "M" => map.next_value_seed(Map(self.0.deeper()?))?,
            "L" => map.next_value_seed(List(self.0.deeper()?))?,
            other => {
                return Err(A::Error::custom(format_args!(
                    "{other:?} is no type of a value"
                )));
            }
        }
        if map.next_key::<Name<'_>>()?.is_some() {
            return Err(A::Error::custom("a value has two types"));
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of typed values")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.0.out.push(b'[');
        let first = self.0.out.len();
        loop {
            let end = self.0.out.len();
            if end > first {
                self.0.out.push(b',');
            }
            if list.next_element_seed(Value(self.0.again()))?.is_none() {
                self.0.out.truncate(end);
                self.0.out.push(b']');
                return Ok(());
            }
        }
    }
}

impl<'de> Visitor<'de> for Set<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a set of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut set: A) -> Result<(), A::Error> {
        let mut before = b'[';
        while let Some(Name(element)) = set.next_element()? {
            self.0.out.push(before);
            self.0.put(&element, self.1);
            before = b',';
        }
        if before == b'[' {
            self.0.out.push(b'[');
        }
        self.0.out.push(b']');
        Ok(())
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.0.put(text, self.1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(document: &str) -> Result<String, String> {
        let plain = plain(document).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(plain).unwrap())
    }

    #[test]
    fn every_type_becomes_plain_json() {
        for (document, wanted) in [
            (r"{}", r"{}"),
            (r#"{"a":{"S":"x\"é"}}"#, r#"{"a":"x\"é"}"#),
            (
                r#"{"a":{"N":"-1.50"},"b":{"N":"1E+2"}}"#,
                r#"{"a":-1.50,"b":1E+2}"#,
            ),
            (
                r#"{"a":{"N":"3.1415926535897932384626433832795028842"}}"#,
                r#"{"a":3.1415926535897932384626433832795028842}"#,
            ),
            (
                r#"{"a":{"N":"+5"},"b":{"N":"05"}}"#,
                r#"{"a":"+5","b":"05"}"#,
            ),
            (
                r#"{"a":{"BOOL":true},"b":{"NULL":true}}"#,
                r#"{"a":true,"b":null}"#,
            ),
            (
                r#"{"a":{"B":"AAE="},"b":{"BS":["AAE=","/w=="]}}"#,
                r#"{"a":"AAE=","b":["AAE=","/w=="]}"#,
            ),
            (
                r#"{"a":{"SS":["x","y"]},"b":{"NS":["1","2.0"]}}"#,
                r#"{"a":["x","y"],"b":[1,2.0]}"#,
            ),
            (
                r#"{"a":{"M":{"b":{"L":[{"S":"x"},{"M":{}},{"L":[]}]}}}}"#,
                r#"{"a":{"b":["x",{},[]]}}"#,
            ),
        ] {
            assert_eq!(of(document).as_deref(), Ok(wanted), "{document}");
        }
    }

    #[test]
    fn what_is_no_typed_value_is_said() {
        for (document, wanted) in [
            (r"[]", "a map of typed values"),
            (r#"{"a":1}"#, "a typed value"),
            (r#"{"a":{}}"#, "no type"),
            (r#"{"a":{"X":"1"}}"#, "\"X\" is no type"),
            (r#"{"a":{"S":"x","N":"1"}}"#, "two types"),
            (r#"{"a":{"N":1}}"#, "a text"),
            (r#"{"a":{"L":{}}}"#, "a list of typed values"),
        ] {
            let error = of(document).unwrap_err();
            assert!(error.contains(wanted), "{document}: {error}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| {
            let open = r#"{"L":["#.repeat(depth);
            let close = "]}".repeat(depth);
            of(&format!(r#"{{"a":{open}{close}}}"#))
        };
        assert!(nested(DEPTH).is_ok());
        assert!(nested(DEPTH + 1).unwrap_err().contains("too deep"));
        assert!(nested(100_000).is_err());
    }
}
