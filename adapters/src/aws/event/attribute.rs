//! `DynamoDB`'s typed values as plain JSON.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html>.
//! One pass that writes what it reads: a number keeps every digit, since it is never one of ours.

use std::borrow::Cow;

use crate::aws::json::why;
use crate::json::{Malformed, Reader, push_string};

/// How deep values may nest. The service allows 32; a reader itself stops at 127 of JSON's levels, two
/// of which are one of these.
const DEPTH: usize = 40;

/// Makes plain JSON of a map of typed values; an error says what is wrong with it.
pub(super) fn plain(document: &str) -> Result<Vec<u8>, Cow<'static, str>> {
    let mut writer = Writer {
        out: Vec::with_capacity(document.len()),
        wrong: None,
    };
    match Reader::whole(document, |map| writer.map(map, DEPTH)) {
        Ok(()) => Ok(writer.out),
        Err(Malformed) => Err(writer
            .wrong
            .unwrap_or_else(|| why(document).to_string().into())),
    }
}

struct Writer {
    out: Vec<u8>,
    /// What is wrong, where it is not the JSON.
    wrong: Option<Cow<'static, str>>,
}

impl Writer {
    /// A map from names to typed values.
    fn map(&mut self, map: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        self.wants(map, b'{', "a map of typed values is wanted")?;
        self.out.push(b'{');
        let first = self.out.len();
        map.object(|value, name| {
            self.separate(first);
            push_string(&mut self.out, &name);
            self.out.push(b':');
            self.value(value, depth)
        })?;
        self.out.push(b'}');
        Ok(())
    }

    /// A value: an object of one member, its name the type.
    fn value(&mut self, value: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        let wanted = "a typed value is wanted, such as {\"S\":\"text\"}";
        self.wants(value, b'{', wanted)?;
        let mut types = 0;
        value.object(|value, ty| {
            types += 1;
            if types > 1 {
                return Err(self.say("a value has two types"));
            }
            match &*ty {
                "S" | "B" => self.text(value, Form::Text),
                "N" => self.text(value, Form::Number),
                "SS" | "BS" => self.set(value, Form::Text),
                "NS" => self.set(value, Form::Number),
                "BOOL" => self.truth(value),
                "NULL" => {
                    self.out.extend_from_slice(b"null");
                    value.pass()
                }
                "M" => {
                    let depth = self.deeper(depth)?;
                    self.map(value, depth)
                }
                "L" => {
                    let depth = self.deeper(depth)?;
                    self.list(value, depth)
                }
                other => Err(self.say(format!("{other:?} is no type of a value"))),
            }
        })?;
        match types {
            0 => Err(self.say("a value has no type")),
            _ => Ok(()),
        }
    }

    /// A list of typed values.
    fn list(&mut self, list: &mut Reader<'_>, depth: usize) -> Result<(), Malformed> {
        self.wants(list, b'[', "a list of typed values is wanted")?;
        self.out.push(b'[');
        let first = self.out.len();
        list.list(|value| {
            self.separate(first);
            self.value(value, depth)
        })?;
        self.out.push(b']');
        Ok(())
    }

    /// The elements of a set, each of the same form.
    fn set(&mut self, set: &mut Reader<'_>, form: Form) -> Result<(), Malformed> {
        self.wants(set, b'[', "a set of texts is wanted")?;
        self.out.push(b'[');
        let first = self.out.len();
        set.list(|element| {
            self.separate(first);
            self.text(element, form)
        })?;
        self.out.push(b']');
        Ok(())
    }

    /// Writes a number as it came; what is none in JSON is kept as text.
    fn text(&mut self, text: &mut Reader<'_>, form: Form) -> Result<(), Malformed> {
        self.wants(text, b'"', "a text is wanted")?;
        let text = text.string()?;
        if form == Form::Number && is_number(&text) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            push_string(&mut self.out, &text);
        }
        Ok(())
    }

    fn truth(&mut self, truth: &mut Reader<'_>) -> Result<(), Malformed> {
        let truth = truth.raw()?;
        if !matches!(truth, "true" | "false") {
            return Err(self.say("true or false is wanted"));
        }
        self.out.extend_from_slice(truth.as_bytes());
        Ok(())
    }

    /// Puts a comma between values, of which the first one begins there.
    fn separate(&mut self, first: usize) {
        if self.out.len() > first {
            self.out.push(b',');
        }
    }

    fn deeper(&mut self, depth: usize) -> Result<usize, Malformed> {
        let depth = depth.checked_sub(1);
        depth.ok_or_else(|| self.say("the values nest too deep"))
    }

    fn wants(
        &mut self,
        value: &mut Reader<'_>,
        begins: u8,
        wanted: &'static str,
    ) -> Result<(), Malformed> {
        if value.is_next(begins) {
            return Ok(());
        }
        Err(self.say(wanted))
    }

    fn say(&mut self, wrong: impl Into<Cow<'static, str>>) -> Malformed {
        self.wrong = Some(wrong.into());
        Malformed
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(document: &str) -> Result<String, String> {
        let plain = plain(document).map_err(Cow::into_owned)?;
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
