//! Which way a request came.

use isobar_core::Method;

use super::headers::{INVOCATION_ID, PROXY_ID};
use super::ping::is_ping;
use crate::azure::app::{Deployment, Function};

/// What one request of the host's is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Way<'d> {
    /// The host's own question whether the program lives.
    Ping,
    /// Invocation JSON, of a function.
    Invocation(&'d Function),
    /// A client's request, forwarded.
    Forwarded,
    /// A client's request, proxied.
    Proxied,
    /// Nothing that the app's files let expect.
    Unknown,
}

impl<'d> Way<'d> {
    /// Judges by what the host says, never by what a client could have sent.
    ///
    /// A proxied request bears an id that overwrites a client's own: it is HTTP, whatever its path
    /// and body. A forwarded one is what no invocation is; that a client cannot send one is seen
    /// to at the start. A host that is too old to proxy sends invocation JSON in its place.
    pub(crate) fn of<B>(request: &http::Request<B>, deployment: &'d Deployment) -> Self {
        let (host, headers) = (&deployment.host, request.headers());
        if host.proxies && headers.contains_key(PROXY_ID) {
            return Self::Proxied;
        }
        if is_ping(request) {
            return Self::Ping;
        }
        let name = invoked(request);
        match name.and_then(|name| deployment.function(name)) {
            Some(function) if !(host.forwards && function.is_plain_http) => {
                Self::Invocation(function)
            }
            _ if host.forwards => Self::Forwarded,
            // A host may say the one id without the other; of an invocation it never does.
            _ if host.proxies && name.is_none() && headers.contains_key(INVOCATION_ID) => {
                Self::Proxied
            }
            _ => Self::Unknown,
        }
    }
}

/// What `POST /{function}` names.
fn invoked<B>(request: &http::Request<B>) -> Option<&str> {
    let name = request.uri().path().strip_prefix('/')?;
    let names_one = *request.method() == Method::POST && !name.is_empty() && !name.contains('/');
    names_one.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::incoming::tests::{QUEUE, WEB, deployment};
    use super::*;

    fn way(deployment: &Deployment, request: http::request::Builder) -> Way<'_> {
        Way::of(&request.body(()).unwrap(), deployment)
    }

    #[test]
    fn a_proxied_request_is_http_whatever_its_path_and_body() {
        let mode = r#"{"customHandler": {"enableProxyingHttpRequest": true}}"#;
        let deployment = deployment(mode, &[WEB, QUEUE]);
        let post = || http::Request::post("/orders");
        let proxied = post().header("x-ms-invocation-id", "1");
        assert_eq!(way(&deployment, proxied), Way::Proxied);
        assert!(matches!(way(&deployment, post()), Way::Invocation(f) if f.name == "orders"));
        let root = http::Request::get("/").header("x-ms-invocation-id", "1");
        assert_eq!(way(&deployment, root), Way::Proxied);
        assert_eq!(way(&deployment, http::Request::get("/")), Way::Ping);
        let other_id = "x-azure-functions-invocationid";
        let root = http::Request::get("/").header(other_id, "1");
        assert_eq!(way(&deployment, root), Way::Proxied);
        let unknown = http::Request::post("/else").header(other_id, "1");
        assert_eq!(way(&deployment, unknown), Way::Unknown);
        // a host that is too old to proxy
        assert!(matches!(
            way(&deployment, http::Request::post("/web")),
            Way::Invocation(_)
        ));
    }

    #[test]
    fn the_proxys_id_means_nothing_where_the_app_is_not_proxied() {
        let deployment = deployment("{}", &[WEB, QUEUE]);
        let post = http::Request::post("/orders").header("x-ms-invocation-id", "1");
        assert!(matches!(way(&deployment, post), Way::Invocation(f) if f.name == "orders"));
        let get = http::Request::get("/api/x").header("x-ms-invocation-id", "1");
        assert_eq!(way(&deployment, get), Way::Unknown);
    }

    #[test]
    fn forwarded_is_what_no_invocation_is() {
        let mode = r#"{"customHandler": {"enableForwardingHttpRequest": true}}"#;
        let deployment = deployment(mode, &[WEB, QUEUE]);
        assert!(matches!(
            way(&deployment, http::Request::post("/orders")),
            Way::Invocation(_)
        ));
        for path in ["/api/orders", "/web", "/api"] {
            assert_eq!(
                way(&deployment, http::Request::post(path)),
                Way::Forwarded,
                "{path}"
            );
        }
        assert_eq!(
            way(&deployment, http::Request::get("/orders")),
            Way::Forwarded
        );
        assert_eq!(way(&deployment, http::Request::get("/")), Way::Ping);
    }

    #[test]
    fn without_files_every_name_may_be_a_function() {
        let deployment = deployment("{}", &[]);
        assert!(matches!(
            way(&deployment, http::Request::post("/any")),
            Way::Invocation(_)
        ));
        assert_eq!(way(&deployment, http::Request::post("/a/b")), Way::Unknown);
        assert_eq!(way(&deployment, http::Request::get("/any")), Way::Unknown);
    }
}
