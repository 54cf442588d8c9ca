//! The page: one document, put together here of its parts, so that nothing has to be built.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use isobar_core::{Body, Response};

use crate::secret;

const HEAD: &str = include_str!("head.html");
const STYLE: &str = include_str!("style.css");
const BODY: &str = include_str!("body.html");

/// One script: each part is of one subject.
const SCRIPT: &str = concat!(
    "'use strict';\n",
    include_str!("base.js"),
    include_str!("content.js"),
    include_str!("list.js"),
    include_str!("sides.js"),
    include_str!("detail.js"),
    include_str!("send.js"),
    include_str!("keys.js"),
    include_str!("main.js"),
);

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Answers with the page. Script and style are let in by a word that is new each time; with trusted
/// types no text can become an element, whatever an event says.
pub(crate) fn answer() -> Response {
    let nonce = secret();
    let page = [
        HEAD,
        "<style nonce=\"NONCE\">\n",
        STYLE,
        "</style>\n",
        BODY,
        "<script nonce=\"NONCE\">\n",
        SCRIPT,
        "</script>\n",
    ];
    let page = page.concat().replace("NONCE", &nonce);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; img-src blob: data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (OPENER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
