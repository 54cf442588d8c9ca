//! One level of a JSON object, borrowed and read leniently.
//!
//! Names may repeat (the last one counts), and what is not asked for may be of any form: an event
//! is not lost over a field that nobody reads. Nothing recurses, so no depth can exhaust the stack.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, each value as it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    /// Reads an object; `None` if the text is none.
    pub(crate) fn of(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// Returns a member's value as it stands, `null` too.
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        let mut from_the_end = self.0.iter().rev();
        from_the_end
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    /// Returns a member's value as it stands, unless it is `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.value(name).filter(|value| *value != "null")
    }

    /// Returns a member that is a text.
    pub(crate) fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)
            .filter(|value| value.starts_with('"'))
            .and_then(text)
    }

    /// Returns a member's text; a number's or a boolean's is what stands there.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text(self.get(name)?)
    }

    /// Returns the first of these members that has a text.
    pub(crate) fn any_text(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| self.text(name))
    }

    /// Returns a member that is a number, or a text that holds one.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// Returns a member that is an object.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Cow<'a, str>, &'a str)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads a value that is a text, a number or a boolean.
pub(crate) fn text(value: &str) -> Option<Cow<'_, str>> {
    if !value.starts_with('"') {
        return (!value.starts_with(['{', '[', 'n'])).then_some(Cow::Borrowed(value));
    }
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(value).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// Reads a list, each value as it stands; `None` if the text is none.
pub(crate) fn list(json: &str) -> Option<Vec<&str>> {
    let values: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(values.into_iter().map(RawValue::get).collect())
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = object.next_key::<&RawValue>()? {
            let value: &RawValue = object.next_value()?;
            members.push((text(name.get()).unwrap_or_default(), value.get()));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_as_they_stand() {
        let json =
            r#"{"a":"x","b\u0061":"\u00e9","c":{"d":[1]},"e":1.50,"f":null,"a":"y","g":"\/"}"#;
        let members = Members::of(json).unwrap();
        assert!(matches!(members.text("a"), Some(Cow::Borrowed("y"))));
        assert_eq!(members.text("ba").unwrap(), "é");
        assert_eq!(members.get("c"), Some(r#"{"d":[1]}"#));
        assert_eq!(members.text("c"), None);
        assert_eq!(members.text("e").unwrap(), "1.50");
        assert_eq!((members.get("f"), members.value("f")), (None, Some("null")));
        assert_eq!(members.text("g").unwrap(), "/");
        assert_eq!(members.number::<f32>("e"), Some(1.5));
    }

    #[test]
    fn no_depth_exhausts_the_stack() {
        let deep = format!(r#"{{"a":{}}}"#, "[".repeat(1 << 20) + &"]".repeat(1 << 20));
        assert!(Members::of(&deep).is_some());
        assert!(Members::of("[]").is_none() && Members::of(r#"{"a":1"#).is_none());
    }
}
