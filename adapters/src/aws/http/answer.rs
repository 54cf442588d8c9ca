//! From a response to the form that its front door takes, written into one buffer.

use http::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use isobar_core::StatusCode;

use crate::json::push_string;

/// The front door that a request came through: it decides the answer's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Door {
    /// A REST API, or an HTTP API with payload 1.0.
    Rest,
    /// An HTTP API with payload 2.0.
    HttpApi,
    /// A function URL.
    FunctionUrl,
    /// A load balancer whose target group takes one value a header.
    AlbSingle,
    /// A load balancer whose target group takes several.
    AlbMulti,
    /// VPC Lattice.
    Lattice,
    /// A WebSocket API's CONNECT.
    WebSocket,
}

impl Door {
    /// Returns its name in print.
    pub(in crate::aws) fn title(self) -> &'static str {
        match self {
            Self::Rest => "REST API",
            Self::HttpApi => "HTTP API",
            Self::FunctionUrl => "function URL",
            Self::AlbSingle | Self::AlbMulti => "load balancer",
            Self::Lattice => "VPC Lattice",
            Self::WebSocket => "WebSocket API",
        }
    }

    /// Returns true if it can take a streamed answer.
    pub fn can_stream(self) -> bool {
        matches!(self, Self::Rest | Self::FunctionUrl)
    }
}

/// A header whose value JSON cannot say: it is not UTF-8.
#[derive(Debug)]
pub(in crate::aws) struct Unsayable(pub(in crate::aws) HeaderName);

/// Adds the answer. Each door gets exactly the members that it knows: one more is a 502 at a REST
/// API (trap 22), and both maps filled double the headers (trap 24).
pub(in crate::aws) fn write(
    out: &mut Vec<u8>,
    door: Door,
    (status, headers): (StatusCode, &HeaderMap),
    body: &[u8],
) -> Result<(), Unsayable> {
    // Base64 is a third longer, a quoted text usually no more than that.
    out.reserve(body.len() + body.len() / 2 + headers.len() * 64 + 128);
    push_status(out, status);
    if matches!(door, Door::AlbSingle | Door::AlbMulti) {
        push_description(out, status);
    }
    push_headers(out, door, headers)?;
    out.extend(*b",\"body\":");
    let text = if is_encoded(headers) {
        None
    } else {
        std::str::from_utf8(body).ok()
    };
    if let Some(text) = text {
        push_string(out, text);
        out.extend(*b",\"isBase64Encoded\":false}");
    } else {
        out.push(b'"');
        base64_simd::STANDARD.encode_append(body, out);
        out.extend(*b"\",\"isBase64Encoded\":true}");
    }
    Ok(())
}

/// Adds what stands before a streamed body.
pub(in crate::aws) fn write_prelude(
    out: &mut Vec<u8>,
    door: Door,
    (status, headers): (StatusCode, &HeaderMap),
) -> Result<(), Unsayable> {
    push_status(out, status);
    push_headers(out, door, headers)?;
    out.push(b'}');
    Ok(())
}

/// True if the body's bytes are not those of its type: then they are no text (trap 19).
fn is_encoded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    codings.any(|coding| {
        !coding
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

fn push_status(out: &mut Vec<u8>, status: StatusCode) {
    out.extend(*b"{\"statusCode\":");
    out.extend_from_slice(status.as_str().as_bytes());
}

fn push_description(out: &mut Vec<u8>, status: StatusCode) {
    let Some(reason) = status.canonical_reason() else {
        return;
    };
    out.extend(*b",\"statusDescription\":\"");
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(reason.as_bytes());
    out.push(b'"');
}

fn push_headers(out: &mut Vec<u8>, door: Door, headers: &HeaderMap) -> Result<(), Unsayable> {
    let form = match door {
        Door::Rest | Door::AlbMulti => Form::Lists,
        Door::HttpApi | Door::FunctionUrl => Form::Joined,
        Door::AlbSingle | Door::WebSocket => Form::Varied,
        Door::Lattice => Form::ListsOfSeveral,
    };
    out.extend_from_slice(match form {
        Form::Lists => b",\"multiValueHeaders\":{",
        _ => b",\"headers\":{",
    });
    let mut first = true;
    for name in headers.keys() {
        if form == Form::Joined && *name == SET_COOKIE {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        push_field(out, form, name, headers)?;
    }
    out.push(b'}');
    if form == Form::Joined && headers.contains_key(SET_COOKIE) {
        out.extend(*b",\"cookies\":");
        push_list(out, &SET_COOKIE, headers)?;
    } else if door == Door::FunctionUrl {
        // Some emulators want the member even where it is empty.
        out.extend(*b",\"cookies\":[]");
    }
    Ok(())
}

/// How a door takes a header of several values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A list for each name.
    Lists,
    /// One text, joined by commas; cookies in a list of their own.
    Joined,
    /// One text, joined by commas; each cookie under a spelling of its own.
    Varied,
    /// A list where there are several values, else a text.
    ListsOfSeveral,
}

fn push_field(
    out: &mut Vec<u8>,
    form: Form,
    name: &HeaderName,
    headers: &HeaderMap,
) -> Result<(), Unsayable> {
    if form == Form::Varied && *name == SET_COOKIE {
        return push_cookies(out, headers);
    }
    push_name(out, name.as_str());
    let several = headers.get_all(name).iter().nth(1).is_some();
    if form == Form::Lists || (form == Form::ListsOfSeveral && several) {
        return push_list(out, name, headers);
    }
    if several {
        let values = headers.get_all(name).iter().map(|value| said(name, value));
        push_string(out, &values.collect::<Result<Vec<_>, _>>()?.join(", "));
    } else if let Some(value) = headers.get(name) {
        push_string(out, said(name, value)?);
    }
    Ok(())
}

fn push_list(out: &mut Vec<u8>, name: &HeaderName, headers: &HeaderMap) -> Result<(), Unsayable> {
    out.push(b'[');
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(out, said(name, value)?);
    }
    out.push(b']');
    Ok(())
}

/// A map of single values keeps one cookie a name, and takes names for different that differ in
/// case (trap 21).
fn push_cookies(out: &mut Vec<u8>, headers: &HeaderMap) -> Result<(), Unsayable> {
    for (index, value) in headers.get_all(SET_COOKIE).iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_name(out, &spelling(index));
        push_string(out, said(&SET_COOKIE, value)?);
    }
    Ok(())
}

/// Spells `set-cookie` in the `index`th of its ways: a capital for each bit.
fn spelling(index: usize) -> String {
    let mut rest = index;
    let spell = |letter: char| {
        if !letter.is_ascii_alphabetic() {
            return letter;
        }
        let capital = rest & 1 == 1;
        rest >>= 1;
        if capital {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    };
    SET_COOKIE.as_str().chars().map(spell).collect()
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    // A header's name holds nothing that JSON escapes.
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend(*b"\":");
}

fn said<'a>(name: &HeaderName, value: &'a HeaderValue) -> Result<&'a str, Unsayable> {
    std::str::from_utf8(value.as_bytes()).map_err(|_not_utf8| Unsayable(name.clone()))
}
