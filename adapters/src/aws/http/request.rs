//! From an event to a request.

use std::borrow::Cow;
use std::net::IpAddr;

use bytestring::ByteString;
use isobar_core::{Error, HeaderMap, Identity, Request, StatusCode, Text};

use super::answer::Door;
use super::detect::{Shape, shape};
use super::event::Event;
use super::wire::Wire;
use super::{alb, body, fields, http_api, lattice, rest, slice, target, websocket};
use crate::aws::conninfo;
use crate::aws::json::Any;

/// A request, and what its front door says of it.
#[derive(Debug)]
pub(in crate::aws) struct Incoming {
    pub(in crate::aws) request: Request,
    pub(in crate::aws) door: Door,
    pub(in crate::aws) client_ip: Option<IpAddr>,
    pub(in crate::aws) identity: Option<Identity>,
    pub(in crate::aws) stage: Option<Text>,
    pub(in crate::aws) root_path: Text,
}

/// Why an event became no request.
#[derive(Debug)]
pub(in crate::aws) enum Refused {
    /// It is no HTTP event; the text names what it is.
    Foreign(Cow<'static, str>),
    /// It is one, but of a request that can not be: the client hears of it.
    Malformed(Door, Error),
}

/// Reads an HTTP event. Bodies and headers are slices of the payload where no escape is in them.
pub(in crate::aws) fn decode(
    payload: &ByteString,
    rules: conninfo::Rules,
) -> Result<Incoming, Refused> {
    let not_json = |error| Refused::Foreign(format!("no JSON ({error})").into());
    let Any(event) = serde_json::from_str::<Any<Event<'_>>>(payload).map_err(not_json)?;
    let wire = match shape(&event).map_err(Refused::Foreign)? {
        Shape::Rest => rest::read(event),
        Shape::HttpApi => http_api::read(event),
        Shape::Alb => alb::read(event),
        Shape::Lattice => lattice::read(event),
        Shape::WebSocket => websocket::read(event),
    };
    let door = wire.door;
    build(payload, wire, rules).map_err(|error| Refused::Malformed(door, error))
}

fn build(
    payload: &ByteString,
    mut wire: Wire<'_>,
    rules: conninfo::Rules,
) -> Result<Incoming, Error> {
    let method = target::method(&wire.method).ok_or_else(|| malformed("the method is none"))?;
    let headers = fields::headers(payload, &wire);
    let uri =
        target::uri(&wire, &headers).ok_or_else(|| Error::from_status(StatusCode::URI_TOO_LONG))?;
    let body = body::read(payload, wire.body.take(), wire.is_base64)
        .ok_or_else(|| malformed("the body is not the base64 that it is said to be"))?;
    let client_ip = rules.client_ip(&headers, wire.source_ip.as_deref());
    Ok(Incoming {
        request: request(method, uri, headers, body),
        door: wire.door,
        client_ip,
        identity: wire.identity,
        stage: wire.stage.map(|stage| slice::text(payload, stage)),
        root_path: slice::text(payload, root_form(wire.root_path)),
    })
}

fn malformed(detail: &'static str) -> Error {
    Error::new(StatusCode::BAD_REQUEST, detail)
}

fn request(
    method: http::Method,
    uri: http::Uri,
    headers: HeaderMap,
    body: isobar_core::Body,
) -> Request {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request
}

/// Keeps a root path to its form: empty, or with a slash at its beginning and none at its end. A
/// stage of an odd name may have others.
fn root_form(root: Cow<'_, str>) -> Cow<'_, str> {
    if !root.starts_with('/') {
        return Cow::Borrowed("");
    }
    if root.ends_with('/') {
        return Cow::Owned(root.trim_end_matches('/').to_owned());
    }
    root
}
