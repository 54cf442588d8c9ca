//! What a host does after an invocation that was seen.

use std::fmt::Write;

use isobar_inspector::{Portable, Record, State};

use super::outcomes::{FAILS, FAILS_FOR_GOOD, LAST_FAILS, SUCCEEDS};
use super::{Input, read};

/// What the host does with what it was told of events; nothing for requests, whose client has the
/// answer.
pub(crate) fn effect(record: &Record) -> Option<&'static str> {
    let Portable::Events(items) = &record.portable else {
        return None;
    };
    let is_dropped = |item: &isobar_inspector::Item| {
        let outcome = item.outcome.as_ref();
        outcome.is_some_and(|outcome| outcome.what == "dropped")
    };
    let wanted = match record.state {
        State::Done => SUCCEEDS,
        State::Partly if items.iter().all(is_dropped) => FAILS_FOR_GOOD,
        State::Partly => LAST_FAILS,
        State::Failed => FAILS,
        State::Running | State::Lost => return None,
    };
    read(&input(record)).effect(wanted)
}

/// The native side, in the form in which it is explained.
fn input(record: &Record) -> Input {
    let native = &record.native_in;
    let body = native.body.bytes();
    if native.target().is_none() {
        return Input {
            bytes: body.to_vec(),
            function: None,
        };
    }
    let mut text = format!("{}\n", native.line);
    for (name, value) in &native.headers {
        // a String takes all that is written
        let _written = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    Input {
        bytes: [text.as_bytes(), body].concat(),
        function: None,
    }
}
