//! The trace of an invocation, to be handed on.
//!
//! A request that a handler sends, or a message, carries the invocation's trace only if the handler
//! says so: what is sent is the handler's own. With the feature `otel` the caller is the span that the
//! code is in, which is exported; without it the trace is handed on as it came.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use isobar_core::{Context, TraceContext};

use crate::otel;

#[cfg(feature = "otel")]
pub use crate::otel::layer;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Returns the trace context for what is sent from here: its caller is the current span, or whoever
/// called the invocation. `None` where the invocation belongs to no trace.
///
/// # Example: a message that its consumer's span has a link to
///
/// ```
/// fn attributes(context: &isobar::Context) -> Vec<(&'static str, String)> {
///     let trace = isobar::trace::current(context);
///     trace.map(|trace| ("traceparent", trace.traceparent().to_owned())).into_iter().collect()
/// }
/// # assert!(attributes(&isobar::Context::default()).is_empty());
/// ```
pub fn current(context: &Context) -> Option<TraceContext> {
    otel::current().or_else(|| context.trace().cloned())
}

/// Writes `traceparent` and `tracestate` into the headers of a request that is to be sent, in place
/// of those that are there; where there is no trace it leaves the headers as they are.
///
/// # Example: a call that belongs to the caller's trace
///
/// ```
/// fn headers(context: &isobar::Context) -> isobar::HeaderMap {
///     let mut headers = isobar::HeaderMap::new();
///     isobar::trace::inject(context, &mut headers);
///     headers
/// }
/// # assert!(headers(&isobar::Context::default()).is_empty());
/// ```
pub fn inject(context: &Context, headers: &mut HeaderMap) {
    let Some(trace) = current(context) else {
        return;
    };
    if let Ok(parent) = HeaderValue::from_str(trace.traceparent()) {
        headers.insert(TRACEPARENT, parent);
        headers.remove(TRACESTATE);
    }
    if let Some(Ok(state)) = trace.tracestate().map(HeaderValue::from_str) {
        headers.insert(TRACESTATE, state);
    }
}

#[cfg(test)]
mod tests {
    use isobar_core::Function;

    use super::*;

    #[test]
    fn what_came_is_handed_on_in_place_of_what_was_there() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let of = |trace: TraceContext| {
            let context = Context::builder(Function::default());
            context.trace(Some(trace)).build()
        };
        let mut headers = HeaderMap::new();
        headers.append("traceparent", HeaderValue::from_static("old"));
        headers.append("tracestate", HeaderValue::from_static("old=1"));
        inject(&Context::default(), &mut headers);
        assert_eq!(headers["tracestate"], "old=1");

        let trace = TraceContext::parse(parent).unwrap();
        inject(&of(trace.clone()), &mut headers);
        assert_eq!(headers["traceparent"], parent);
        assert!(headers.get("tracestate").is_none());
        inject(&of(trace.with_state("a=1")), &mut headers);
        assert_eq!(headers["tracestate"], "a=1");
    }
}
