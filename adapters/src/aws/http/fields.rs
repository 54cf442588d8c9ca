//! Headers from an event's fields: every value, in order.

use bytestring::ByteString;
use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, UPGRADE};

use super::wire::Wire;
use crate::header_name::header_name;
use crate::slice;

/// Makes headers. A name that HTTP cannot carry is left out, a value's control characters become
/// spaces, both with a line in the debug log: a request is not lost over them.
pub(super) fn headers(payload: &ByteString, wire: &Wire<'_>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(wire.fields.len().min(64) + 1);
    // Payload 2.0 takes the cookies out of the headers; a function URL sends both (trap 3).
    let mut cookies: Vec<&str> = wire.cookies.iter().map(|cookie| &**cookie).collect();
    let elsewhere = !cookies.is_empty();
    for (name, value) in &wire.fields {
        let Some(name) = header_name(name) else {
            tracing::debug!("a header was left out: its name is none ({name:?})");
            continue;
        };
        // An invocation is no connection that could become another.
        if name == UPGRADE {
            continue;
        }
        if name == COOKIE {
            if !elsewhere {
                cookies.push(value);
            }
            continue;
        }
        append(&mut headers, name, header_value(payload, value));
    }
    // One header has them all (RFC 6265, section 5.4).
    if !cookies.is_empty() {
        append(&mut headers, COOKIE, own_value(&cookies.join("; ")));
    }
    headers
}

fn append(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if headers.try_append(name, value).is_err() {
        tracing::debug!("a header was left out: there are too many");
    }
}

fn header_value(payload: &ByteString, value: &str) -> HeaderValue {
    HeaderValue::from_maybe_shared(slice::bytes(payload.as_bytes(), value))
        .unwrap_or_else(|_illegal| mended(value))
}

fn own_value(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_illegal| mended(text))
}

/// RFC 9110, section 5.5, lets a recipient put spaces for what may not stand in a value.
fn mended(value: &str) -> HeaderValue {
    tracing::debug!("a header's value was mended: it has control characters");
    let legal = |byte: u8| {
        if byte.is_ascii_control() && byte != b'\t' {
            b' '
        } else {
            byte
        }
    };
    let value: Vec<u8> = value.bytes().map(legal).collect();
    HeaderValue::from_bytes(value.trim_ascii()).unwrap_or(HeaderValue::from_static(""))
}
