//! A WebSocket API's CONNECT: the client's own handshake, which a handler may refuse.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>.

use http::uri::Scheme;

use super::answer::Door;
use super::event::{Case, Event};
use super::query;
use super::wire::{Wire, named_stage};
use crate::aws::conninfo;

/// Reads the handshake: a GET of `/`, since a WebSocket API has no paths.
pub(super) fn read(event: Event<'_>) -> Wire<'_> {
    let context = event.context;
    let identity = conninfo::of_rest(&context);
    let stage = named_stage(context.stage);
    let root_path = stage
        .as_deref()
        .map_or_else(String::new, |stage| format!("/{stage}"));
    Wire {
        door: Door::WebSocket,
        method: "GET".into(),
        path: event.path.unwrap_or_else(|| "/".into()),
        query: query::of_decoded(&event.multi_query.or(event.query, Case::Kept)).into(),
        fields: event.multi_headers.or(event.headers, Case::Ignored).pairs,
        cookies: Vec::new(),
        body: event.body,
        is_base64: event.is_base64,
        scheme: Scheme::HTTPS,
        domain: context.domain,
        stage,
        root_path: root_path.into(),
        source_ip: context.identity.source_ip,
        identity,
    }
}
