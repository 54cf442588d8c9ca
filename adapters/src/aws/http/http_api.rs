//! Payload 2.0: HTTP APIs and function URLs.
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>.

use http::uri::Scheme;

use super::answer::Door;
use super::event::Event;
use super::wire::{Wire, named_stage, without_stage};
use crate::aws::conninfo;

/// Reads payload 2.0. `queryStringParameters` joins repeats by commas and is never read (trap 7).
pub(super) fn read(event: Event<'_>) -> Wire<'_> {
    let context = event.context;
    let is_url = context.domain.as_deref().is_none_or(is_url);
    let identity = conninfo::of_http_api(&context);
    let stage = named_stage(context.stage);
    let path = event.raw_path.unwrap_or_default();
    let (path, root_path) = without_stage(path, stage.as_deref());
    Wire {
        door: if is_url {
            Door::FunctionUrl
        } else {
            Door::HttpApi
        },
        method: context.http.method.unwrap_or_default(),
        path,
        query: event.raw_query.unwrap_or_default(),
        fields: event.headers.pairs,
        cookies: event.cookies,
        body: event.body,
        is_base64: event.is_base64,
        scheme: Scheme::HTTPS,
        domain: context.domain,
        stage,
        root_path,
        source_ip: context.http.source_ip,
        identity,
    }
}

/// True unless it is an HTTP API's name for certain: its own, or a custom domain. Emulators of
/// function URLs call themselves `localhost`.
fn is_url(domain: &str) -> bool {
    domain.contains(".lambda-url.") || !domain.contains('.')
}
