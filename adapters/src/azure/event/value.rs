//! One value of `Data` or `Metadata`, and the host's encoding of it undone.
//!
//! The host writes an object as it is, bytes as base64 and dates as text. All else becomes text
//! that holds its JSON: a message `hello` is `"\"hello\""`, a number is `"1"`. Source:
//! `GetHttpScriptInvocationContextValue` of the host's `ScriptInvocationContextExtensions.cs`.

use std::borrow::Cow;

use base64_simd::STANDARD;
use isobar_core::{Bytes, Text};
use serde_json::value::RawValue;

use crate::azure::text::Str;

/// How often text may hold the JSON of text: no host goes deeper.
const DEPTH: usize = 4;

/// A JSON value, as its text: a slice of the payload, or of what was decoded from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Json(Text);

impl Json {
    /// A value that stands within `whole`.
    pub(super) fn within(whole: &Text, value: &RawValue) -> Self {
        Self(whole.slice_ref(value.get()))
    }

    /// Returns the JSON as it stands.
    pub(super) fn raw(&self) -> &Text {
        &self.0
    }

    pub(super) fn is_object(&self) -> bool {
        self.0.starts_with('{')
    }

    pub(super) fn is_list(&self) -> bool {
        self.0.starts_with('[')
    }

    pub(super) fn is_string(&self) -> bool {
        self.0.starts_with('"')
    }

    /// Returns the content of a JSON string; `None` if it is another value.
    pub(super) fn content(&self) -> Option<Text> {
        content(&self.0)
    }

    /// Returns the text that the host has encoded: once in JSON's own way, once more by itself. In
    /// the plain form of older documents, and of an element of a list, it is encoded once.
    pub(super) fn text(&self) -> Text {
        if let Some(inner) = twice_plain(&self.0) {
            return self.0.slice_ref(inner);
        }
        match self.content() {
            Some(once) => content(&once).unwrap_or(once),
            None => self.0.clone(),
        }
    }

    /// Returns the bytes that the value is the base64 of; `None` if it is no base64.
    pub(super) fn bytes(&self) -> Option<Bytes> {
        let text = self.content()?;
        STANDARD
            .decode_to_vec(text.as_bytes())
            .ok()
            .map(Bytes::from)
    }

    /// Returns the value that text holds, however often it was encoded: an object, a list, ..
    pub(super) fn unwrapped(&self) -> Self {
        let mut value = self.clone();
        for _ in 0..DEPTH {
            match value.content() {
                Some(text) => value = Self(text.slice_ref(text.trim())),
                None => break,
            }
        }
        value
    }

    /// Returns the elements of a list; `None` if it is another value, or no JSON.
    pub(super) fn elements(&self) -> Option<Vec<Self>> {
        let list: Vec<&RawValue> = serde_json::from_str(&self.0).ok()?;
        Some(list.into_iter().map(|e| Self::within(&self.0, e)).collect())
    }

    /// Returns the members of an object; `None` if it is another value, or no JSON.
    pub(super) fn members(&self) -> Option<Vec<(Text, Self)>> {
        let Members(members) = serde_json::from_str(&self.0).ok()?;
        let own = |(name, value): (Cow<'_, str>, &RawValue)| {
            (slice(&self.0, name), Self::within(&self.0, value))
        };
        Some(members.into_iter().map(own).collect())
    }

    /// Returns the member of an object.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let mut members = self.members()?.into_iter();
        members.find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Returns a value as text: the content of a string, the JSON of any other; `None` for null.
    pub(super) fn shown(&self) -> Option<Text> {
        match self.content() {
            None if &*self.0 == "null" => None,
            None => Some(self.0.clone()),
            content => content,
        }
    }
}

impl From<Text> for Json {
    fn from(json: Text) -> Self {
        Self(json.slice_ref(json.trim()))
    }
}

/// The content of a JSON string: a slice of it, unless something in it is escaped.
fn content(json: &Text) -> Option<Text> {
    if !json.starts_with('"') {
        return None;
    }
    let Str(content) = serde_json::from_str(json).ok()?;
    Some(slice(json, content))
}

pub(super) fn slice(whole: &Text, part: Cow<'_, str>) -> Text {
    match part {
        Cow::Borrowed(part) => whole.slice_ref(part),
        Cow::Owned(part) => part.into(),
    }
}

/// What stands in `"\"..\""` where nothing in it is escaped, as in most text.
fn twice_plain(json: &str) -> Option<&str> {
    let inner = json.strip_prefix(r#""\""#)?.strip_suffix(r#"\"""#)?;
    (!inner.contains('\\')).then_some(inner)
}

/// The members of an object, in their order.
pub(super) struct Members<'p>(pub(super) Vec<(Cow<'p, str>, &'p RawValue)>);

impl<'de: 'p, 'p> serde::Deserialize<'de> for Members<'p> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Str(name), value)) = map.next_entry::<Str<'de>, &RawValue>()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(value: &Value) -> Json {
        Json::from(Text::from(value.to_string()))
    }

    /// As the host encodes text.
    fn encoded(text: &str) -> Json {
        of(&json!(json!(text).to_string()))
    }

    #[test]
    fn text_is_what_the_sender_sent() {
        for text in [
            "hello",
            "",
            "a \"b\" \\ \n é",
            "{\"a\":1}",
            "[1]",
            "1",
            "null",
            "\"quoted\"",
            "\\",
        ] {
            assert_eq!(encoded(text).text(), text);
        }
    }

    #[test]
    fn text_may_come_plain_or_be_another_value() {
        for (value, wanted) in [
            (json!("hello"), "hello"),
            (
                json!("{ message: \"Message sent\" }"),
                "{ message: \"Message sent\" }",
            ),
            (json!("\"no JSON"), "\"no JSON"),
            (json!(1), "1"),
            (json!("1"), "1"),
            (json!({"a": 1}), "{\"a\":1}"),
        ] {
            assert_eq!(of(&value).text(), wanted, "{value}");
        }
    }

    #[test]
    fn plain_text_is_a_slice_of_the_payload() {
        let value = encoded("hello");
        let at = |text: &str| text.as_ptr() as usize;
        assert_eq!(at(&value.text()), at(value.raw()) + 3);
    }

    #[test]
    fn what_is_encoded_once_or_twice_is_unwrapped() {
        let list = json!([{"id": "1"}, "two"]);
        for value in [
            list.clone(),
            json!(list.to_string()),
            json!(json!(list.to_string()).to_string()),
        ] {
            let elements = of(&value).unwrapped().elements().unwrap();
            let [object, text] = elements.as_slice() else {
                panic!("{elements:?}");
            };
            assert_eq!(object.member("id").unwrap().text(), "1");
            assert_eq!(text.content().unwrap(), "two");
        }
    }

    #[test]
    fn unwrapping_ends() {
        let deep = (0..10).fold(json!("x"), |value, _| json!(value.to_string()));
        assert!(of(&deep).unwrapped().is_string());
        assert!(of(&json!("[1")).unwrapped().elements().is_none());
    }
}
