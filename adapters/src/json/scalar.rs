//! Strings, numbers and words, each as a text.

use std::borrow::Cow;

use super::{Malformed, Reader};

impl<'j> Reader<'j> {
    /// Reads a string; a number or a boolean as its text, and null as none.
    #[inline]
    pub(crate) fn scalar(&mut self) -> Result<Option<Cow<'j, str>>, Malformed> {
        match self.peek() {
            b'"' => self.string().map(Some),
            other => self.word_or_number(other),
        }
    }

    fn word_or_number(&mut self, first: u8) -> Result<Option<Cow<'j, str>>, Malformed> {
        let word = match first {
            b'n' => return self.word("null").map(|()| None),
            b't' => "true",
            b'f' => "false",
            _ => return self.number().and_then(numeral).map(Some),
        };
        self.word(word)?;
        Ok(Some(Cow::Borrowed(word)))
    }
}

/// The text of what `serde_json` takes a number for: one that is no integer of 64 bits is the nearest that
/// a floating-point number has.
fn numeral(number: &str) -> Result<Cow<'_, str>, Malformed> {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return Ok(Cow::Borrowed(number));
    }
    let nearest: f64 = serde_json::from_str(number).map_err(|_too_large| Malformed)?;
    Ok(Cow::Owned(nearest.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::reader::tests::TEXTS;
    use super::*;

    /// A number or another scalar is the text of what `serde_json` takes it for.
    fn check(text: &str) {
        let scalar = Reader::whole(text, Reader::scalar);
        let wanted = match serde_json::from_str::<Value>(text) {
            Ok(Value::Null) => Ok(None),
            Ok(Value::Bool(truth)) => Ok(Some(truth.to_string())),
            Ok(Value::String(text)) => Ok(Some(text)),
            Ok(Value::Number(number)) if number.is_f64() => {
                Ok(number.as_f64().map(|number| number.to_string()))
            }
            Ok(Value::Number(number)) => Ok(Some(number.to_string())),
            Ok(Value::Array(_) | Value::Object(_)) | Err(_) => Err(Malformed),
        };
        assert_eq!(scalar, wanted.map(|text| text.map(Cow::Owned)), "{text}");
    }

    #[test]
    fn what_is_no_object_and_no_list_has_a_text() {
        for text in TEXTS {
            check(text);
            check(&format!(" {text}\n"));
        }
        for number in [
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "1e400",
        ] {
            check(number);
        }
    }

    proptest! {
        #[test]
        fn a_text_of_its_signs_is_what_serde_json_takes_it_for(text in r#"[\[\]{}",:\\0-9eE+.\-nultrfase \n\tu\u00e9]{0,20}"#) {
            check(&text);
        }

        #[test]
        fn a_number_is_the_text_that_serde_json_would_make_of_it(text in "-?(0|[1-9][0-9]{0,25})([.][0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
            check(&text);
        }
    }
}
