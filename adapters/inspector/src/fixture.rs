//! An invocation as a file, to be sent again.

use serde::{Deserialize, Serialize};

use crate::{Native, Portable, Record};

/// The form of the file.
const VERSION: u32 = 1;

/// What was sent, natively and in portable parts. On its own host the native side is sent again byte
/// for byte; any other host is sent its own form of the portable side.
///
/// # Example: from a record to a file, and back
///
/// ```
/// use isobar_inspector::{Fixture, Record};
///
/// let fixture = Fixture::of(&Record { host: "aws".to_owned(), ..Record::default() })?;
/// assert_eq!(Fixture::parse(&fixture.text())?.host, "aws");
/// # Ok::<(), isobar_inspector::NotAFixture>(())
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Fixture {
    /// The version of this form.
    #[serde(rename = "isobar_fixture")]
    version: u32,
    /// Whose host it came from.
    pub host: String,
    /// Through which trigger.
    #[serde(default)]
    pub trigger: String,
    /// What the host sent.
    pub native: Native,
    /// What the handler saw.
    #[serde(default)]
    pub portable: Portable,
}

/// Why something is no fixture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAFixture(String);

impl std::fmt::Display for NotAFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAFixture {}

impl Fixture {
    /// Makes one of an invocation.
    ///
    /// # Errors
    ///
    /// When a part of what was sent was not kept, because it was long.
    pub fn of(record: &Record) -> Result<Self, NotAFixture> {
        let is_cut = match &record.portable {
            Portable::Request(request) => request.body.is_cut(),
            Portable::Events(items) => {
                let mut data = items.iter().filter_map(|item| item.data.as_ref());
                data.any(crate::Blob::is_cut) || record.items_left_out > 0
            }
            Portable::Nothing => false,
        };
        if record.native_in.body.is_cut() || is_cut {
            let kept = crate::LIMIT >> 10;
            let length = record.native_in.body.length();
            return Err(NotAFixture(format!(
                "it cannot be sent again: of its {length} bytes only {kept} KiB were kept; send a smaller one"
            )));
        }
        let mut portable = record.portable.clone();
        if let Portable::Events(items) = &mut portable {
            for item in items {
                item.outcome = None;
            }
        }
        Ok(Self {
            version: VERSION,
            host: record.host.clone(),
            trigger: record.trigger.clone(),
            native: record.native_in.clone(),
            portable,
        })
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// When it is none, or of another version.
    pub fn parse(text: &str) -> Result<Self, NotAFixture> {
        let fixture: Self = serde_json::from_str(text).map_err(|error| {
            NotAFixture(format!("it is no fixture of the inspector's: {error}"))
        })?;
        if fixture.version == VERSION {
            return Ok(fixture);
        }
        let version = fixture.version;
        Err(NotAFixture(format!(
            "it is a fixture of version {version}, and {VERSION} is what is read here; record it again"
        )))
    }

    /// Writes the text of a file.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// Returns what is sent, as far as it is known of an invocation.
    pub fn into_record(self) -> Record {
        Record {
            host: self.host,
            trigger: self.trigger,
            native_in: self.native,
            portable: self.portable,
            ..Record::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Blob, Item, LIMIT, Outcome};

    #[test]
    fn bytes_come_back_as_they_were_and_outcomes_are_left_out() {
        let record = Record {
            host: "gcp".to_owned(),
            native_in: Native {
                line: "POST /events HTTP/1.1".to_owned(),
                headers: vec![("ce-id".to_owned(), "1".to_owned())],
                body: Blob::of(b"\xff\0"),
            },
            portable: Portable::Events(vec![Item {
                data: Some(Blob::of(b"x")),
                outcome: Some(Outcome::default()),
                ..Item::default()
            }]),
            ..Record::default()
        };
        let fixture = Fixture::parse(&Fixture::of(&record).unwrap().text()).unwrap();
        let again = fixture.into_record();
        assert_eq!(again.native_in, record.native_in);
        assert!(again.items()[0].outcome.is_none());
    }

    #[test]
    fn what_was_cut_and_what_is_none_is_refused_with_a_reason() {
        let mut record = Record::default();
        record.native_in.body = Blob::of(&vec![b'x'; LIMIT + 1]);
        let error = Fixture::of(&record).unwrap_err().to_string();
        assert!(error.contains("128 KiB"), "{error}");
        assert!(Fixture::parse("{}").is_err());
        let newer = r#"{"isobar_fixture":2,"host":"aws","native":{}}"#;
        let error = Fixture::parse(newer).unwrap_err().to_string();
        assert!(error.contains("record it again"), "{error}");
    }
}
