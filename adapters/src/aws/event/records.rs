//! The list of records that many sources deliver, unread but for its first one's sign.

use std::borrow::Cow;

use crate::aws::json::{Read, document, object, value};
use crate::json::{Malformed, Reader};

object! {
    Sign {
        source: Option<Cow<'a, str>> = "eventSource" | "EventSource",
    }
}

/// `Records`.
#[derive(Debug, Default)]
pub(in crate::aws) struct Records<'a> {
    /// False for what is no list.
    pub(in crate::aws) is_there: bool,
    /// Where the first one is from.
    pub(in crate::aws) source: Option<Cow<'a, str>>,
    pub(in crate::aws) all: Vec<&'a str>,
}

impl<'a> Read<'a> for Records<'a> {
    fn list(&mut self, list: &mut Reader<'a>) -> Result<(), Malformed> {
        self.is_there = true;
        list.list(|record| {
            let raw = record.raw()?;
            if self.all.is_empty() {
                // What cannot be read has no sign.
                self.source = document(raw).ok().and_then(|sign: Sign<'a>| sign.source);
            }
            self.all.push(raw);
            Ok(())
        })
    }
}

/// The records of a payload that holds nothing else, as the service writes it.
pub(super) struct Alone<'a> {
    payload: &'a str,
}

impl<'a> Alone<'a> {
    /// Takes a payload that begins so; no other is looked through for them.
    pub(super) fn begin(payload: &'a str) -> Option<Self> {
        let inside = payload.trim_ascii_start().strip_prefix('{')?;
        let begins = inside.trim_ascii_start().starts_with("\"Records\"");
        begins.then_some(Self { payload })
    }

    /// How many there may be: a record of a queue has half a kilobyte at least.
    pub(super) fn guess(&self) -> usize {
        self.payload.len() / 512 + 1
    }

    /// Gives `take` each one beside its text; `None` where that will have no more, and if the payload is not
    /// what it looked like, or there is none.
    pub(super) fn each<T: Read<'a>>(
        &self,
        mut take: impl FnMut(&'a str, T) -> Option<()>,
    ) -> Option<()> {
        let (mut lists, mut records) = (0, 0);
        let read = Reader::whole(self.payload, |payload| {
            payload.object(|list, name| {
                lists += 1;
                if name != "Records" || lists > 1 {
                    return Err(Malformed);
                }
                list.list(|record| {
                    records += 1;
                    let (raw, record) = record.beside_raw(value)?;
                    take(raw, record).ok_or(Malformed)
                })
            })
        });
        read.ok().filter(|()| records > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(payload: &str) -> Option<Vec<&str>> {
        let mut all = Vec::new();
        Alone::begin(payload)?.each(|raw, _: Sign<'_>| {
            all.push(raw);
            Some(())
        })?;
        Some(all)
    }

    #[test]
    fn each_record_is_found_with_its_own_text() {
        for (payload, wanted) in [
            (
                r#"{"Records":[{"a":1},{"b":"]}"}]}"#,
                Some(&[r#"{"a":1}"#, r#"{"b":"]}"}"#][..]),
            ),
            (" { \"Records\" : [ {} , 1 ] } ", Some(&["{}", "1"])),
            (r#"{"Records":[]}"#, None),
            (r#"{"Records":[{}],"more":1}"#, None),
            (r#"{"Records":[{}],"Records":[{}]}"#, None),
            (r#"{"Records":[{}]} x"#, None),
            (r#"{"Records":[{}"#, None),
            (r#"{"Records":[{},]}"#, None),
            (r#"{"records":[{}]}"#, None),
        ] {
            assert_eq!(alone(payload).as_deref(), wanted, "{payload}");
        }
    }
}
