use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::Text;

/// A W3C trace context (`traceparent`, version 00, and `tracestate`).
///
/// Source: <https://www.w3.org/TR/trace-context/>.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TraceContext {
    parent: [u8; LENGTH],
    state: Option<Text>,
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// `00-` 32 hex `-` 16 hex `-` 2 hex
const LENGTH: usize = 55;

impl TraceContext {
    /// Reads a `traceparent`; `None` if it is not valid, in which case the W3C document wants it
    /// ignored. Fields that later versions add are cut off.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let text = traceparent.trim();
        let field = |from, to| text.get(from..to);
        let (version, trace_id) = (field(0, 2)?, field(3, 35)?);
        let (parent_id, flags) = (field(36, 52)?, field(53, LENGTH)?);
        let dashes = [2, 35, 52].map(|at| text.as_bytes().get(at) == Some(&b'-'));
        let more = text.len() > LENGTH;
        if dashes != [true; 3] || (more && text.as_bytes().get(LENGTH) != Some(&b'-')) {
            return None;
        }

        let later = version != "00" && version != "ff" && is_hex(version, 2);
        let known = version == "00" && !more;
        if !(known || later) || !is_hex(flags, 2) {
            return None;
        }
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Self::from_parts(trace_id, parent_id, sampled)
    }

    /// Makes one of a trace id (32 lower-case hex digits), a parent span id (16) and the sampled
    /// flag; `None` if an id has another form or is all zero.
    pub fn from_parts(trace_id: &str, parent_id: &str, sampled: bool) -> Option<Self> {
        let zero = |id: &str| id.bytes().all(|b| b == b'0');
        if !is_hex(trace_id, 32) || !is_hex(parent_id, 16) || zero(trace_id) || zero(parent_id) {
            return None;
        }
        let mut parent = *b"00-00000000000000000000000000000000-0000000000000000-00";
        parent.get_mut(3..35)?.copy_from_slice(trace_id.as_bytes());
        parent
            .get_mut(36..52)?
            .copy_from_slice(parent_id.as_bytes());
        *parent.last_mut()? = if sampled { b'1' } else { b'0' };
        Some(Self {
            parent,
            state: None,
        })
    }

    /// Reads `traceparent` and `tracestate` from headers; several `tracestate` lines are joined.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let context = Self::parse(headers.get(TRACEPARENT)?.to_str().ok()?)?;
        let mut states = headers
            .get_all(TRACESTATE)
            .iter()
            .filter_map(|v| v.to_str().ok());
        Some(match (states.next(), states.next()) {
            (None, _) => context,
            (Some(one), None) => context.with_state(one),
            (Some(one), Some(two)) => {
                let rest = states.fold(format!("{one},{two}"), |all, next| all + "," + next);
                context.with_state(rest)
            }
        })
    }

    /// Adds a `tracestate`.
    #[must_use]
    pub fn with_state(mut self, tracestate: impl Into<Text>) -> Self {
        self.state = Some(tracestate.into()).filter(|state| !state.is_empty());
        self
    }

    /// Returns the value of a `traceparent` header.
    pub fn traceparent(&self) -> &str {
        self.part(0, LENGTH)
    }

    /// Returns the value of a `tracestate` header; `None` where the request had none.
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Returns the trace's id: 32 lower-case hex digits.
    pub fn trace_id(&self) -> &str {
        self.part(3, 35)
    }

    /// Returns the id of the span that called us: 16 lower-case hex digits.
    pub fn parent_id(&self) -> &str {
        self.part(36, 52)
    }

    /// Returns true if the caller records this trace.
    pub fn sampled(&self) -> bool {
        self.part(54, LENGTH) == "1"
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.parent
            .get(from..to)
            .and_then(|part| std::str::from_utf8(part).ok())
            .unwrap_or_default()
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    // Without an early end, so that the compiler can look at many bytes at once.
    let hex = |all, byte| all & matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == length && text.bytes().fold(true, hex)
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({})", self.traceparent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_parts_of_a_traceparent() {
        let trace = TraceContext::parse(PARENT).unwrap();
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.parent_id(), "b7ad6b7169203331");
        assert!(trace.sampled());
        assert_eq!(trace.traceparent(), PARENT);
    }

    #[test]
    fn what_is_not_valid_is_ignored() {
        for wrong in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "é0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert!(TraceContext::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_later_version_may_have_more_fields() {
        let later = PARENT.replacen("00", "cc", 1) + "-what-the-future-brings";
        assert_eq!(TraceContext::parse(&later).unwrap().traceparent(), PARENT);
    }

    #[test]
    fn several_tracestates_are_joined() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", PARENT.parse().unwrap());
        headers.append("tracestate", "a=1".parse().unwrap());
        headers.append("tracestate", "b=2".parse().unwrap());
        let trace = TraceContext::from_headers(&headers).unwrap();
        assert_eq!(trace.tracestate(), Some("a=1,b=2"));
    }
}
