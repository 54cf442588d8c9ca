//! Whether one value has become another, and how.

use std::borrow::Cow;

use base64_simd::STANDARD;
use percent_encoding::percent_decode_str;

use super::leaves::Leaf;
use super::{times, why};

/// How two values are related.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    /// Of several the heaviest counts.
    pub(super) weight: u32,
    /// What was done and how; `None` where they are the same.
    pub(super) how: Option<(&'static str, &'static str)>,
}

/// A value that is shorter could be anybody's: the names have to agree too.
const TELLING: usize = 4;

/// Tells how a value has become another, if it has.
pub(super) fn relate(from: &Leaf, to: &Leaf) -> Option<Relation> {
    let (how, weight) = how(from, to)?;
    let agree = why::agree(&from.name, &to.name);
    let is_telling = to.value.len() >= TELLING && from.value.len() >= TELLING;
    if agree == 0 && (!is_telling || weight < 50) {
        return None;
    }
    Some(Relation {
        weight: weight + agree,
        how,
    })
}

type How = Option<(&'static str, &'static str)>;

fn how(from: &Leaf, to: &Leaf) -> Option<(How, u32)> {
    if from.value == to.value {
        return Some((None, 100));
    }
    if is_base64_of(&from.value, &to.value) {
        return Some((Some(("decoded", "it was base64")), 90));
    }
    if is_base64_of(&to.value, &from.value) {
        let why = "bytes that are no text, or are compressed, travel as base64";
        return Some((Some(("encoded", why)), 90));
    }
    let (from, to) = (from.text()?, to.text()?);
    if serde_json::from_str::<String>(from).is_ok_and(|text| text == to) {
        return Some((Some(("decoded", "it was JSON within a text")), 85));
    }
    if is_percent_of(from, to) {
        return Some((Some(("decoded", "it was percent-encoded")), 80));
    }
    if is_percent_of(to, from) {
        return Some((
            Some(("encoded", "it stands percent-encoded, as a URL has it")),
            80,
        ));
    }
    if let Some(why) = times::same(from, to) {
        return Some((Some(("decoded", why)), 70));
    }
    if is_xray_of(from, to) {
        return Some((Some(("decoded", "it was X-Ray's form of the trace")), 90));
    }
    if from.eq_ignore_ascii_case(to) {
        return Some((Some(("decoded", "letters of another case")), 60));
    }
    part(from, to)
}

fn is_base64_of(text: &[u8], bytes: &[u8]) -> bool {
    // no need to decode what cannot be
    let length = text.len() / 4 * 3;
    text.len() >= 4
        && length >= bytes.len()
        && length <= bytes.len() + 2
        && STANDARD
            .decode_to_vec(text)
            .is_ok_and(|decoded| decoded == bytes)
}

/// `Root=1-{8}-{24};..`, and `00-{32}-..`.
fn is_xray_of(from: &str, to: &str) -> bool {
    let root = from
        .split(';')
        .find_map(|part| part.trim().strip_prefix("Root=1-"));
    let id = root.map(|root| root.replace('-', ""));
    id.is_some_and(|id| id.len() == 32 && to.get(3..35) == Some(&*id))
}

fn is_percent_of(encoded: &str, text: &str) -> bool {
    if !encoded.contains(['%', '+']) {
        return false;
    }
    let of = |encoded: &str| {
        percent_decode_str(encoded)
            .decode_utf8()
            .is_ok_and(|decoded| decoded == text)
    };
    let plus: Cow<'_, str> = encoded.replace('+', " ").into();
    of(encoded) || of(&plus)
}

/// A value that is a part of the other, at a border within it.
fn part(from: &str, to: &str) -> Option<(How, u32)> {
    let is_border =
        |letter: Option<char>| letter.is_none_or(|letter| !letter.is_ascii_alphanumeric());
    let stands_in = |whole: &str, part: &str| {
        let (before, after) = whole.split_once(part)?;
        let starts = part.starts_with(|letter: char| !letter.is_ascii_alphanumeric());
        let at_border =
            (starts || is_border(before.chars().next_back())) && is_border(after.chars().next());
        at_border.then_some(())
    };
    if to.len() < from.len() && !to.is_empty() && stands_in(from, to).is_some() {
        return Some((Some(("cut", "it is taken out of it")), 40));
    }
    if from.len() < to.len() && from.len() >= TELLING && stands_in(to, from).is_some() {
        return Some((Some(("cut", "it is put into it")), 30));
    }
    None
}
