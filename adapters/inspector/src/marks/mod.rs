//! What a translation has done: which part of one side became which part of the other, and how.
//!
//! Nothing of a source is known here. The values that were seen are compared, so that what is marked
//! is what has happened, also where a translation is wrong.

mod leaves;
mod pair;
mod relate;
mod times;
mod why;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::{Portable, Record};
use leaves::{of_answer, of_context, of_item, of_native, of_outcomes, of_request, within};

/// A difference between the native and the portable side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// `in` or `out`.
    pub side: &'static str,
    /// `moved`, `decoded`, `encoded`, `joined`, `cut`, `added` or `dropped`.
    pub what: &'static str,
    /// Where it is natively, if it is there.
    pub native: Option<String>,
    /// Where it is for the handler, if it is there.
    pub portable: Option<String>,
    /// How, or why.
    pub why: String,
}

/// So many of them are told.
const TOLD: usize = 150;

/// So many events of a batch are looked at.
const ITEMS: usize = 10;

/// Returns the differences between the sides of an invocation, in the order of the portable side;
/// what the handler does not see comes last.
pub fn marks(record: &Record) -> Vec<Mark> {
    let mut marks = coming(record);
    marks.extend(going(record));
    marks.truncate(TOLD);
    marks
}

fn coming(record: &Record) -> Vec<Mark> {
    let native = of_native(&record.native_in, is_wrapped(record));
    let mut pairs = pair::Pairs::new("in", native);
    match &record.portable {
        Portable::Nothing => return Vec::new(),
        Portable::Request(request) => {
            pairs.add("", &of_request(request));
            pairs.add("", &of_context(&record.context));
        }
        Portable::Events(items) => {
            for (place, item) in items.iter().take(ITEMS).enumerate() {
                let own = within(pairs.from(), place, items.len());
                pairs.add(&own, &of_item(item, place));
            }
            if items.len() > ITEMS {
                return pairs.marks();
            }
        }
    }
    pairs.finish()
}

fn going(record: &Record) -> Vec<Mark> {
    let Some(told) = &record.native_out else {
        return Vec::new();
    };
    let native = of_native(told, is_wrapped_out(record));
    let (portable, finish) = match (&record.answer, &record.portable) {
        (Some(answer), _) => (of_answer(answer), true),
        (None, Portable::Events(items)) => (of_outcomes(items), false),
        _ => return Vec::new(),
    };
    // here the portable side is where it comes from
    let mut pairs = pair::Pairs::new("out", portable);
    pairs.add("", &native);
    if finish {
        pairs.finish()
    } else {
        pairs.marks()
    }
}

/// Returns true where the native side is a document that holds the request, and not the request.
fn is_wrapped(record: &Record) -> bool {
    let is_event = record.native_in.line == "event";
    is_event || matches!(record.portable, Portable::Events(_)) || is_invocation(record)
}

fn is_wrapped_out(record: &Record) -> bool {
    record.native_in.line == "event" || is_invocation(record)
}

/// Azure's invocation JSON is posted to the function's own name.
fn is_invocation(record: &Record) -> bool {
    let headers = &record.native_in.headers;
    let is_posted = record.host == "azure" && record.native_in.line.starts_with("POST ");
    let body = record.native_in.body.bytes();
    is_posted
        && body.starts_with(b"{\"Data\"")
        && headers
            .iter()
            .any(|(name, _)| name == "x-azure-functions-invocationid")
}
