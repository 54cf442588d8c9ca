//! The answer to invocation JSON: always 200, always an object.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http_body_util::BodyExt;
use isobar_core::{Body, Error, Interrupted, IntoResponse, Response, StatusCode};

use super::dates::is_date;
use crate::azure::error::NotCarried;

/// Makes the host's answer of a handler's: what the way can not carry becomes a problem that says
/// so, since the host would make something else of it.
///
/// An empty answer or `null` would hang until functionTimeout and then kill the process; any other
/// status than 2xx would be a bare 500 to the client.
pub(crate) async fn encode(output: &str, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let json = match body.collect().await {
        Ok(body) => write(output, parts.status, &parts.headers, &body.to_bytes()),
        Err(error) => return Box::pin(encode(output, broken_off(&error).into_response())).await,
    };
    match json {
        Ok(json) => answer(json),
        Err(what) => {
            let error = what.error();
            tracing::error!("{error}");
            Box::pin(encode(output, error.into_response())).await
        }
    }
}

fn answer(json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The body ended before its end, and nothing is sent yet: the client can still be told.
fn broken_off(error: &(dyn std::error::Error + 'static)) -> Error {
    match Interrupted::of(error) {
        Some(Interrupted::Deadline) => {
            Error::new(StatusCode::GATEWAY_TIMEOUT, "the function took too long")
        }
        _ => Error::from_status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Writes the whole answer into one buffer.
pub(super) fn write(
    output: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<u8>, NotCarried> {
    let text = std::str::from_utf8(body).map_err(|_bytes| NotCarried::Body)?;
    let mut out = Vec::with_capacity(body.len() + body.len() / 8 + 512);
    // `$return` must be an object: of a string the host would try to decode base64.
    let is_return = output == "$return";
    if is_return {
        out.extend_from_slice(br#"{"Outputs":{},"Logs":[],"ReturnValue":"#);
    } else {
        out.extend_from_slice(br#"{"Outputs":{""#);
        escape(&mut out, output);
        out.extend_from_slice(br#"":"#);
    }
    out.extend_from_slice(br#"{"statusCode":""#);
    out.extend_from_slice(status.as_str().as_bytes());
    out.extend_from_slice(br#"","headers":{"#);
    write_headers(&mut out, headers)?;
    out.push(b'}');
    if !text.is_empty() {
        out.extend_from_slice(br#","body":""#);
        escape(&mut out, text);
        out.extend_from_slice(if is_date(text) { br#"\n""# } else { br#"""# });
    }
    out.extend_from_slice(if is_return {
        b"}}"
    } else {
        br#"}},"Logs":[],"ReturnValue":null}"#
    });
    Ok(out)
}

/// Writes each name once: the host takes one value a name. Values of one name stand beside each
/// other in a `HeaderMap`.
fn write_headers(out: &mut Vec<u8>, headers: &HeaderMap) -> Result<(), NotCarried> {
    let mut last: Option<&HeaderName> = None;
    // The host counts for itself.
    for (name, value) in headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_not_ascii| NotCarried::Header)?;
        match last {
            Some(same) if same == name && *name == SET_COOKIE => return Err(NotCarried::Cookies),
            Some(same) if same == name => out.extend_from_slice(b", "),
            _ => {
                out.extend_from_slice(if last.is_some() { br#"",""# } else { br#"""# });
                out.extend_from_slice(name.as_str().as_bytes());
                out.extend_from_slice(br#"":""#);
            }
        }
        escape(out, text);
        // White space around a value is none of the value.
        if is_date(text) {
            out.push(b' ');
        }
        last = Some(name);
    }
    if last.is_some() {
        out.push(b'"');
    }
    Ok(())
}

/// Writes the inside of a JSON string.
fn escape(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| must_be_escaped(*byte)) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else {
            return;
        };
        escape_byte(out, *byte);
        rest = after;
    }
    out.extend_from_slice(rest);
}

fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |value: u8| char::from_digit(value.into(), 16).map_or(b'0', |c| c as u8);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
