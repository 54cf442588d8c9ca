//! Firestore's changes, in Native and in Datastore mode: as JSON, and as the protobuf that Eventarc
//! sends unless the trigger says otherwise.
//!
//! Both forms become plain JSON. The protobuf is read by a small reader of our own, which needs no
//! generated code. Sources:
//! <https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto>,
//! <https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/datastore/v1/data.proto>.

mod json;
mod proto;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use isobar_core::{ChangeParts, Event, Operation, Text};

use super::Rules;
use crate::cloudevents::endpoint::segment;
use crate::cloudevents::{CloudEvent, Malformed};
use crate::json::push_string;

pub(super) const NATIVE: &str = "google.cloud.firestore.document.v1.";
pub(super) const DATASTORE: &str = "google.cloud.datastore.entity.v1.";

/// Deeper than Firestore lets documents be (20 levels,
/// <https://cloud.google.com/firestore/quotas#collections_documents_and_fields>).
const DEPTH: usize = 64;

/// What is wrong with a change's data.
type Problem = &'static str;

const TOO_DEEP: Problem = "is nested too deeply";

/// Which of the two databases' messages it is: they differ in what a value can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Native,
    Datastore,
}

/// A document or an entity, before or after.
#[derive(Debug, Default, PartialEq, Eq)]
struct Side {
    /// `users/ada`; `Task/17`.
    path: String,
    /// Its fields as plain JSON.
    fields: Vec<u8>,
    updated: Option<String>,
}

/// Both sides of a change.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sides {
    before: Option<Side>,
    after: Option<Side>,
}

/// Reads a change of a document; `what` is `created`, `updated`, `deleted` or `written`.
pub(super) fn native(rules: &Rules, event: &CloudEvent, what: &str) -> Result<Event, Malformed> {
    let sides = sides(event, Mode::Native)?;
    let path = path(&sides, event, "document", "documents/");
    // A collection of a document's is named as one of the root is: by its own id.
    let collection = path.rsplit('/').nth(1).unwrap_or_default();
    Ok(change(
        rules,
        event,
        what,
        sides,
        ("document", &path, collection),
    ))
}

/// Reads a change of an entity.
pub(super) fn datastore(rules: &Rules, event: &CloudEvent, what: &str) -> Result<Event, Malformed> {
    let sides = sides(event, Mode::Datastore)?;
    let path = path(&sides, event, "entity", "entities/");
    let kind = path.rsplit('/').nth(1).unwrap_or_default();
    Ok(change(rules, event, what, sides, ("entity", &path, kind)))
}

fn sides(event: &CloudEvent, mode: Mode) -> Result<Sides, Malformed> {
    let trigger = match mode {
        Mode::Native => "Firestore document",
        Mode::Datastore => "Datastore entity",
    };
    let malformed = |problem| Malformed::new(trigger, "data", problem);
    let data = event.data.as_ref().ok_or_else(|| malformed("is missing"))?;
    let media_type = event.data_content_type.as_deref().unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is_proto = matches!(
        &*essence.to_ascii_lowercase(),
        "application/protobuf" | "application/x-protobuf" | "application/vnd.google.protobuf"
    );
    if is_proto {
        return proto::sides(data, mode).map_err(malformed);
    }
    let text = std::str::from_utf8(data).ok().filter(|_| event.is_json());
    let text = text.ok_or_else(|| malformed("is neither JSON nor protobuf by its media type"))?;
    json::sides(text, mode).map_err(malformed)
}

/// The path is taken from the data, else from what the headers say.
fn path(sides: &Sides, event: &CloudEvent, extension: &str, prefix: &str) -> String {
    let of_data = sides.after.as_ref().or(sides.before.as_ref());
    if let Some(side) = of_data.filter(|side| !side.path.is_empty()) {
        return side.path.clone();
    }
    let of_subject = || event.subject.as_deref()?.strip_prefix(prefix);
    let said = event.extension(extension).map(|path| &**path);
    said.or_else(of_subject).unwrap_or_default().to_owned()
}

/// The path of a document behind its database's name.
fn document_path(name: &str) -> String {
    let path = name
        .split_once("/documents/")
        .map_or(name, |(_, path)| path);
    path.to_owned()
}

fn change(
    rules: &Rules,
    event: &CloudEvent,
    what: &str,
    sides: Sides,
    (key, path, source_name): (&str, &str, &str),
) -> Event {
    let source_name = Text::from(segment(source_name).as_ref());
    let mut parts = ChangeParts::new(source_name.clone(), operation(what, &sides));
    if !path.is_empty() {
        let mut keys = format!("{{\"{key}\":").into_bytes();
        push_string(&mut keys, path);
        keys.push(b'}');
        parts.keys = Some(keys.into());
    }
    let updated = sides.after.as_ref().and_then(|side| side.updated.clone());
    parts.sequence = updated.map(Text::from);
    parts.before = sides.before.map(|side| side.fields.into());
    parts.after = sides.after.map(|side| side.fields.into());
    event
        .whole(rules.logical(&source_name))
        .change(parts)
        .build()
}

/// What happened: the type's word, or for `written` what the two sides say.
fn operation(what: &str, sides: &Sides) -> Operation {
    let word = what.split('.').next().unwrap_or_default();
    match (word, &sides.before, &sides.after) {
        ("created", ..) | ("written", None, Some(_)) => Operation::Insert,
        ("updated", ..) | ("written", Some(_), Some(_)) => Operation::Update,
        ("deleted", ..) | ("written", Some(_), None) => Operation::Delete,
        _ => Operation::Write,
    }
}
