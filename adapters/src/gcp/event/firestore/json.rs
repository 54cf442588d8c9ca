//! Changes as JSON, in protobuf's mapping: every value is an object that names its type.

use super::{DEPTH, Mode, Problem, Side, Sides, TOO_DEEP, document_path, write};
use crate::cloudevents::json::{self, Members};
use crate::json::push_string;

const BROKEN: Problem = "has a value that is not of the form of its type";

/// Reads a change; an empty object stands for no document.
pub(super) fn sides(text: &str, mode: Mode) -> Result<Sides, Problem> {
    let data = Members::of(text).ok_or("is no JSON object")?;
    let side = |names: [&str; 2]| {
        let members = names.iter().find_map(|name| data.object(name));
        let members = members.filter(|members| !members.is_empty());
        members.map(|members| side(&members, mode)).transpose()
    };
    Ok(Sides {
        before: side(["oldValue", "old_value"])?,
        after: side(["value", "Value"])?,
    })
}

fn side(members: &Members<'_>, mode: Mode) -> Result<Side, Problem> {
    let updated = members.any_text(&["updateTime", "update_time"]);
    let updated = updated.map(std::borrow::Cow::into_owned);
    let mut fields = Vec::new();
    let path = match mode {
        Mode::Native => {
            map(&mut fields, members.get("fields"), mode, DEPTH)?;
            document_path(&members.text("name").unwrap_or_default())
        }
        Mode::Datastore => {
            let entity = members.object("entity").unwrap_or_default();
            map(&mut fields, entity.get("properties"), mode, DEPTH)?;
            entity
                .object("key")
                .map(|key| key_path(&key))
                .unwrap_or_default()
        }
    };
    Ok(Side {
        path,
        fields,
        updated,
    })
}

fn key_path(key: &Members<'_>) -> String {
    let mut path = String::new();
    for element in key.get("path").and_then(json::list).unwrap_or_default() {
        let element = Members::of(element).unwrap_or_default();
        let kind = element.text("kind").unwrap_or_default();
        let id = element.any_text(&["name", "id"]).unwrap_or_default();
        write::step(&mut path, &kind, &id);
    }
    path
}

fn map(out: &mut Vec<u8>, fields: Option<&str>, mode: Mode, depth: usize) -> Result<(), Problem> {
    out.push(b'{');
    if let Some(fields) = fields {
        let fields = Members::of(fields).ok_or(BROKEN)?;
        for (name, value) in fields.iter() {
            write::name(out, name);
            write_value(out, value, mode, depth)?;
        }
    }
    out.push(b'}');
    Ok(())
}

fn write_value(out: &mut Vec<u8>, value: &str, mode: Mode, depth: usize) -> Result<(), Problem> {
    let depth = depth.checked_sub(1).ok_or(TOO_DEEP)?;
    let typed = Members::of(value).ok_or(BROKEN)?;
    let known = typed.iter().find(|(name, _)| name.ends_with("Value"));
    let Some((ty, value)) = known else {
        out.extend_from_slice(b"null");
        return Ok(());
    };
    let text = || json::text(value).ok_or(BROKEN);
    match &**ty {
        "nullValue" => out.extend_from_slice(b"null"),
        "booleanValue" if matches!(value, "true" | "false") => {
            out.extend_from_slice(value.as_bytes());
        }
        "integerValue" => {
            let number: i64 = text()?.parse().map_err(|_no_number| BROKEN)?;
            out.extend_from_slice(number.to_string().as_bytes());
        }
        "doubleValue" => write::double(out, text()?.parse().map_err(|_no_number| BROKEN)?),
        "stringValue" | "timestampValue" | "bytesValue" | "blobValue" | "referenceValue" => {
            push_string(out, &text()?);
        }
        "keyValue" => push_string(out, &key_path(&Members::of(value).ok_or(BROKEN)?)),
        "geoPointValue" => {
            let place = Members::of(value).ok_or(BROKEN)?;
            let number = |name| place.number(name).unwrap_or(0.0);
            write::place(out, number("latitude"), number("longitude"));
        }
        "arrayValue" => list(out, &Members::of(value).ok_or(BROKEN)?, mode, depth)?,
        "mapValue" => map(
            out,
            Members::of(value).ok_or(BROKEN)?.get("fields"),
            mode,
            depth,
        )?,
        "entityValue" => {
            map(
                out,
                Members::of(value).ok_or(BROKEN)?.get("properties"),
                mode,
                depth,
            )?;
        }
        _ => return Err(BROKEN),
    }
    Ok(())
}

fn list(out: &mut Vec<u8>, array: &Members<'_>, mode: Mode, depth: usize) -> Result<(), Problem> {
    out.push(b'[');
    if let Some(values) = array.get("values") {
        for value in json::list(values).ok_or(BROKEN)? {
            write::comma(out);
            write_value(out, value, mode, depth)?;
        }
    }
    out.push(b']');
    Ok(())
}
