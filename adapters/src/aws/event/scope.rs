//! Where an event is read from, and by which rules.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;
use isobar_core::{EventBuilder, Text};

use super::malformed::{Malformed, Trigger};
use crate::aws::json::{Read, document, why};
use crate::aws::settings::EventRules;
use crate::json::{Malformed as NoJson, Reader};
use crate::slice;

/// What a translation has at hand: the text that it reads, and the deployment's rules.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The payload, or a text within it that holds another source's event.
    pub(super) payload: &'a ByteString,
    pub(super) rules: &'a EventRules,
}

impl<'a> Scope<'a> {
    /// Reads a part of the payload in one form.
    #[expect(
        clippy::unused_self,
        reason = "what is read lives as long as the payload"
    )]
    pub(super) fn read<T: Read<'a>>(self, trigger: Trigger, part: &'a str) -> Result<T, Malformed> {
        document(part).map_err(|NoJson| Malformed::caused(trigger, "the JSON", &why(part)))
    }

    pub(super) fn text(self, text: Cow<'_, str>) -> Text {
        slice::text(self.payload, text)
    }

    pub(super) fn part(self, text: &str) -> Text {
        slice::text(self.payload, Cow::Borrowed(text))
    }

    pub(super) fn bytes(self, text: &str) -> Bytes {
        slice::bytes(self.payload.as_bytes(), text)
    }

    /// The logical name of what the host calls `host`.
    pub(super) fn name(self, host: &Text) -> Text {
        self.rules.names.logical(host)
    }
}

/// Decodes base64, with or without padding and line breaks.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let decoded = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
    decoded
        .or_else(|_| base64_simd::forgiving_decode_to_vec(text.as_bytes()))
        .ok()
}

pub(super) const JSON: Text = Text::from_static("application/json");
pub(super) const TEXT: Text = Text::from_static("text/plain");

/// Returns true if the text is JSON; what begins like none is not read.
pub(super) fn is_json(text: &str) -> bool {
    let begins = text.trim_ascii_start().bytes().next();
    let could = begins.is_some_and(|byte| {
        matches!(byte, b'{' | b'[' | b'"' | b'-' | b't' | b'f' | b'n') || byte.is_ascii_digit()
    });
    could && Reader::whole(text, Reader::pass).is_ok()
}

/// Sets data that came as base64: its type is known if it is JSON.
pub(super) fn decoded(event: EventBuilder, data: Vec<u8>) -> EventBuilder {
    if std::str::from_utf8(&data).is_ok_and(is_json) {
        event.data(JSON, data)
    } else {
        event.untyped_data(data)
    }
}
