//! The requests that go to the Runtime API, written by hand.

use super::endpoint::Endpoint;
use crate::aws::context::Call;

const USER_AGENT: &str = concat!("isobar/", env!("CARGO_PKG_VERSION"));

/// The version of the Runtime API.
pub(super) const RUNTIME: &str = "/2018-06-01/runtime";

/// Writes a request without a body.
pub(super) fn get(out: &mut Vec<u8>, endpoint: &Endpoint, path: &str, more: &str) {
    start(out, "GET", endpoint, &[path]);
    out.extend_from_slice(more.as_bytes());
    out.extend(*b"\r\n");
}

/// Writes the head of a request with a body; `more` are further header lines.
pub(super) fn post(
    out: &mut Vec<u8>,
    endpoint: &Endpoint,
    path: &[&str],
    more: &str,
    length: usize,
) {
    start(out, "POST", endpoint, path);
    out.extend_from_slice(more.as_bytes());
    end(out, length);
}

/// Ends a head whose body is JSON of that length.
pub(super) fn end(out: &mut Vec<u8>, length: usize) {
    out.extend(*b"content-type: application/json\r\ncontent-length: ");
    push_number(out, length, 10);
    out.extend(*b"\r\n\r\n");
}

/// Writes a number to a base of at most 16.
pub(super) fn push_number(out: &mut Vec<u8>, number: usize, base: usize) {
    if number >= base {
        push_number(out, number / base, base);
    }
    out.extend(b"0123456789abcdef".get(number % base));
}

/// Writes the head of what goes to one invocation, up to the lines that differ.
pub(super) fn of_invocation(out: &mut Vec<u8>, endpoint: &Endpoint, call: &Call, what: &str) {
    start(
        out,
        "POST",
        endpoint,
        &[RUNTIME, "/invocation/", &call.request_id, what],
    );
    if let Some(id) = &call.invocation_id {
        line(out, "lambda-runtime-invocation-id", id);
    }
}

/// Writes one header line.
pub(super) fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn start(out: &mut Vec<u8>, method: &str, endpoint: &Endpoint, path: &[&str]) {
    out.clear();
    for part in [method, " ", &endpoint.prefix] {
        out.extend_from_slice(part.as_bytes());
    }
    for part in path {
        out.extend_from_slice(part.as_bytes());
    }
    for part in [
        " HTTP/1.1\r\nhost: ",
        &endpoint.authority,
        "\r\nuser-agent: ",
        USER_AGENT,
        "\r\n",
    ] {
        out.extend_from_slice(part.as_bytes());
    }
}
