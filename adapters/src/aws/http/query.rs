//! A query put together again from a map.

use super::event::Fields;

/// Of values that the front door has decoded: each byte that is not unreserved is encoded.
pub(super) fn of_decoded(fields: &Fields<'_>) -> String {
    join(fields, |byte| {
        !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'.' | b'_' | b'~')
    })
}

/// Of values that are still encoded: they go as they stand.
pub(super) fn of_encoded(fields: &Fields<'_>) -> String {
    join(fields, |_| false)
}

/// Of values of which no document says whether they are encoded: what can never stand in an encoded
/// one is encoded, so that both come out right.
pub(super) fn of_unsure(fields: &Fields<'_>) -> String {
    join(fields, |byte| matches!(byte, b'&' | b'#'))
}

fn join(fields: &Fields<'_>, encode: fn(u8) -> bool) -> String {
    let mut query = String::new();
    for (name, value) in &fields.pairs {
        if !query.is_empty() {
            query.push('&');
        }
        push(&mut query, name, encode);
        query.push('=');
        push(&mut query, value, encode);
    }
    query
}

fn push(query: &mut String, text: &str, encode: fn(u8) -> bool) {
    super::target::push_encoded(query, text, |bytes| {
        bytes.first().copied().is_some_and(encode)
    });
}
