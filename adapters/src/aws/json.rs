//! Lenient reading of JSON: a value of another form than is wanted counts as absent.
//!
//! An event of a hundred fields may not be lost over one that nobody reads; what is missed where it
//! is needed is said there. Of a name that stands twice in an object, the last value counts.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::read_string;

/// What can be read from any JSON value; `Default` stands for a value of another form.
pub(super) trait Read<'a>: Default {
    /// Takes a text; a number or a boolean comes as its text.
    fn text(&mut self, _text: Cow<'a, str>) {}

    /// Takes a list.
    fn list<A: SeqAccess<'a>>(&mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    /// Takes an object.
    fn object<A: MapAccess<'a>>(&mut self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// What can be read as the value of an object's member.
pub(super) trait Member<'a>: Sized {
    fn read<A: MapAccess<'a>>(object: &mut A) -> Result<Self, A::Error>;
}

impl<'a, T: Read<'a>> Member<'a> for T {
    fn read<A: MapAccess<'a>>(object: &mut A) -> Result<Self, A::Error> {
        Ok(object.next_value::<Any<T>>()?.0)
    }
}

/// A value that is kept as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw<'a>(pub(super) Option<&'a RawValue>);

impl<'a> Member<'a> for Raw<'a> {
    fn read<A: MapAccess<'a>>(object: &mut A) -> Result<Self, A::Error> {
        let value: &RawValue = object.next_value()?;
        Ok(Self(Some(value).filter(|value| value.get() != "null")))
    }
}

/// A text that may be long: a body. It is passed over, and read by who knows what it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Long<'a>(Raw<'a>);

impl<'a> Member<'a> for Long<'a> {
    fn read<A: MapAccess<'a>>(object: &mut A) -> Result<Self, A::Error> {
        Raw::read(object).map(Self)
    }
}

impl<'a> Long<'a> {
    /// Returns a string's letters as they stand, escapes and all.
    pub(super) fn letters(self) -> Option<&'a str> {
        self.0.0?.get().strip_prefix('"')?.strip_suffix('"')
    }

    /// Returns the text; a number or a boolean as its text. `None` where there is none, or none that can be
    /// read.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let value = self.0.0?.get();
        let other = || {
            serde_json::from_str::<Any<Option<Cow<'a, str>>>>(value)
                .ok()?
                .0
        };
        read_string(value).or_else(other)
    }
}

/// Reads a value leniently.
pub(super) struct Any<T>(pub(super) T);

impl<'de, T: Read<'de>> Deserialize<'de> for Any<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData)).map(Self)
    }
}

struct Reader<T>(PhantomData<T>);

fn of_text<'a, T: Read<'a>>(text: Cow<'a, str>) -> T {
    let mut read = T::default();
    read.text(text);
    read
}

impl<'de, T: Read<'de>> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(of_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(of_text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<T, E> {
        Ok(of_text(Cow::Owned(text)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(of_text(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(of_text(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(of_text(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(of_text(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        let mut read = T::default();
        read.list(list)?;
        Ok(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        let mut read = T::default();
        read.object(object)?;
        Ok(read)
    }
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

    fn list<A: SeqAccess<'a>>(&mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(Any(text)) = list.next_element::<Any<Option<Cow<'a, str>>>>()? {
            self.extend(text);
        }
        Ok(())
    }
}

/// A name in an object; borrowed where it holds no escape.
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name: Option<Cow<'de, str>> = deserializer.deserialize_str(Reader(PhantomData))?;
        Ok(Self(name.unwrap_or_default()))
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
            fn object<A: serde::de::MapAccess<'a>>(
                &mut self,
                mut object: A,
            ) -> Result<(), A::Error> {
                use $crate::aws::json::{Member, Name};
                self.is_there = true;
                while let Some(Name(name)) = object.next_key()? {
                    match &*name {
                        $($($key)|+ => self.$field = Member::read(&mut object)?,)+
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(())
            }
        }
    };
}
pub(super) use object;
