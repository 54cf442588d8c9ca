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
