//! Events, a line of JSON each, to the file that `MIRROR_EVENTS` names.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fs::OpenOptions;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar::{Bytes, Change, Error, Event, Kind, Message, Object, Result, Schedule};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// Writes the event down, then fails if its data says so.
pub(crate) async fn record(event: Event) -> Result<()> {
    append(&line(&event)?)?;
    let data = event.data().map_or(&b""[..], |data| data);
    // a schedule has no data of its own, and an object's may be its content
    let key = Object::of(&event).map(|object| object.key().to_owned());
    let says = |word: &str| {
        let in_data = data.windows(word.len()).any(|run| run == word.as_bytes());
        in_data || event.name().contains(word) || key.as_ref().is_some_and(|k| k.contains(word))
    };
    if says("mirror-fail") {
        return Err(Error::from("a failure, as asked for"));
    }
    if says("mirror-permanent") {
        return Err(Error::from("a failure for good, as asked for").permanent());
    }
    if says("mirror-panic") {
        panicking();
    }
    Ok(())
}

/// Appends one line; where no file is named, standard output takes it.
fn append(line: &str) -> Result<()> {
    // Documents stand there as they came, and only between their parts is there a line's end.
    let line = line.replace(['\r', '\n'], " ") + "\n";
    match std::env::var("MIRROR_EVENTS") {
        Ok(path) => {
            let mut file = OpenOptions::new().append(true).create(true).open(path)?;
            file.write_all(line.as_bytes())?;
        }
        Err(VarError::NotPresent) => std::io::stdout().write_all(line.as_bytes())?,
        Err(wrong) => return Err(wrong.into()),
    }
    Ok(())
}

fn line(event: &Event) -> Result<String> {
    let view = match event.kind() {
        Kind::Message => Message::of(event)
            .and_then(Result::ok)
            .map(|m| raw(&message(&m))),
        Kind::Object => Object::of(event).map(|o| raw(&object(&o))),
        Kind::Schedule => Schedule::of(event).map(|s| raw(&schedule(&s))),
        Kind::Change => Change::of(event)
            .and_then(Result::ok)
            .map(|c| raw(&Changed::of(&c))),
        _ => None,
    };
    let mut line = BTreeMap::from([
        ("event", raw(&attributes(event))?),
        ("kind", raw(&kind(event.kind()))?),
    ]);
    if let Some(view) = view {
        line.insert(event.kind().as_str(), view?);
    }
    Ok(serde_json::to_string(&line)?)
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>> {
    Ok(to_raw_value(value)?)
}

/// A call is shown as any other event.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoke => Kind::Other.as_str(),
        kind => kind.as_str(),
    }
}

fn attributes(event: &Event) -> Value {
    json!({
        "id": event.id(),
        "source": event.source(),
        "type": event.ty(),
        "subject": event.subject(),
        "time": event.time(),
        "datacontenttype": event.data_content_type(),
        "extensions": event.extensions().collect::<BTreeMap<_, _>>(),
        "data": event.data().map(|data| BASE64_STANDARD.encode(data)),
        "dedup_key": &*event.dedup_key(),
    })
}

fn message(message: &Message) -> Value {
    json!({
        "source_name": message.source_name(),
        "id": message.id(),
        "body": BASE64_STANDARD.encode(&message.body().0),
        "attributes": message.attributes().collect::<BTreeMap<_, _>>(),
        "ordering_key": message.ordering_key(),
        "delivery_count": message.delivery_count(),
        "sent": message.sent(),
    })
}

fn object(object: &Object) -> Value {
    json!({
        "bucket": object.bucket(),
        "key": object.key(),
        "size": object.size(),
        "etag": object.etag(),
        "version": object.version(),
        "change": if object.is_deleted() { "deleted" } else { "created" },
    })
}

fn schedule(schedule: &Schedule) -> Value {
    json!({"name": schedule.name(), "due": schedule.due()})
}

/// A change, its documents as they came: a number keeps every digit.
#[derive(Serialize)]
struct Changed<'c> {
    source_name: &'c str,
    operation: &'c str,
    keys: Option<&'c RawValue>,
    before: Option<&'c RawValue>,
    after: Option<&'c RawValue>,
    sequence: Option<&'c str>,
}

impl<'c> Changed<'c> {
    fn of(change: &'c Change) -> Self {
        let document = |data: &'c Bytes| serde_json::from_slice(data).ok();
        Self {
            source_name: change.source_name(),
            operation: change.operation().as_str(),
            keys: change.keys().and_then(document),
            before: change.before().and_then(|raw| document(&raw.0)),
            after: change.after().and_then(|raw| document(&raw.0)),
            sequence: change.sequence(),
        }
    }
}

#[expect(clippy::panic, reason = "to show what comes of it")]
fn panicking() {
    panic!("a panic, as asked for");
}
