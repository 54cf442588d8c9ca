//! Payload 1.0: REST APIs, and HTTP APIs that are set to it.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format>.

use std::borrow::Cow;

use http::uri::Scheme;

use super::answer::Door;
use super::event::{Case, Event};
use super::query;
use super::wire::{Wire, named_stage, without_stage};
use crate::aws::conninfo;

/// Reads payload 1.0. The multi-value maps are the truth: the others hold the last value of each
/// name, and are alone on some senders (trap 1).
pub(super) fn read(event: Event<'_>) -> Wire<'_> {
    let context = event.context;
    let identity = conninfo::of_rest(&context);
    let stage = named_stage(context.stage);
    let path = event.path.unwrap_or_default();
    // A REST API's path never holds the stage; an HTTP API's does, and only its events say 1.0.
    let (path, root_path) = if event.version.is_some() {
        without_stage(path, stage.as_deref())
    } else {
        let root = root_path(&path, context.path.as_deref()).to_owned();
        (path, Cow::Owned(root))
    };
    Wire {
        door: Door::Rest,
        method: event.http_method.unwrap_or_default(),
        path,
        query: query::of_decoded(&event.multi_query.or(event.query, Case::Kept)).into(),
        fields: event.multi_headers.or(event.headers, Case::Ignored).pairs,
        cookies: Vec::new(),
        body: event.body,
        is_base64: event.is_base64,
        scheme: Scheme::HTTPS,
        domain: context.domain,
        stage,
        root_path,
        source_ip: context.identity.source_ip,
        identity,
    }
}

/// What stands before the path in the public URL: the stage, unless a custom domain hides it.
fn root_path<'a>(path: &str, public: Option<&'a str>) -> &'a str {
    let public = public.unwrap_or_default();
    let root = public.strip_suffix(path);
    // `/prod` without a slash is `/` of the stage.
    root.unwrap_or(if path == "/" { public } else { "" })
        .trim_end_matches('/')
}
