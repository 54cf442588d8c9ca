//! Lines for people: readable, coloured on a terminal.

use std::fmt::{self, Display, Write};

use super::fields::{BACKTRACE, Value};
use super::record::{Record, Severity};
use super::time::Rfc3339;

/// What the message of an access line says already.
const SAID: [&str; 6] = [
    "request_id",
    "trigger",
    "method",
    "path",
    "status",
    "source",
];

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";

pub(super) fn write(record: &Record<'_>, is_coloured: bool, line: &mut Vec<u8>) {
    let mut text = String::new();
    let _text_takes_all = if record.severity == Severity::Fatal {
        last(record, &mut text)
    } else {
        plain(record, is_coloured, &mut text)
    };
    line.extend_from_slice(text.as_bytes());
}

fn plain(record: &Record<'_>, is_coloured: bool, text: &mut String) -> fmt::Result {
    let time = Rfc3339::milliseconds(record.time);
    let level = record.severity.as_str();
    let colour = colour(record.severity);
    if is_coloured {
        write!(text, "{DIM}{time}{RESET} {colour}{level:>5}{RESET} ")?;
    } else {
        write!(text, "{time} {level:>5} ")?;
    }
    write!(text, "{}", Indented(&record.message))?;
    if is_coloured {
        text.push_str(DIM);
    }
    push_fields(record, text)?;
    if let Some(id) = record.request_id() {
        push_name(text, "request_id");
        push_line(text, id)?;
    }
    if let Some(trace_id) = record.trace_id() {
        push_name(text, "trace_id");
        text.push_str(trace_id);
    }
    push_backtrace(record, text)?;
    if is_coloured {
        text.push_str(RESET);
    }
    Ok(())
}

/// A program's last word stands alone: its first words say whose it is.
fn last(record: &Record<'_>, text: &mut String) -> fmt::Result {
    write!(text, "{}", Indented(&record.message))?;
    push_backtrace(record, text)
}

fn push_backtrace(record: &Record<'_>, text: &mut String) -> fmt::Result {
    match record.fields.text(BACKTRACE) {
        Some(backtrace) => write!(text, "\n    {}", Indented(backtrace.trim_end())),
        None => Ok(()),
    }
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Trace => "\x1b[35m",
        Severity::Debug => "\x1b[34m",
        Severity::Info => "\x1b[32m",
        Severity::Warn => "\x1b[33m",
        Severity::Error | Severity::Fatal => "\x1b[31m",
    }
}

/// Writes ` name=value` of each field that the message does not have, and a failure's place.
pub(super) fn push_fields(record: &Record<'_>, text: &mut String) -> fmt::Result {
    let hidden = if record.target == "isobar::access" {
        &SAID[..]
    } else {
        record.shown()
    };
    for (name, value) in record.fields.rest(hidden).iter() {
        push_name(text, name);
        match value {
            Value::Text(value) if is_plain(value) => text.push_str(value),
            Value::Text(value) => write!(text, "{value:?}")?,
            Value::Signed(value) => write!(text, "{value}")?,
            Value::Unsigned(value) => write!(text, "{value}")?,
            Value::Float(value) => write!(text, "{value}")?,
            Value::Flag(value) => write!(text, "{value}")?,
        }
    }
    // A panic's message has it.
    match record.failure_place() {
        Some((file, line)) if !record.message.contains(file) => write!(text, " at={file}:{line}"),
        _ => Ok(()),
    }
}

/// Adds ` name=`. Not by `write!`, which costs more than the line's own letters.
pub(super) fn push_name(text: &mut String, name: &str) {
    text.push(' ');
    text.push_str(name);
    text.push('=');
}

/// True for a value that needs no quotes to be told from what stands around it.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"'=".contains(&byte))
}

/// Adds a text as [`OneLine`] shows it.
pub(super) fn push_line(text: &mut String, added: &str) -> fmt::Result {
    if added
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    {
        text.push_str(added);
        return Ok(());
    }
    write!(text, "{}", OneLine(added))
}

/// A text whose control characters, which could forge a line or drive a terminal, are escaped.
struct OneLine<'a>(&'a str);

impl Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(self.0, None, f)
    }
}

/// The same, but each further line begins with spaces, which no line of ours does.
struct Indented<'a>(&'a str);

impl Display for Indented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(self.0, Some("\n    "), f)
    }
}

fn escaped(text: &str, newline: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(is_control) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        f.write_str(before)?;
        let mut letters = from.chars();
        match (letters.next(), newline) {
            (Some('\n'), Some(newline)) => f.write_str(newline)?,
            (Some(letter), _) => write!(f, "{}", letter.escape_default())?,
            (None, _) => {}
        }
        rest = letters.as_str();
    }
    f.write_str(rest)
}

/// Also what ends a line to some readers.
fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}
