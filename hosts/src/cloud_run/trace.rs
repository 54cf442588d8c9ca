//! The trace headers, as Google's front end rewrites them.

use http::HeaderMap;

use crate::headers::set;
use crate::ids;

const TRACEPARENT: &str = "traceparent";
const CLOUD: &str = "x-cloud-trace-context";

/// Keeps the trace id, puts a span of the front end's own in place of the client's, and says the
/// same in both headers; the older one has its span in decimal.
pub(super) fn rewrite(headers: &mut HeaderMap) {
    let (trace, sampled) = parent(headers)
        .or_else(|| cloud(headers))
        .unwrap_or_else(|| (fresh(), false));
    let span = ids::random().max(1);
    let bit = u8::from(sampled);
    set(
        headers,
        TRACEPARENT,
        &format!("00-{trace}-{span:016x}-{bit:02x}"),
    );
    set(headers, CLOUD, &format!("{trace}/{span};o={bit}"));
}

fn fresh() -> String {
    format!("{:016x}{:016x}", ids::random(), ids::random())
}

fn parent(headers: &HeaderMap) -> Option<(String, bool)> {
    let value = headers.get(TRACEPARENT)?.to_str().ok()?;
    let mut parts = value.split('-').skip(1);
    let trace = parts.next().filter(|id| is_trace(id))?;
    let flags = u8::from_str_radix(parts.nth(1)?, 16).ok()?;
    Some((trace.to_owned(), flags & 1 == 1))
}

fn cloud(headers: &HeaderMap) -> Option<(String, bool)> {
    let value = headers.get(CLOUD)?.to_str().ok()?;
    let trace = value.split('/').next().filter(|id| is_trace(id))?;
    Some((trace.to_owned(), value.ends_with(";o=1")))
}

fn is_trace(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && id.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_kept_and_the_span_is_new() {
        let mut headers = HeaderMap::new();
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        set(
            &mut headers,
            TRACEPARENT,
            &format!("00-{trace}-00f067aa0ba902b7-01"),
        );
        rewrite(&mut headers);
        let parent = headers[TRACEPARENT].to_str().unwrap().to_owned();
        let cloud = headers[CLOUD].to_str().unwrap();
        assert!(
            parent.contains(trace) && !parent.contains("00f067aa0ba902b7"),
            "{parent}"
        );
        let hex = u64::from_str_radix(parent.split('-').nth(2).unwrap(), 16).unwrap();
        assert_eq!(cloud, format!("{trace}/{hex};o=1"));
    }

    #[test]
    fn a_bad_trace_begins_a_new_one() {
        let mut headers = HeaderMap::new();
        set(&mut headers, TRACEPARENT, "00-xyz-1-01");
        rewrite(&mut headers);
        assert!(parent(&headers).is_some());
    }
}
