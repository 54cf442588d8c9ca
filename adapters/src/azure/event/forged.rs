//! Metadata that a message's own JSON has overwritten.
//!
//! Where the trigger's value is text that is a JSON object, the host copies the object's top-level
//! properties over the real metadata, lists excepted, and in any case of letters. Source:
//! `Utility.ApplyBindingData` of the host. `dataType` binary cures it: then nothing is copied.

use std::collections::BTreeSet;

use super::value::Json;

/// The names whose value may be the sender's.
#[derive(Clone, Debug, Default)]
pub(super) enum Forged {
    /// None.
    #[default]
    Nothing,
    /// The properties of an object, in capitals.
    Names(BTreeSet<String>),
    /// What looks like an object, but is none as JSON is defined: the host's reader takes more
    /// than that (names without quotes, comments). Any name that occurs in it counts.
    Within(String),
}

impl Forged {
    /// Judges the text of a message.
    pub(super) fn by(text: &isobar_core::Text) -> Self {
        let trimmed = text.trim();
        if !(trimmed.starts_with('{') && trimmed.ends_with('}')) {
            return Self::Nothing;
        }
        let Some(members) = Json::from(text.clone()).members() else {
            return Self::Within(text.to_uppercase());
        };
        let copied = members.into_iter().filter(|(_, value)| !value.is_list());
        Self::Names(copied.map(|(name, _)| name.to_uppercase()).collect())
    }

    /// Returns true if the value of this name may be the sender's.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Names(names) => names.contains(&name.to_uppercase()),
            // behind a backslash a name could be hidden
            Self::Within(text) => text.contains('\\') || text.contains(&name.to_uppercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_copies_is_the_senders() {
        for (text, forged) in [
            (r#"{"MessageId":"x"}"#, true),
            (r#" {"messageid":null, "a":1} "#, true),
            (r#"{"Message\u0049d":{}}"#, true),
            (r#"{"MessageId":[1]}"#, false),
            (r#"{"a":{"MessageId":1}}"#, false),
            (r#"[{"MessageId":"x"}]"#, false),
            ("MessageId", false),
            ("{'MessageId':'x'}", true),
            ("{ MessageId: 1 }", true),
            (r"{ 'Message\u0049d': 1 }", true),
            (r#"{ message: "Message sent" }"#, false),
            ("{/* */\"messageId\":1}", true),
            ("", false),
        ] {
            assert_eq!(Forged::by(&text.into()).has("MessageId"), forged, "{text}");
        }
    }

    #[test]
    fn a_list_and_its_like_of_one_name_count_as_the_senders() {
        let text = r#"{"MessageId":[1],"MESSAGEID":"x"}"#;
        assert!(Forged::by(&text.into()).has("MessageId"));
    }
}
