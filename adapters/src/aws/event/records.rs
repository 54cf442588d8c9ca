//! The list of records that many sources deliver, unread but for its first one's sign.

use std::borrow::Cow;

use serde::de::SeqAccess;
use serde_json::value::RawValue;

use crate::aws::json::{Any, Read, object};

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
    pub(in crate::aws) all: Vec<&'a RawValue>,
}

impl<'a> Read<'a> for Records<'a> {
    fn list<A: SeqAccess<'a>>(&mut self, mut list: A) -> Result<(), A::Error> {
        self.is_there = true;
        while let Some(raw) = list.next_element::<&RawValue>()? {
            if self.all.is_empty() {
                // What is valid JSON is read.
                let sign = serde_json::from_str::<Any<Sign<'a>>>(raw.get());
                self.source = sign.ok().and_then(|Any(sign)| sign.source);
            }
            self.all.push(raw);
        }
        Ok(())
    }
}

/// A walk over the records of a payload that holds nothing else, as the service writes it.
pub(super) struct Walk<'a> {
    rest: &'a str,
    done: bool,
}

/// The payload is not what it looked like.
#[derive(Debug)]
pub(super) struct Otherwise;

impl<'a> Walk<'a> {
    pub(super) fn begin(payload: &'a str) -> Option<Self> {
        let mut rest = payload;
        for token in ["{", "\"Records\"", ":", "["] {
            rest = rest.trim_ascii_start().strip_prefix(token)?;
        }
        Some(Self { rest, done: false })
    }

    /// How many there may be: a record of a queue has half a kilobyte at least.
    pub(super) fn guess(&self) -> usize {
        self.rest.len() / 512 + 1
    }

    /// Reads the next record, and returns it beside its text; `None` at the end.
    pub(super) fn next<T: Read<'a>>(&mut self) -> Result<Option<(&'a str, T)>, Otherwise> {
        if self.done {
            return Ok(None);
        }
        self.step().map(Some).ok_or(Otherwise)
    }

    fn step<T: Read<'a>>(&mut self) -> Option<(&'a str, T)> {
        let text = self.rest.trim_ascii_start();
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Any<T>>();
        let Any(record) = values.next()?.ok()?;
        let (raw, rest) = text.split_at_checked(values.byte_offset())?;
        let rest = rest.trim_ascii_start();
        if let Some(rest) = rest.strip_prefix(',') {
            self.rest = rest;
        } else {
            let end = rest.strip_prefix(']')?.trim_ascii_start();
            let end = end.strip_prefix('}')?.trim_ascii();
            self.done = end.is_empty().then_some(true)?;
        }
        Some((raw, record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(payload: &str) -> Option<Vec<&str>> {
        let mut walk = Walk::begin(payload)?;
        let mut all = Vec::new();
        while let Some((raw, _)) = walk.next::<Sign<'_>>().ok()? {
            all.push(raw);
        }
        Some(all)
    }

    #[test]
    fn a_walk_finds_each_records_own_text() {
        for (payload, wanted) in [
            (
                r#"{"Records":[{"a":1},{"b":"]}"}]}"#,
                Some(&[r#"{"a":1}"#, r#"{"b":"]}"}"#][..]),
            ),
            (" { \"Records\" : [ {} , 1 ] } ", Some(&["{}", "1"])),
            (r#"{"Records":[]}"#, None),
            (r#"{"Records":[{}],"more":1}"#, None),
            (r#"{"Records":[{}]} x"#, None),
            (r#"{"Records":[{}"#, None),
            (r#"{"Records":[{},]}"#, None),
            (r#"{"records":[{}]}"#, None),
        ] {
            assert_eq!(walked(payload).as_deref(), wanted, "{payload}");
        }
    }
}
