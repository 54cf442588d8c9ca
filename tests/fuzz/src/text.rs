//! Texts that are read or written everywhere: traces, lines of the log, keys.

use isobar::{Body, HeaderMap, HeaderValue, TraceContext};
use serde_json::Value;

/// A `traceparent` is read as it will be written, or not at all.
pub fn trace(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in ["traceparent", "tracestate"] {
        if let Ok(value) = HeaderValue::from_bytes(parts.next().unwrap_or_default()) {
            headers.append(name, value);
        }
    }
    let Some(trace) = TraceContext::from_headers(&headers) else {
        return;
    };
    let again = TraceContext::parse(trace.traceparent()).unwrap();
    assert_eq!(again.traceparent(), trace.traceparent());
    assert_eq!((trace.trace_id().len(), trace.parent_id().len()), (32, 16));
    if let Some(state) = trace.tracestate() {
        assert!(HeaderValue::from_str(state).is_ok());
    }
}

/// A message, a field and an id, parted by NULs: one line in each form, and in JSON the same text.
pub fn log(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\0');
    let mut next = || parts.next().unwrap_or_default();
    let (message, field, id) = (next(), next(), next());
    let lines = isobar::log_translate::lines(message, field, id);
    for (place, line) in lines.iter().enumerate() {
        let line = std::str::from_utf8(line).unwrap();
        let line = line.strip_suffix('\n').unwrap();
        // Lambda's and the terminal's text goes on in lines that are told from others.
        let is_json = matches!(place, 0 | 2 | 3);
        if is_json {
            assert!(!line.contains(['\n', '\r']), "{line:?}");
            let json: Value = serde_json::from_str(line).unwrap();
            // What is too long is cut.
            if data.len() < 30_000 {
                assert!(
                    json["message"].as_str().unwrap().starts_with(message),
                    "{line}"
                );
            }
        } else {
            // No control character reaches a terminal, and no line begins as another's.
            let is_legal = |c: char| c == '\n' || c == '\t' || !c.is_control();
            assert!(line.chars().all(is_legal), "{line:?}");
            let mut further = line.split('\n').skip(1);
            assert!(further.all(|line| line.starts_with(' ')), "{line:?}");
        }
    }
}

/// A client's `Idempotency-Key`: taken, or refused with a 4xx.
pub fn idempotency_key(data: &[u8]) {
    use tower::{Layer, Service, ServiceExt};
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let request = http::Request::post("/").header("idempotency-key", value);
    let request = request.body(Body::empty()).unwrap();
    let store = isobar_state::Memory::default();
    let answers = tower::service_fn(|_request: isobar::Request| async {
        Ok::<_, std::convert::Infallible>(isobar::Response::new(Body::from("done")))
    });
    let service = isobar_state::IdempotencyKeyLayer::new(store).layer(answers);
    let mut service = service.boxed();
    let response =
        super::run(async { service.ready().await.unwrap().call(request).await.unwrap() });
    let status = response.status();
    assert!(status.is_success() || status.is_client_error(), "{status}");
}
