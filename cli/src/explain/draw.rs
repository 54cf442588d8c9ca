//! Explanations drawn for people.

use serde_json::Value;

use super::reading::{Brings, Reading};
use crate::say::{self, BOLD, DIM, GOOD, NOTE, WARN, paint};

/// The widest line that is drawn, where the terminal does not say.
const WIDTH: usize = 100;

/// Draws an explanation.
pub(super) fn draw(reading: &Reading) {
    let style = if reading.known { GOOD } else { WARN };
    say::data(format_args!(
        "{} {}",
        paint(style, reading.host),
        paint(BOLD, &reading.source)
    ));
    for sign in &reading.signs {
        say::data(format_args!("  {} {sign}", paint(DIM, "sign")));
    }
    if let Some(note) = reading.note {
        say::data(format_args!("  {} {note}", paint(DIM, "note")));
    }
    match &reading.brings {
        Brings::Request(request) => {
            section("The handler sees a request");
            tree(request);
        }
        Brings::Events(events) => {
            let count = events.len();
            let title = match count {
                0 => "The handler sees nothing: there is no event in it".to_owned(),
                1 => "The handler sees an event".to_owned(),
                many => format!("The handler sees {many} events"),
            };
            section(&title);
            for (n, event) in events.iter().enumerate() {
                if count > 1 {
                    say::data(format_args!("  {}", paint(DIM, format_args!("{}", n + 1))));
                }
                tree(event);
            }
        }
        Brings::Nothing(why) => {
            section("The handler sees nothing");
            say::data(format_args!("  {why}"));
        }
    }
    if !reading.changes.is_empty() {
        section("Changed, or not kept");
        for change in &reading.changes {
            say::data(format_args!("  {} {change}", paint(WARN, "~")));
        }
    }
    if !reading.outcomes.is_empty() {
        section("What the host is told, and does");
        for told in &reading.outcomes {
            say::data(format_args!("  {}", paint(BOLD, told.outcome)));
            say::data(format_args!(
                "    {} {}",
                paint(DIM, "told"),
                short(&told.answer)
            ));
            say::data(format_args!("    {} {}", paint(DIM, "then"), told.effect));
        }
    }
}

fn section(title: &str) {
    say::data("");
    say::data(paint(NOTE, title));
}

/// The members of an object, a line each; what is longer is drawn below.
fn tree(value: &Value) {
    for line in lines(value) {
        say::data(format_args!("  {line}"));
    }
}

/// A value as lines: a name, and what it has.
pub(crate) fn lines(value: &Value) -> Vec<String> {
    let Some(members) = value.as_object() else {
        return pretty(value);
    };
    let widest = members.keys().map(String::len).max().unwrap_or_default();
    let mut lines = Vec::new();
    for (name, value) in members {
        let mut below = headers(value).unwrap_or_else(|| pretty(value)).into_iter();
        let first = below.next().unwrap_or_default();
        lines.push(format!("{name:<widest$}  {first}"));
        lines.extend(below.map(|line| format!("{:<widest$}  {line}", "")));
    }
    lines
}

/// A list of names and values, as headers are shown.
fn headers(value: &Value) -> Option<Vec<String>> {
    let pairs = value.as_array().filter(|pairs| !pairs.is_empty())?;
    pairs
        .iter()
        .map(|pair| match pair.as_array().map(Vec::as_slice) {
            Some([Value::String(name), Value::String(value)]) => Some(format!("{name}: {value}")),
            _ => None,
        })
        .collect()
}

fn pretty(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.lines().map(str::to_owned).collect(),
        other => {
            let line = other.to_string();
            if line.len() <= 72 {
                return vec![line];
            }
            format!("{other:#}").lines().map(str::to_owned).collect()
        }
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Two columns side by side where they have room, one above the other where not.
pub(crate) fn columns(left: (&str, &[String]), right: (&str, &[String])) {
    let width = width();
    let half = width.saturating_sub(3) / 2;
    let fits = |lines: &[String]| lines.iter().all(|line| line.chars().count() <= half);
    let (left_title, left) = left;
    let (right_title, right) = right;
    if half < 30 || !fits(left) && !fits(right) && width < 120 {
        for (title, lines) in [(left_title, left), (right_title, right)] {
            say::data(paint(DIM, title));
            for line in lines {
                say::data(format_args!("  {line}"));
            }
        }
        return;
    }
    let (left, right) = (wrapped(left, half), wrapped(right, half));
    say::data(format_args!(
        "{}   {}",
        paint(DIM, format_args!("{left_title:<half$}")),
        paint(DIM, right_title)
    ));
    for n in 0..left.len().max(right.len()) {
        let at = |lines: &[String]| lines.get(n).cloned().unwrap_or_default();
        let line = format!("{:<half$} {} {}", at(&left), paint(DIM, "|"), at(&right));
        say::data(line.trim_end());
    }
}

fn width() -> usize {
    let told = terminal_size::terminal_size().map(|(width, _height)| usize::from(width.0));
    told.unwrap_or(WIDTH).min(200)
}

fn wrapped(lines: &[String], width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in lines {
        let chars: Vec<_> = line.chars().collect();
        if chars.is_empty() {
            out.push(String::new());
        }
        out.extend(
            chars
                .chunks(width.max(1))
                .map(|part| part.iter().collect::<String>()),
        );
    }
    out
}
