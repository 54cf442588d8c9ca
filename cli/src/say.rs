//! The one place that writes: people's words to stderr, data to stdout.
//!
//! Colours go where a terminal is, as `NO_COLOR` and its kin say.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// Bold green: what goes well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Bold yellow: what wants a look.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// Bold red: what is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Bold cyan: advice, headings.
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// Bold.
pub(crate) const BOLD: Style = Style::new().bold();
/// Dimmed: what can be passed over.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Paints a text.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Writes a line of people's words.
pub(crate) fn line(text: impl Display) {
    // who has closed our stderr does not want to hear it
    let _heard = writeln!(anstream::stderr(), "{text}");
}

/// Writes a line of data.
pub(crate) fn data(text: impl Display) {
    // a reader who has gone, as `head` does, has had enough
    let _read = writeln!(anstream::stdout(), "{text}");
}

/// Writes a line that a program wrote, where it wrote it.
pub(crate) fn echo(to_stdout: bool, text: &str) {
    if to_stdout {
        let _read = writeln!(anstream::stdout(), "{text}");
    } else {
        let _heard = writeln!(anstream::stderr(), "{text}");
    }
}

/// Says what is being done, as cargo does: a word that stands out, and the rest.
pub(crate) fn status(word: &str, rest: impl Display) {
    line(format_args!("{GOOD}{word:>12}{GOOD:#} {rest}"));
}

/// Says what wants a look.
pub(crate) fn warn(text: impl Display) {
    line(format_args!("{WARN}warning{WARN:#}: {text}"));
}

/// Says what went wrong.
pub(crate) fn error(text: impl Display) {
    line(format_args!("{BAD}error{BAD:#}: {text}"));
}

/// Says what caused it.
pub(crate) fn because(text: impl Display) {
    line(format_args!("  {DIM}because{DIM:#}: {text}"));
}

/// Says what mends it.
pub(crate) fn help(text: impl Display) {
    line(format_args!("   {NOTE}help{NOTE:#}: {text}"));
}

/// Asks a question on the terminal; `None` where there is none to ask, or no answer.
pub(crate) fn ask(question: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let _asked = write!(anstream::stderr(), "{NOTE}?{NOTE:#} {question} ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    let answer = answer.trim();
    (!answer.is_empty()).then(|| answer.to_owned())
}
