//! What is known of a line, before it has a form.

use std::borrow::Cow;
use std::fmt::Debug;
use std::time::SystemTime;

use isobar_core::Function;
use tracing::Level;
use tracing::field::{Field, Visit};

use super::fields::{FILE, Fields, LINE};

/// A line, before it has a form.
pub(super) struct Record<'a> {
    pub(super) time: SystemTime,
    pub(super) severity: Severity,
    pub(super) target: &'a str,
    pub(super) message: Cow<'a, str>,
    pub(super) invocation: Option<&'a Invocation>,
    pub(super) fields: &'a mut Fields,
    /// Where it was written, as far as it is known.
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u32>,
    pub(super) module: Option<&'a str>,
    /// Whose line it is, where the host wants to know.
    pub(super) function: Option<&'a Function>,
}

/// A level, and that of a program's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::TRACE => Self::Trace,
            Level::DEBUG => Self::Debug,
            Level::INFO => Self::Info,
            Level::WARN => Self::Warn,
            Level::ERROR => Self::Error,
        }
    }
}

impl Severity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

/// A message that is longer is cut, where a line is too long; in bytes of a line.
const MESSAGE: usize = 64 << 10;

/// The same, for each field.
const FIELD: usize = 512;

impl Record<'_> {
    /// The id of the invocation; lines that the host's own loop writes name it themselves.
    pub(super) fn request_id(&self) -> Option<&str> {
        let own = self.fields.text("request_id");
        let own = own.filter(|_| self.target.starts_with("isobar"));
        let id = self.invocation.map(|invocation| &*invocation.request_id);
        own.or(id).filter(|id| !id.is_empty())
    }

    /// The fields that `request_id` has shown.
    pub(super) fn shown(&self) -> &'static [&'static str] {
        if self.target.starts_with("isobar") {
            &["request_id"]
        } else {
            &[]
        }
    }

    pub(super) fn trace_id(&self) -> Option<&str> {
        self.invocation?.trace_id.as_deref()
    }

    /// File and line: of a failure where it came from, else where the line was written.
    pub(super) fn place(&self) -> Option<(&str, u64)> {
        let own = self.fields.text(FILE).zip(self.fields.unsigned(LINE));
        own.or_else(|| self.file.zip(self.line.map(Into::into)))
    }

    /// The function of that place, as far as it is known: of a handler's failure it is not.
    pub(super) fn within(&self) -> Option<&str> {
        let module = self.module?;
        let is_handlers = module.starts_with("isobar_core") && self.failure_place().is_some();
        (!is_handlers).then_some(module)
    }

    /// The place of a failure, which is worth a reader's time.
    pub(super) fn failure_place(&self) -> Option<(&str, u64)> {
        self.fields.text(FILE).zip(self.fields.unsigned(LINE))
    }

    /// Cuts what is long, and says so in the message.
    pub(super) fn shorten(&mut self) {
        let kept = cut(&self.message, MESSAGE).len();
        let lost = self.message.len() - kept;
        let said = if lost > 0 {
            format!(" [the line was too long: {lost} bytes of its message are missing]")
        } else {
            " [the line was too long: its fields are cut]".to_owned()
        };
        let message = self.message.to_mut();
        message.truncate(kept);
        message.push_str(&said);
        self.fields.shorten(FIELD);
    }
}

/// Returns as much of a text as takes `limit` bytes in whatever form.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let mut left = limit;
    for (at, letter) in text.char_indices() {
        let size = match letter {
            '"' | '\\' => 2,
            // With the spaces that stand before a further line.
            '\n' => 5,
            '\u{2028}' | '\u{2029}' => 8,
            _ if letter.is_control() => 8,
            _ => letter.len_utf8(),
        };
        match left.checked_sub(size) {
            Some(less) => left = less,
            None => return text.get(..at).unwrap_or_default(),
        }
    }
    text
}

/// What the span of an invocation says.
#[derive(Clone, Debug, Default)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) trace_id: Option<String>,
    pub(super) span_id: Option<String>,
    pub(super) trace_sampled: Option<bool>,
    pub(super) tenant: Option<String>,
    /// The event's, where it is a single one.
    pub(super) event_id: Option<String>,
}

impl Visit for Invocation {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = value.to_owned();
        match field.name() {
            "request_id" => self.request_id = value,
            "trace_id" => self.trace_id = Some(value),
            "span_id" => self.span_id = Some(value),
            "tenant" => self.tenant = Some(value),
            "event_id" => self.event_id = Some(value),
            _ => {}
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "trace_sampled" {
            self.trace_sampled = Some(value);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}
