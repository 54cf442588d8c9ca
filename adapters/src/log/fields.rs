//! The fields of an event or a span.

use std::fmt::{Debug, Write};
use std::ops::Range;

use tracing::field::{Field, Visit};

/// OpenTelemetry's names of what each form has a place of its own for. Source:
/// <https://opentelemetry.io/docs/specs/semconv/registry/attributes/>.
pub(super) const BACKTRACE: &str = "exception.stacktrace";
pub(super) const ERROR_TYPE: &str = "exception.type";
pub(super) const FILE: &str = "code.file.path";
pub(super) const LINE: &str = "code.line.number";

/// More fields than these are not kept of a line that is too long.
const KEPT: usize = 64;

/// Fields in their order; the texts stand in one buffer, which is used again.
#[derive(Debug, Default)]
pub(super) struct Fields {
    texts: String,
    values: Vec<(&'static str, Held)>,
}

#[derive(Clone, Debug)]
enum Held {
    Text(Range<usize>),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Flag(bool),
}

/// A field's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Flag(bool),
}

impl Fields {
    pub(super) fn clear(&mut self) {
        self.texts.clear();
        self.values.clear();
    }

    pub(super) fn push_text(&mut self, name: &'static str, text: &str) {
        let from = self.texts.len();
        self.texts.push_str(text);
        self.set(name, Held::Text(from..self.texts.len()));
    }

    pub(super) fn push_unsigned(&mut self, name: &'static str, value: u64) {
        self.set(name, Held::Unsigned(value));
    }

    fn push_debug(&mut self, name: &'static str, value: &dyn Debug) {
        let from = self.texts.len();
        // What a type's own formatting refuses is shown as far as it came.
        let _as_far_as_it_came = write!(self.texts, "{value:?}");
        self.set(name, Held::Text(from..self.texts.len()));
    }

    /// A field that is recorded again has its last value.
    fn set(&mut self, name: &'static str, value: Held) {
        let name = name.strip_prefix("r#").unwrap_or(name);
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.values.push((name, value)),
        }
    }

    /// Adds the fields of a span around it, where it has none of the same name.
    pub(super) fn inherit(&mut self, outer: &Self) {
        for (name, value) in outer.iter() {
            if self.get(name).is_some() {
                continue;
            }
            match value {
                Value::Text(text) => self.push_text(name, text),
                Value::Signed(value) => self.set(name, Held::Signed(value)),
                Value::Unsigned(value) => self.set(name, Held::Unsigned(value)),
                Value::Float(value) => self.set(name, Held::Float(value)),
                Value::Flag(value) => self.set(name, Held::Flag(value)),
            }
        }
    }

    /// Adds a text, where there is no field of that name.
    pub(super) fn inherit_text(&mut self, name: &'static str, text: &str) {
        if self.get(name).is_none() {
            self.push_text(name, text);
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        let values = self.values.iter();
        values.map(|(name, held)| (*name, self.value(held)))
    }

    fn value(&self, held: &Held) -> Value<'_> {
        match held {
            Held::Text(range) => Value::Text(self.texts.get(range.clone()).unwrap_or_default()),
            Held::Signed(value) => Value::Signed(*value),
            Held::Unsigned(value) => Value::Unsigned(*value),
            Held::Float(value) => Value::Float(*value),
            Held::Flag(value) => Value::Flag(*value),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Value<'_>> {
        let found = self.values.iter().find(|(known, _)| *known == name)?;
        Some(self.value(&found.1))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn unsigned(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Value::Unsigned(value) => Some(value),
            Value::Signed(value) => u64::try_from(value).ok(),
            _ => None,
        }
    }

    /// The fields that have no place of their own in a form, which `hidden` knows more of.
    pub(super) fn rest<'a>(&'a self, hidden: &'a [&'a str]) -> Rest<'a> {
        let fields = self;
        Rest { fields, hidden }
    }

    /// The same as texts, with what has a place of its own in a form.
    #[cfg(feature = "inspect")]
    pub(super) fn shown(&self, hidden: &[&str]) -> Vec<(String, String)> {
        let shown = self.iter().filter(|(name, _)| !hidden.contains(name));
        let pair = |(name, value): (&str, Value<'_>)| {
            let value = match value {
                Value::Text(text) => text.to_owned(),
                Value::Signed(value) => value.to_string(),
                Value::Unsigned(value) => value.to_string(),
                Value::Float(value) => value.to_string(),
                Value::Flag(value) => value.to_string(),
            };
            (name.to_owned(), value)
        };
        shown.map(pair).collect()
    }

    /// Cuts each text to what takes `limit` bytes of a line, and leaves out all but the first fields.
    pub(super) fn shorten(&mut self, limit: usize) {
        self.values.truncate(KEPT);
        for (name, value) in &mut self.values {
            let limit = if *name == BACKTRACE { 32 << 10 } else { limit };
            if let Held::Text(range) = value {
                let text = self.texts.get(range.clone()).unwrap_or_default();
                range.end = range.start + super::record::cut(text, limit).len();
            }
        }
    }
}

/// The fields that a form shows as fields.
#[derive(Clone, Copy)]
pub(super) struct Rest<'a> {
    fields: &'a Fields,
    hidden: &'a [&'a str],
}

impl<'a> Rest<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = (&'static str, Value<'a>)> {
        let has_a_place = |name| matches!(name, BACKTRACE | ERROR_TYPE | FILE | LINE);
        let fields = self.fields.iter();
        fields.filter(move |(name, _)| !has_a_place(*name) && !self.hidden.contains(name))
    }
}

/// Takes an event's fields: its message, and the others.
pub(super) struct Taken<'a> {
    pub(super) message: &'a mut String,
    pub(super) fields: &'a mut Fields,
}

const MESSAGE: &str = "message";

impl Visit for Taken<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == MESSAGE {
            let _as_far_as_it_came = write!(self.message, "{value:?}");
        } else {
            self.fields.push_debug(field.name(), value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == MESSAGE {
            self.message.push_str(value);
        } else {
            self.fields.push_text(field.name(), value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.set(field.name(), Held::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.push_unsigned(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.set(field.name(), Held::Float(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.set(field.name(), Held::Flag(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.fields
            .push_text(field.name(), &isobar_core::chain(value));
    }
}
