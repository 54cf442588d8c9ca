//! A request as JSON.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt;
use isobar::{Context, HeaderMap, Request, RequestExt, Result};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Description {
    method: String,
    scheme: Option<String>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    headers: BTreeMap<String, Vec<String>>,
    /// Base64, so that any bytes can be seen.
    body: String,
    context: ContextDescription,
}

#[derive(Serialize)]
struct ContextDescription {
    provider: &'static str,
    function: String,
    version: String,
    region: Option<String>,
    account: Option<String>,
    request_id: String,
    time_left_ms: Option<u64>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    cold_start: bool,
    client_ip: Option<String>,
    identity: Option<IdentityDescription>,
    tenant: Option<String>,
    stage: Option<String>,
    root_path: String,
    native_bytes: usize,
}

#[derive(Serialize)]
struct IdentityDescription {
    subject: String,
    issuer: Option<String>,
}

pub(crate) async fn describe(request: Request) -> Result<Description> {
    let context = of_context(request.context());
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Description {
        method: parts.method.to_string(),
        scheme: parts.uri.scheme_str().map(str::to_owned),
        authority: parts.uri.authority().map(ToString::to_string),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: of_headers(&parts.headers),
        body: BASE64_STANDARD.encode(body),
        context,
    })
}

fn of_headers(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        all.entry(name.to_string())
            .or_default()
            .push(readable(value.as_bytes()));
    }
    all
}

/// UTF-8 where it is, else Latin-1, which any bytes are.
fn readable(value: &[u8]) -> String {
    let latin1 = |_not_utf8| value.iter().copied().map(char::from).collect();
    std::str::from_utf8(value).map_or_else(latin1, str::to_owned)
}

fn of_context(context: &Context) -> ContextDescription {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let function = context.function();
    ContextDescription {
        provider: context.provider().as_str(),
        function: function.name().to_owned(),
        version: function.version().to_owned(),
        region: text(function.region()),
        account: text(function.account()),
        request_id: context.request_id().to_owned(),
        time_left_ms: context
            .time_left()
            .and_then(|left| left.as_millis().try_into().ok()),
        traceparent: text(context.trace().map(isobar::TraceContext::traceparent)),
        tracestate: text(context.trace().and_then(isobar::TraceContext::tracestate)),
        cold_start: context.cold_start(),
        client_ip: context.client_ip().map(|ip| ip.to_string()),
        identity: context.identity().map(|identity| IdentityDescription {
            subject: identity.subject().to_owned(),
            issuer: text(identity.issuer()),
        }),
        tenant: text(context.tenant()),
        stage: text(context.stage()),
        root_path: context.root_path().to_owned(),
        native_bytes: context.native().len(),
    }
}
