//! One binding of function.json.

use serde_json::Value;

use super::json::member;

/// A binding, as its object has it.
pub(super) struct Binding<'j> {
    pub(super) kind: &'j str,
    pub(super) name: &'j str,
    direction: &'j str,
    json: &'j Value,
}

impl<'j> Binding<'j> {
    pub(super) fn read(json: &'j Value) -> Result<Self, String> {
        let wanted =
            |name: &str| text(json, name).ok_or_else(|| format!(".{name} is wanted, a text"));
        Ok(Self {
            kind: wanted("type")?,
            name: wanted("name")?,
            direction: text(json, "direction").unwrap_or("in"),
            json,
        })
    }

    /// Returns what a member says; `None` if it says nothing.
    pub(super) fn text(&self, name: &str) -> Option<&'j str> {
        text(self.json, name)
    }

    /// Returns true if a member says `text`, in any case.
    pub(super) fn says(&self, name: &str, text: &str) -> bool {
        { self.text(name) }.is_some_and(|own| own.eq_ignore_ascii_case(text))
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    pub(super) fn is_trigger(&self) -> bool {
        let start = self.kind.len().saturating_sub("trigger".len());
        { self.kind.get(start..) }.is_some_and(|end| end.eq_ignore_ascii_case("trigger"))
    }

    pub(super) fn is_in(&self) -> bool {
        !self.direction.eq_ignore_ascii_case("out")
    }

    pub(super) fn is_out(&self) -> bool {
        !self.direction.eq_ignore_ascii_case("in")
    }
}

fn text<'j>(json: &'j Value, name: &str) -> Option<&'j str> {
    let text = member(json, name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

/// A binding that a function may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputBinding {
    pub(crate) name: String,
    /// The type, such as `queue`.
    pub(crate) kind: String,
    /// `dataType` is `binary`: of such a string the host decodes no base64.
    pub(crate) is_binary: bool,
}

impl OutputBinding {
    pub(super) fn of(binding: &Binding<'_>) -> Self {
        Self {
            name: binding.name.to_owned(),
            kind: binding.kind.to_owned(),
            is_binary: binding.says("dataType", "binary"),
        }
    }
}
