//! The request's target: an absolute URI, the same on every host.

use std::fmt::Write;

use bytestring::ByteString;
use http::uri::PathAndQuery;
use isobar_core::{Bytes, HeaderMap, HeaderName, HeaderValue, Uri};

use super::answer::Door;
use super::wire::Wire;
use crate::slice;
use crate::{authority, forwarded};

/// The longest target that a URI holds; the front doors allow far less.
const LONGEST: usize = 65_000;

/// Puts the URI together from checked parts; it is never parsed as a whole, so `//evil/x` stays a
/// path (trap 10). `None` if it is too long to be one. What stands in the payload as it has to be is a slice
/// of it.
pub(super) fn uri(payload: &ByteString, wire: &Wire<'_>, headers: &HeaderMap) -> Option<Uri> {
    let target = if is_whole(wire) {
        slice::bytes(payload.as_bytes(), &*wire.path)
    } else {
        Bytes::from(encoded(wire))
    };
    if target.len() > LONGEST {
        return None;
    }
    let target = PathAndQuery::from_maybe_shared(target).ok()?;
    let host = headers.get(http::header::HOST).map(HeaderValue::as_bytes);
    let domain = wire.domain.as_deref().map(str::as_bytes);
    let mut names = [host, domain].into_iter().flatten();
    let authority =
        names.find_map(|name| authority::of_host(slice::bytes(payload.as_bytes(), name)));
    let scheme = match wire.door {
        Door::Lattice => forwarded::scheme_by(headers, &LATTICE_PROTO),
        _ => forwarded::scheme(headers),
    };
    let scheme = scheme.unwrap_or_else(|| wire.scheme.clone());
    Some(authority::uri(scheme, authority, target))
}

/// True if the path is the target, and nothing in it is encoded.
fn is_whole(wire: &Wire<'_>) -> bool {
    wire.query.is_empty()
        && wire.path.starts_with('/')
        && first_of(&wire.path, illegal_in_path).is_none()
}

fn encoded(wire: &Wire<'_>) -> String {
    let mut target = String::with_capacity(wire.path.len() + wire.query.len() + 16);
    if !wire.path.starts_with('/') {
        target.push('/');
    }
    push_encoded(&mut target, &wire.path, illegal_in_path);
    if !wire.query.is_empty() {
        target.push('?');
        push_encoded(&mut target, &wire.query, illegal_in_query);
    }
    target
}

/// VPC Lattice has a name of its own, and passes a client's `X-Forwarded-Proto` on:
/// <https://docs.aws.amazon.com/vpc-lattice/latest/ug/http-targets.html>.
const LATTICE_PROTO: HeaderName = HeaderName::from_static("x-forwarded-for-proto");

/// True where a decoded byte stands: one that an encoded path can never hold. An HTTP API decodes
/// the path, a function URL does not; so both come out right without asking which it was (trap 9).
fn illegal_in_path(rest: &[u8]) -> bool {
    match rest {
        [b'%', a, b, ..] => !(a.is_ascii_hexdigit() && b.is_ascii_hexdigit()),
        [
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'?' | b'#' | b'%',
            ..,
        ] => true,
        [byte, ..] => !byte.is_ascii_graphic(),
        [] => false,
    }
}

/// True for what a URI's query cannot hold; all else stays byte for byte.
fn illegal_in_query(rest: &[u8]) -> bool {
    match rest {
        [b'"' | b'<' | b'>' | b'#', ..] => true,
        [byte, ..] => !byte.is_ascii_graphic(),
        [] => false,
    }
}

/// Adds `text`, its bytes for which `encode` says so percent-encoded; it sees the rest of the text
/// from that byte on.
pub(super) fn push_encoded(out: &mut String, text: &str, encode: impl Fn(&[u8]) -> bool) {
    let mut rest = text;
    loop {
        let clean = first_of(rest, &encode);
        let Some((before, after)) = clean.and_then(|at| rest.split_at_checked(at)) else {
            out.push_str(rest);
            return;
        };
        out.push_str(before);
        let mut characters = after.chars();
        let width = characters.next().map_or(0, char::len_utf8);
        for byte in after.bytes().take(width) {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
        rest = characters.as_str();
    }
}

/// Where the first byte is for which `encode` says so.
fn first_of(text: &str, encode: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| bytes.get(at..).is_some_and(&encode))
}

/// Reads a method; one that HTTP cannot carry becomes `None`.
pub(super) fn method(text: &str) -> Option<http::Method> {
    http::Method::from_bytes(text.as_bytes()).ok()
}
