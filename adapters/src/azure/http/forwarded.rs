//! A forwarded request: made anew by the host, of what it had read of the client's.

use http::header::UPGRADE;
use isobar_core::{ContextBuilder, Request};

use super::headers::{HOST_VERSION, INVOCATION_ID, id, take_last, take_product};
use super::incoming::{Incoming, Rules, with_id};
use super::plain::plain;

/// Makes the portable form of a request to which the host has added its own headers, behind a
/// client's of the same name.
///
/// Lost are what the host's `HttpClient` takes for headers of content, and a body without a length.
pub(crate) fn forwarded(
    rules: &Rules,
    mut request: Box<Request>,
    context: ContextBuilder,
) -> Incoming {
    let headers = request.headers_mut();
    let request_id = id(headers, &INVOCATION_ID);
    take_last(headers, &INVOCATION_ID);
    take_last(headers, &HOST_VERSION);
    take_product(headers);
    // The host buffers the answer: no connection can become another.
    headers.remove(UPGRADE);
    plain(rules, request, with_id(context, request_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::http::prefix::Prefix;
    use isobar_core::{Body, Context, Function};

    #[test]
    fn it_is_the_clients_own_request_again() {
        let request = http::Request::get("/api/a/b?x=1%2C2")
            .header("host", "app.azurewebsites.net")
            .header("user-agent", "curl/8.4.0 Azure-Functions-Host/4.1042.100.1")
            .header("x-waws-unencoded-url", "/api/a%2Fb?x=1&x=2")
            .header("x-azure-functions-invocationid", "forged")
            .header("x-azure-functions-invocationid", "real")
            .header("x-azure-functions-hostversion", "4.1042.100.1")
            .body(Body::empty())
            .unwrap();
        let rules = Rules {
            prefix: Prefix::new("api"),
            ..Rules::default()
        };
        let context = Context::builder(Function::default());
        let incoming = forwarded(&rules, request.into(), context);
        assert_eq!(incoming.context.build().request_id(), "real");
        let request = incoming.request;
        assert_eq!(request.uri(), "http://app.azurewebsites.net/a%2Fb?x=1&x=2");
        let headers = request.headers();
        assert_eq!(headers["user-agent"], "curl/8.4.0");
        assert_eq!(headers["x-azure-functions-invocationid"], "forged");
        assert!(!headers.contains_key("x-azure-functions-hostversion"));
    }
}
