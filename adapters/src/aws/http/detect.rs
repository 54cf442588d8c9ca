//! Which shape an event has, by its structure.

use std::borrow::Cow;

use super::event::Event;

/// The shapes of HTTP events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Shape {
    /// Payload 1.0: a REST API, or an HTTP API set to it.
    Rest,
    /// Payload 2.0: an HTTP API or a function URL.
    HttpApi,
    Alb,
    /// VPC Lattice, 1.0 or 2.0.
    Lattice,
    /// A WebSocket API's CONNECT.
    WebSocket,
}

/// What no shape fits.
#[derive(Debug)]
pub(in crate::aws) enum Misfit {
    /// It is something else for certain, that is not taken; the text names it.
    Never(Cow<'static, str>),
    /// It is no HTTP event.
    NoHttp,
}

/// Tells the shapes apart.
///
/// The signs are those of <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>'s
/// pages. An authorizer's request looks like a REST API's but for its type and ARN; `version` alone
/// says nothing, since VPC Lattice says 2.0 too (trap 12).
pub(in crate::aws) fn shape(event: &Event<'_>) -> Result<Shape, Misfit> {
    let context = &event.context;
    if is_authorizer(event) {
        return Err(Misfit::Never("a Lambda authorizer's request".into()));
    }
    if context.connection_id.is_some() || context.event_type.is_some() {
        return match context.event_type.as_deref() {
            Some("CONNECT") => Ok(Shape::WebSocket),
            kind => Err(Misfit::Never(web_socket(kind))),
        };
    }
    if context.elb.is_there && event.http_method.is_some() && event.path.is_some() {
        return Ok(Shape::Alb);
    }
    if context.http.method.is_some() && event.raw_path.is_some() {
        return Ok(Shape::HttpApi);
    }
    if is_lattice(event) {
        return Ok(Shape::Lattice);
    }
    if context.is_there && event.http_method.is_some() && event.path.is_some() {
        return Ok(Shape::Rest);
    }
    Err(Misfit::NoHttp)
}

fn is_authorizer(event: &Event<'_>) -> bool {
    event.method_arn.is_some() && matches!(event.kind.as_deref(), Some("REQUEST" | "TOKEN"))
}

fn is_lattice(event: &Event<'_>) -> bool {
    let first = event.lattice_path.is_some();
    let second = event.context.service_arn.is_some() && event.path.is_some();
    event.method.is_some() && (first || second)
}

fn web_socket(kind: Option<&str>) -> Cow<'static, str> {
    match kind {
        Some(kind) => format!("a WebSocket API's {kind}").into(),
        None => "a WebSocket API's event without a type".into(),
    }
}
