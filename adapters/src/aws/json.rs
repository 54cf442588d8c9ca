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
