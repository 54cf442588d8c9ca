//! What a forwarded and a proxied request have in common: they are HTTP.

use http::uri::Scheme;
use isobar_core::{Bytes, ContextBuilder, Request, Text, TraceContext, Uri};

use super::incoming::{Incoming, Rules};
use super::{keys, original, target};
use crate::forwarded;
use crate::serve::absolute;

/// Makes the portable form of a request that bears the host's id already.
pub(super) fn plain(rules: &Rules, mut request: Box<Request>, context: ContextBuilder) -> Incoming {
    let delivered = request.uri().path_and_query().cloned();
    let delivered = delivered.as_ref().map_or("/", |target| target.as_str());
    // What hyper took for a target is one.
    let own = original::of(request.headers(), delivered);
    let target = target::of(&rules.prefix, own, delivered, &Bytes::new());
    let root_path = target.map_or_else(Text::new, |(root_path, target)| {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = Some(target);
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        root_path
    });
    keys::hide(request.headers_mut());
    let identity = rules.conninfo.identity(request.headers_mut());
    let headers = request.headers();
    let context = forwarded::tell_client_ip(context, headers, rules.conninfo.proxies);
    let context = context
        .root_path(root_path)
        .trace(TraceContext::from_headers(headers))
        .identity(identity);
    let scheme = forwarded::scheme(headers).unwrap_or(Scheme::HTTP);
    absolute(&mut request, scheme);
    Incoming { request, context }
}
