//! Lenient reading of JSON: a value of another form than is wanted counts as absent.
//!
//! An event of a hundred fields may not be lost over one that nobody reads; what is missed where it
//! is needed is said there. Of a name that stands twice in an object, the last value counts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
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

/// What can be read as the value of an object's member. It is filled where it stands: an event is
/// large, and each level would hand a copy on.
pub(super) trait Member<'a> {
    fn read<A: MapAccess<'a>>(&mut self, object: &mut A) -> Result<(), A::Error>;
}

impl<'a, T: Read<'a>> Member<'a> for T {
    fn read<A: MapAccess<'a>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        *self = T::default();
        object.next_value_seed(Fill(self))
    }
}

/// A value that is kept as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Raw<'a>(pub(super) Option<&'a RawValue>);

impl<'a> Member<'a> for Raw<'a> {
    fn read<A: MapAccess<'a>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        let value: &RawValue = object.next_value()?;
        self.0 = Some(value).filter(|value| value.get() != "null");
        Ok(())
    }
}

/// A text that may be long: a body. It is passed over, and read by who knows what it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Long<'a>(Raw<'a>);

impl<'a> Member<'a> for Long<'a> {
    fn read<A: MapAccess<'a>>(&mut self, object: &mut A) -> Result<(), A::Error> {
        self.0.read(object)
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
        let mut read = Self(T::default());
        Fill(&mut read.0).deserialize(deserializer)?;
        Ok(read)
    }
}

/// Reads a document leniently into a place that is still empty.
pub(super) fn fill<'a, T: Read<'a>>(place: &mut T, text: &'a str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Fill(place).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// A place that a value is read into.
struct Fill<'p, T>(&'p mut T);

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Fill<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Read<'de>> Visitor<'de> for Fill<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.0.text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_string<E>(self, text: String) -> Result<(), E> {
        self.0.text(Cow::Owned(text));
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0
            .text(Cow::Borrowed(if value { "true" } else { "false" }));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.text(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.text(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.text(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<(), A::Error> {
        self.0.object(object)
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
        let mut name: Option<Cow<'de, str>> = None;
        deserializer.deserialize_str(Fill(&mut name))?;
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
                        $($($key)|+ => Member::read(&mut self.$field, &mut object)?,)+
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(())
            }
        }
    };
}
pub(super) use object;
