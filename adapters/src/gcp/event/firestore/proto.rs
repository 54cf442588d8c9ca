//! Changes as protobuf. Fields that are not known are skipped; of a field that stands twice the
//! last counts.

use super::wire::{Fields, Value};
use super::{DEPTH, Mode, Problem, Side, Sides, TOO_DEEP, document_path, write};
use crate::cloudevents::time::rfc3339;
use crate::json::push_string;

/// Reads `DocumentEventData` and `EntityEventData`: 1 value, 2 `old_value`.
pub(super) fn sides(data: &[u8], mode: Mode) -> Result<Sides, Problem> {
    let mut sides = Sides::default();
    for field in Fields(data) {
        match field? {
            (1, value) => sides.after = side(value, mode)?,
            (2, value) => sides.before = side(value, mode)?,
            _ => {}
        }
    }
    Ok(sides)
}

/// An empty message stands for none.
fn side(value: Value<'_>, mode: Mode) -> Result<Option<Side>, Problem> {
    let message = value.message()?;
    if message.0.is_empty() {
        return Ok(None);
    }
    Ok(Some(match mode {
        Mode::Native => document(message)?,
        Mode::Datastore => entity_result(message)?,
    }))
}

/// `Document`: 1 name, 2 fields, 4 `update_time`.
fn document(message: Fields<'_>) -> Result<Side, Problem> {
    let mut side = Side::default();
    for field in message {
        match field? {
            (1, name) => side.path = document_path(name.text()?),
            (4, time) => side.updated = timestamp(time)?,
            _ => {}
        }
    }
    map(&mut side.fields, message, 2, Mode::Native, DEPTH)?;
    Ok(side)
}

/// `EntityResult`: 1 entity, 5 `update_time`.
fn entity_result(message: Fields<'_>) -> Result<Side, Problem> {
    let mut side = Side::default();
    let mut entity = Fields(&[]);
    for field in message {
        match field? {
            (1, value) => entity = value.message()?,
            (5, time) => side.updated = timestamp(time)?,
            _ => {}
        }
    }
    for field in entity {
        if let (1, key) = field? {
            side.path = key_path(key)?;
        }
    }
    map(&mut side.fields, entity, 3, Mode::Datastore, DEPTH)?;
    Ok(side)
}

/// `Key`: 2 path; `PathElement`: 1 kind, 2 id, 3 name.
fn key_path(key: Value<'_>) -> Result<String, Problem> {
    let mut path = String::new();
    for field in key.message()? {
        let (2, element) = field? else { continue };
        let (mut kind, mut id) = ("", String::new());
        for field in element.message()? {
            match field? {
                (1, value) => kind = value.text()?,
                (2, value) => id = value.integer()?.to_string(),
                (3, value) => value.text()?.clone_into(&mut id),
                _ => {}
            }
        }
        write::step(&mut path, kind, &id);
    }
    Ok(path)
}

/// Writes the entries of a map, which are the fields `number` of a message: 1 key, 2 value.
fn map(
    out: &mut Vec<u8>,
    message: Fields<'_>,
    number: u64,
    mode: Mode,
    depth: usize,
) -> Result<(), Problem> {
    out.push(b'{');
    for field in message {
        let (found, entry) = field?;
        if found != number {
            continue;
        }
        let (mut name, mut value) = ("", Fields(&[]));
        for field in entry.message()? {
            match field? {
                (1, text) => name = text.text()?,
                (2, message) => value = message.message()?,
                _ => {}
            }
        }
        write::name(out, name);
        write_value(out, value, mode, depth)?;
    }
    out.push(b'}');
    Ok(())
}

/// `Value`, of which one field is set: none is null.
fn write_value(
    out: &mut Vec<u8>,
    message: Fields<'_>,
    mode: Mode,
    depth: usize,
) -> Result<(), Problem> {
    let depth = depth.checked_sub(1).ok_or(TOO_DEEP)?;
    let mut known = None;
    for field in message {
        let (number, value) = field?;
        if matches!(number, 1..=3 | 5 | 6 | 8..=11 | 17 | 18) {
            known = Some((number, value));
        }
    }
    let Some((number, value)) = known else {
        out.extend_from_slice(b"null");
        return Ok(());
    };
    match (number, mode) {
        (1, _) => out.extend_from_slice(if value.integer()? == 0 {
            b"false"
        } else {
            b"true"
        }),
        (2, _) => out.extend_from_slice(value.integer()?.to_string().as_bytes()),
        (3, _) => write::double(out, value.double()?),
        (5, Mode::Datastore) => push_string(out, &key_path(value)?),
        (5 | 17, _) => push_string(out, value.text()?),
        (6, Mode::Native) => map(out, value.message()?, 1, mode, depth)?,
        (6, Mode::Datastore) => map(out, value.message()?, 3, mode, depth)?,
        (8, _) => place(out, value)?,
        (9, _) => list(out, value.message()?, mode, depth)?,
        (10, _) => push_string(out, &timestamp(value)?.unwrap_or_default()),
        (18, _) => push_string(out, &base64_simd::STANDARD.encode_to_string(value.bytes()?)),
        _ => out.extend_from_slice(b"null"),
    }
    Ok(())
}

/// `ArrayValue`: 1 values.
fn list(out: &mut Vec<u8>, message: Fields<'_>, mode: Mode, depth: usize) -> Result<(), Problem> {
    out.push(b'[');
    for field in message {
        if let (1, value) = field? {
            write::comma(out);
            write_value(out, value.message()?, mode, depth)?;
        }
    }
    out.push(b']');
    Ok(())
}

/// `LatLng`: 1 latitude, 2 longitude.
fn place(out: &mut Vec<u8>, value: Value<'_>) -> Result<(), Problem> {
    let (mut latitude, mut longitude) = (0.0, 0.0);
    for field in value.message()? {
        match field? {
            (1, value) => latitude = value.double()?,
            (2, value) => longitude = value.double()?,
            _ => {}
        }
    }
    write::place(out, latitude, longitude);
    Ok(())
}

/// `Timestamp`: 1 seconds, 2 nanos.
fn timestamp(value: Value<'_>) -> Result<Option<String>, Problem> {
    let (mut seconds, mut nanos) = (0, 0);
    for field in value.message()? {
        match field? {
            (1, value) => seconds = value.integer()?,
            (2, value) => nanos = value.integer()?,
            _ => {}
        }
    }
    let nanos = u32::try_from(nanos).map_err(|_negative| "has a time that is none")?;
    Ok(rfc3339(seconds, nanos))
}
