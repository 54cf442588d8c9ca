//! A line as a JSON object, written at once.
//!
//! serde's own derived way looks at every letter of every key and text, which was a quarter of what a line
//! cost.

use serde::Serialize;

use super::fields::{Rest, Value};
use crate::json::push_string;

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl Object<'_> {
    /// Writes an object with the members that `fill` adds.
    pub(super) fn write(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
        out.push(b'{');
        let is_empty = true;
        fill(&mut Object { out, is_empty });
        out.push(b'}');
    }

    /// Adds a text. A name is one of ours, with nothing to escape.
    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        push_string(self.member(name), text);
    }

    /// Adds a text that is there.
    pub(super) fn text_of(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Adds what serde can write: a number, a list.
    pub(super) fn value(&mut self, name: &'static str, value: &impl Serialize) {
        serde(self.member(name), value);
    }

    /// Adds a number as the text that Google's forms have it as.
    pub(super) fn number(&mut self, name: &'static str, number: u64) {
        let out = self.member(name);
        out.push(b'"');
        serde(out, &number);
        out.push(b'"');
    }

    /// Adds an object with the members that `fill` adds.
    pub(super) fn object(&mut self, name: &'static str, fill: impl FnOnce(&mut Object<'_>)) {
        Object::write(self.member(name), fill);
    }

    /// Adds the fields that have no place of their own, if there are any.
    pub(super) fn rest(&mut self, rest: Rest<'_>) {
        if rest.iter().next().is_none() {
            return;
        }
        self.object("fields", |fields| {
            for (name, value) in rest.iter() {
                fields.part();
                push_string(fields.out, name);
                fields.out.push(b':');
                match value {
                    Value::Text(text) => push_string(fields.out, text),
                    Value::Signed(value) => serde(fields.out, &value),
                    Value::Unsigned(value) => serde(fields.out, &value),
                    Value::Float(value) => serde(fields.out, &value),
                    Value::Flag(value) => serde(fields.out, &value),
                }
            }
        });
    }

    fn member(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.part();
        quoted(self.out, name);
        self.out.push(b':');
        self.out
    }

    /// Parts a member from the one before it.
    fn part(&mut self) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
    }
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 3);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn serde(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let _nothing_in_it_can_fail = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_parted_by_commas() {
        let mut line = Vec::new();
        Object::write(&mut line, |object| {
            object.text("a", "b\n");
            object.text_of("absent", None);
            object.object("c", |_| {});
            object.value("d", &f64::NAN);
            object.number("e", u64::MAX);
        });
        let wanted = r#"{"a":"b\n","c":{},"d":null,"e":"18446744073709551615"}"#;
        assert_eq!(line, wanted.as_bytes());
    }
}
