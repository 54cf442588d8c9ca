//! HTTP requests as a handler sees them, and answers to play through.

use http_body_util::BodyExt;
use isobar::{Bytes, Context, Request};
use serde_json::{Map, Value, json};

use super::portable;
use super::reading::Told;

/// A request and its context.
pub(crate) fn shown(request: Request, context: &Context) -> Value {
    let (parts, body) = request.into_parts();
    let mut shown = Map::new();
    shown.insert("method".to_owned(), parts.method.as_str().into());
    shown.insert("uri".to_owned(), parts.uri.to_string().into());
    shown.insert("headers".to_owned(), portable::headers(&parts.headers));
    let bytes = whole(body);
    if !bytes.is_empty() {
        shown.insert("body".to_owned(), portable::bytes(&bytes));
    }
    shown.insert("context".to_owned(), self::context(context));
    Value::Object(shown)
}

fn context(context: &Context) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            shown.insert(name.to_owned(), value.into());
        }
    };
    put("client_ip", context.client_ip().map(|ip| ip.to_string()));
    put("root_path", Some(context.root_path().to_owned()));
    put("stage", context.stage().map(str::to_owned));
    put(
        "identity",
        context.identity().map(|identity| format!("{identity:?}")),
    );
    Value::Object(shown)
}

/// Reads a body that is whole already: it never waits.
fn whole(body: isobar::Body) -> Bytes {
    let collected = futures_now(body.collect());
    collected
        .and_then(Result::ok)
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default()
}

/// The output of a future that is ready at once.
pub(crate) fn futures_now<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

/// What an HTTP answer becomes on its way back.
pub(crate) fn outcomes(encode: impl Fn(&http::Response<()>, &[u8]) -> Value) -> Vec<Told> {
    let answers = [
        (
            "the handler answers 200 with text and two cookies",
            200,
            "text/plain; charset=utf-8",
            "hello".as_bytes(),
            "the client gets the answer",
        ),
        (
            "it fails, or panics",
            500,
            "application/problem+json",
            br#"{"title":"Internal Server Error","status":500}"#,
            "the client gets the error; nothing is tried again",
        ),
    ];
    let told = answers
        .into_iter()
        .filter_map(|(outcome, status, kind, body, effect)| {
            let mut response = http::Response::builder()
                .status(status)
                .header("content-type", kind);
            if status == 200 {
                response = response
                    .header("set-cookie", "a=1")
                    .header("set-cookie", "b=2");
            }
            let response = response.body(()).ok()?;
            Some(Told {
                outcome,
                answer: encode(&response, body),
                effect,
            })
        });
    told.collect()
}

/// An answer as the HTTP that it is.
pub(crate) fn plain(response: &http::Response<()>, body: &[u8]) -> Value {
    json!({
        "status": response.status().as_u16(),
        "headers": portable::headers(response.headers()),
        "body": portable::bytes(body),
    })
}
