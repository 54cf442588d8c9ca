//! A proxied request: the client's own, less what belongs to a connection and to a trace.

use isobar_core::{ContextBuilder, Request};

use super::headers::{HOST_VERSION, INVOCATION_ID, PROXY_ID, id};
use super::incoming::{Incoming, Rules, with_id};
use super::plain::plain;

/// Makes the portable form of a request that YARP has sent on. The host's three headers have taken
/// the place of a client's own, so they go as a whole.
pub(crate) fn proxied(
    rules: &Rules,
    mut request: Box<Request>,
    context: ContextBuilder,
) -> Incoming {
    let headers = request.headers_mut();
    let request_id = id(headers, &PROXY_ID).or_else(|| id(headers, &INVOCATION_ID));
    for name in [PROXY_ID, INVOCATION_ID, HOST_VERSION] {
        headers.remove(name);
    }
    plain(rules, request, with_id(context, request_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::http::prefix::Prefix;
    use isobar_core::{Body, Context, Function, Provider};

    #[test]
    fn it_is_the_clients_own_request() {
        let request = http::Request::get("/api/a%2Fb?x=1&x=2&y")
            .header("host", "app.azurewebsites.net")
            .header("x-forwarded-for", "192.0.2.1, 203.0.113.7:52371")
            .header("x-forwarded-proto", "https")
            .header("x-ms-invocation-id", "6b6b2f0e")
            .header("x-azure-functions-invocationid", "6b6b2f0e")
            .header("x-azure-functions-hostversion", "4.1052.100.1")
            .header("x-functions-key", "secret")
            .body(Body::empty())
            .unwrap();
        let rules = Rules {
            prefix: Prefix::new("api"),
            ..Rules::default()
        };
        let context = Context::builder(Function::new(Provider::Azure, "app"));
        let Incoming { request, context } = proxied(&rules, request.into(), context);
        let context = context.build();
        assert_eq!(
            request.uri(),
            "https://app.azurewebsites.net/a%2Fb?x=1&x=2&y"
        );
        assert_eq!(
            (context.request_id(), context.root_path()),
            ("6b6b2f0e", "/api")
        );
        assert_eq!(context.client_ip(), Some([203, 0, 113, 7].into()));
        assert!(
            request
                .headers()
                .keys()
                .all(|name| !name.as_str().contains("invocation"))
        );
        assert!(!format!("{request:?}").contains("secret"));
    }
}
