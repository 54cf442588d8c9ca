//! Invocation JSON: the client's request as a document.

use http::header::{HOST, HeaderMap, UPGRADE};
use http::uri::Scheme;
use isobar_core::{Body, Bytes, ContextBuilder, Method, Request, TraceContext};

use super::headers::{INVOCATION_ID, id};
use super::incoming::{Incoming, Rules, with_id};
use super::trigger::{Trigger, read};
use super::{body, identities, keys, original, target};
use crate::azure::app::Function;
use crate::azure::error::Refused;
use crate::slice;
use crate::{authority, forwarded};

/// Reads the client's request out of what the host posts.
///
/// `Query` joins repeated keys and `Params` and `Metadata` are of the client's making: path and
/// query are those of `Url`, and of the rest nothing is read.
///
/// # Errors
///
/// When it is no invocation of an HTTP function, or the request is one that HTTP does not know, has
/// a body over the limit, or one that the host has dropped or changed.
pub(crate) fn invocation(
    rules: &Rules,
    function: &Function,
    limit: u64,
    posted: &HeaderMap,
    payload: &Bytes,
    context: ContextBuilder,
) -> Result<Incoming, Refused> {
    let mut trigger = Trigger::default();
    let name = function.trigger.name.as_deref();
    read(payload, name, &rules.nobody, &mut trigger).map_err(Refused::malformed)?;
    let body = body::decode(payload, trigger.body, &trigger.headers)?;
    if body.len() as u64 > limit {
        return Err(Refused::too_long(limit));
    }
    let url = Url::split(trigger.url.as_deref().unwrap_or_default());
    let body = if body.is_empty() {
        Body::empty()
    } else {
        Body::from(body)
    };
    let mut request = Box::new(Request::new(body));
    *request.method_mut() =
        Method::from_bytes(trigger.method.as_deref().unwrap_or_default().as_bytes())
            .map_err(|_no_token| Refused::illegal("the method is none that HTTP knows"))?;
    *request.headers_mut() = trigger.headers;
    let headers = request.headers_mut();
    let seen = trigger.seen;
    if seen.upgrade {
        // The connection is the host's with us: it cannot become another.
        headers.remove(UPGRADE);
    }
    let own = seen.target.then(|| original::of(headers, url.target));
    let (root_path, target) = target::of(&rules.prefix, own.flatten(), url.target, payload)
        .ok_or_else(|| Refused::illegal("the URL is none that HTTP knows"))?;
    let has_key = seen.key && keys::hide(headers);
    let authority = match headers.get(HOST) {
        Some(host) => std::str::from_utf8(host.as_bytes()).ok(),
        None => Some(url.authority),
    };
    let authority = authority.and_then(|host| authority::of_host(slice::bytes(payload, host)));
    let identity = seen.principal.then(|| rules.conninfo.identity(headers));
    *request.uri_mut() = authority::uri(url.scheme, authority, target);
    let headers = request.headers();
    // The host's own activity where it tells, else the client's.
    let trace = TraceContext::from_headers(posted)
        .or_else(|| TraceContext::from_headers(seen.trace.then_some(headers)?));
    let identity = identity
        .flatten()
        .or_else(|| identities::identity(trigger.identities?));
    let shown = keys::redact(payload.clone(), has_key.then_some(headers), url.target);
    let context = forwarded::tell_client_ip(context, headers, rules.conninfo.proxies);
    let context = with_id(context, id(posted, &INVOCATION_ID))
        .root_path(root_path)
        .trace(trace)
        .identity(identity)
        .native(shown);
    Ok(Incoming { request, context })
}

/// `Url`: what the host knows of the client's own, encoded as it was sent.
struct Url<'u> {
    scheme: Scheme,
    authority: &'u str,
    target: &'u str,
}

impl<'u> Url<'u> {
    fn split(url: &'u str) -> Self {
        let (scheme, rest) = match url.strip_prefix("https://") {
            Some(rest) => (Scheme::HTTPS, rest),
            None => Self::other(url),
        };
        let border = rest.bytes().position(|byte| matches!(byte, b'/' | b'?'));
        let (authority, target) = rest
            .split_at_checked(border.unwrap_or(rest.len()))
            .unwrap_or_default();
        Self {
            scheme,
            authority,
            target: if target.is_empty() { "/" } else { target },
        }
    }

    fn other(url: &str) -> (Scheme, &str) {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if scheme.eq_ignore_ascii_case("https") {
            (Scheme::HTTPS, rest)
        } else {
            (Scheme::HTTP, rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::http::prefix::Prefix;
    use isobar_core::{Context, Error, Function as Deployed, Provider};

    fn posted() -> HeaderMap {
        let mut posted = HeaderMap::new();
        posted.insert(INVOCATION_ID, "6b6b2f0e".parse().unwrap());
        posted
    }

    fn context() -> ContextBuilder {
        Context::builder(Deployed::new(Provider::Azure, "app"))
    }

    fn refused(trigger: &str, limit: u64) -> Error {
        let payload = format!(r#"{{"Data":{{"req":{trigger}}},"Metadata":{{}}}}"#);
        let (rules, function) = (Rules::default(), Function::unknown());
        let (payload, context) = (Bytes::from(payload), context());
        match invocation(&rules, &function, limit, &posted(), &payload, context) {
            Err(Refused::Request(error) | Refused::Invocation(error)) => error,
            Ok(incoming) => panic!("{incoming:?}"),
        }
    }

    fn read(trigger: &str) -> (Context, Request) {
        let payload = format!(r#"{{"Data":{{"req":{trigger}}},"Metadata":{{"Url":"/forged"}}}}"#);
        let rules = Rules {
            prefix: Prefix::new("api"),
            ..Rules::default()
        };
        let payload = Bytes::from(payload);
        let function = Function::unknown();
        let incoming = invocation(&rules, &function, 1000, &posted(), &payload, context());
        let Incoming { request, context } = incoming.unwrap();
        (context.build(), *request)
    }

    #[test]
    fn url_has_the_path_and_the_query_and_query_has_not() {
        // traps 4 to 7
        let (context, request) = read(
            r#"{"Url":"https://a.example/api/a%2Fb?a=1&a=2&b=%20x&c","Method":"GET",
                "Query":{"a":"1,2","b":" x"},"Headers":{"Host":["a.example"],
                "X-Forwarded-For":["192.0.2.1, 203.0.113.7:52371"]},"Params":{"path":"x"}}"#,
        );
        assert_eq!(request.uri(), "https://a.example/a%2Fb?a=1&a=2&b=%20x&c");
        assert_eq!(
            (context.request_id(), context.root_path()),
            ("6b6b2f0e", "/api")
        );
        assert_eq!(context.client_ip(), Some([203, 0, 113, 7].into()));
        assert!(context.native().starts_with(b"{\"Data\""));
    }

    #[test]
    fn the_authority_is_that_of_host_else_that_of_url() {
        let uri = |headers: &str| {
            let trigger = r#"{"Url":"https://b.example:81","Method":"GET","Headers":HEADERS}"#;
            read(&trigger.replace("HEADERS", headers))
                .1
                .uri()
                .to_string()
        };
        assert_eq!(uri(r#"{"Host":["a.example"]}"#), "https://a.example/");
        assert_eq!(uri("{}"), "https://b.example:81/");
    }

    #[test]
    fn a_url_that_has_no_form_is_taken_as_far_as_it_goes() {
        for (url, wanted) in [
            ("", "/"),
            ("/api/x", "/x"),
            ("http://a b/api/x", "/x"),
            ("https:///api//evil/x", "//evil/x"),
            ("https://a.example?x", "https://a.example/?x"),
        ] {
            let trigger = format!(r#"{{"Url":"{url}","Method":"GET"}}"#);
            assert_eq!(read(&trigger).1.uri(), wanted, "{url}");
        }
    }

    #[test]
    fn a_method_that_is_none_is_a_400_and_a_body_over_the_limit_a_413() {
        assert_eq!(refused(r#"{"Url":"/","Method":"a b"}"#, 9).status(), 400);
        let long = r#"{"Url":"/","Method":"POST","Body":"four"}"#;
        assert_eq!(refused(long, 3).status(), 413);
        assert_eq!(refused(r#""text""#, 9).status(), 400);
    }

    #[test]
    fn the_hosts_own_trace_wins_over_the_clients() {
        let trace =
            |id: char| format!("00-0af7651916cd43dd8448eb211c8031{id}9-b7ad6b7169203331-01");
        let trigger = format!(
            r#"{{"Url":"/","Method":"GET","Headers":{{"traceparent":["{}"]}}}}"#,
            trace('1')
        );
        assert_eq!(read(&trigger).0.trace().unwrap().traceparent(), trace('1'));
    }
}
