//! The trace context of Google's front end.

use isobar_core::{HeaderMap, HeaderName, TraceContext};

const CLOUD_TRACE: HeaderName = HeaderName::from_static("x-cloud-trace-context");

/// Reads `traceparent`, else Google's own older header.
pub(super) fn context(headers: &HeaderMap) -> Option<TraceContext> {
    TraceContext::from_headers(headers)
        .or_else(|| cloud_trace(headers.get(CLOUD_TRACE)?.to_str().ok()?))
}

/// Reads `TRACE/SPAN;o=1`. The span is **decimal**: beside `traceparent: ..-a7b54b18ba85b13c-01`
/// stands `../12084647744699216188;o=1`, the same number.
///
/// Source: <https://cloud.google.com/trace/docs/trace-context#legacy-http-header>.
fn cloud_trace(value: &str) -> Option<TraceContext> {
    let (trace, rest) = value.split_once('/')?;
    let (span, options) = rest.split_once(';').unwrap_or((rest, ""));
    let span: u64 = span.parse().ok()?;
    let sampled = options.split(';').any(|option| option.trim() == "o=1");
    TraceContext::from_parts(
        &trace.to_ascii_lowercase(),
        &format!("{span:016x}"),
        sampled,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_googles_own_header_is_decimal() {
        let value = "105445aa7843bc8bf206b12000100000/12084647744699216188;o=1";
        let wanted = "00-105445aa7843bc8bf206b12000100000-a7b54b18ba85b13c-01";
        assert_eq!(cloud_trace(value).unwrap().traceparent(), wanted);
    }

    #[test]
    fn what_is_not_of_that_form_is_no_trace() {
        for wrong in [
            "",
            "/",
            "105445aa7843bc8bf206b12000100000",
            "x/1;o=1",
            "105445aa7843bc8bf206b12000100000/a7b5;o=1",
        ] {
            assert!(cloud_trace(wrong).is_none(), "{wrong}");
        }
    }
}
