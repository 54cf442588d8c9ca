//! What both ways write.

use bytes::Bytes;

use crate::cloudevents::json::Members;
use crate::json::push_string;

/// The names of two times in an Auth user's metadata: before, and in CloudEvents.
const TIMES: [(&str, &str); 2] = [
    ("createdAt", "createTime"),
    ("lastSignedInAt", "lastSignInTime"),
];

/// Writes an Auth user with the times of its metadata renamed.
pub(super) fn renamed(
    data: &str,
    pair: fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Vec<u8> {
    let user = Members::of(data).unwrap_or_default();
    let Some(metadata) = user.object("metadata") else {
        return data.as_bytes().to_vec();
    };
    let mut out = b"{".to_vec();
    members(&mut out, &user, &["metadata"]);
    name(&mut out, "metadata");
    out.push(b'{');
    for (known, value) in metadata.iter() {
        let new = TIMES.into_iter().map(pair).find(|(from, _)| from == known);
        name(&mut out, new.map_or(known, |(_, to)| to));
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(b"}}");
    out
}

pub(super) fn form([id, timestamp, ty]: [&str; 3], resource: &[u8], data: &[u8]) -> Bytes {
    let mut out = b"{\"context\":{".to_vec();
    text_member(&mut out, "eventId", id);
    text_member(&mut out, "timestamp", timestamp);
    text_member(&mut out, "eventType", ty);
    name(&mut out, "resource");
    out.extend_from_slice(resource);
    out.extend_from_slice(b"},\"data\":");
    out.extend_from_slice(data);
    out.push(b'}');
    out.into()
}

/// Writes the members of an object but some.
pub(super) fn members(out: &mut Vec<u8>, object: &Members<'_>, but: &[&str]) {
    for (known, value) in object.iter().filter(|(known, _)| !but.contains(&&***known)) {
        name(out, known);
        out.extend_from_slice(value.as_bytes());
    }
}

pub(super) fn text_member(out: &mut Vec<u8>, key: &str, value: &str) {
    name(out, key);
    push_string(out, value);
}

fn name(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_string(out, name);
    out.push(b':');
}
