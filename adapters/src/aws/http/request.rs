//! From an event to a request.

use std::borrow::Cow;
use std::net::IpAddr;

use bytestring::ByteString;
use isobar_core::{Error, HeaderMap, Identity, Request, StatusCode, Text};

use super::answer::Door;
use super::detect::Shape;
use super::event::Event;
use super::wire::{self, Wire};
use super::{alb, body, fields, http_api, lattice, rest, target, websocket};
use crate::RunError;
use crate::aws::conninfo;
use crate::config::Environment;
use crate::slice;

/// A request, and what its front door says of it.
#[derive(Debug)]
pub(in crate::aws) struct Incoming {
    pub(in crate::aws) request: Box<Request>,
    pub(in crate::aws) door: Door,
    pub(in crate::aws) client_ip: Option<IpAddr>,
    pub(in crate::aws) identity: Option<Identity>,
    pub(in crate::aws) stage: Option<Text>,
    pub(in crate::aws) root_path: Text,
}

/// How requests are read.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct Rules {
    conninfo: conninfo::Rules,
    /// What a custom domain's mapping puts before every path, without slashes around it.
    base_path: Option<Box<str>>,
}

impl Rules {
    /// Reads the variables; `base_path` is the program's own.
    pub(in crate::aws) fn new(
        environment: &Environment,
        base_path: Option<&str>,
    ) -> Result<Self, RunError> {
        let base_path = environment.text("ISOBAR_BASE_PATH").or(base_path);
        let base_path = base_path.map(|path| path.trim_matches('/'));
        Ok(Self {
            conninfo: conninfo::Rules::new(environment)?,
            base_path: base_path.filter(|path| !path.is_empty()).map(Into::into),
        })
    }
}

/// Reads an HTTP event of this shape; an error is what the client hears. Bodies and headers are
/// slices of the payload where no escape is in them.
pub(in crate::aws) fn read(
    payload: &ByteString,
    event: Event<'_>,
    shape: Shape,
    rules: &Rules,
) -> Result<Incoming, (Door, Error)> {
    let wire = match shape {
        Shape::Rest => rest::read(event),
        Shape::HttpApi => http_api::read(event),
        Shape::Alb => alb::read(event),
        Shape::Lattice => lattice::read(event),
        Shape::WebSocket => websocket::read(event),
    };
    let door = wire.door;
    let wire = without_base(wire, rules.base_path.as_deref());
    build(payload, wire, rules.conninfo).map_err(|error| (door, error))
}

/// Takes the base path off, once and at a segment's border (trap 11): it goes where the stage is.
fn without_base<'a>(mut wire: Wire<'a>, base_path: Option<&str>) -> Wire<'a> {
    if base_path.is_some() {
        let (path, taken) = wire::without_stage(wire.path, base_path);
        wire.path = path;
        if !taken.is_empty() {
            wire.root_path.to_mut().push_str(&taken);
        }
    }
    wire
}

fn build(payload: &ByteString, wire: Wire<'_>, rules: conninfo::Rules) -> Result<Incoming, Error> {
    let method = target::method(&wire.method).ok_or_else(|| malformed("the method is none"))?;
    let headers = fields::headers(payload, &wire);
    let uri = target::uri(payload, &wire, &headers)
        .ok_or_else(|| Error::from_status(StatusCode::URI_TOO_LONG))?;
    let body = body::read(payload, wire.body, wire.is_base64)
        .ok_or_else(|| malformed("the body is no text, or not the base64 that it is said to be"))?;
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
) -> Box<Request> {
    let mut request = Box::new(Request::new(body));
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
