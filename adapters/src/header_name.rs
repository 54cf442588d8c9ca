//! Names of headers, as payloads have them.

use http::HeaderName;

/// What front ends add to each request: no request needs copies of these names.
static KNOWN: [HeaderName; 8] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-amzn-trace-id"),
    HeaderName::from_static("x-arr-log-id"),
    HeaderName::from_static("x-arr-ssl"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-waws-unencoded-url"),
];

/// Returns a name; `None` if it can be none.
pub(crate) fn header_name(name: &str) -> Option<HeaderName> {
    if name.starts_with(['x', 'X']) {
        let is_it = |known: &&HeaderName| name.eq_ignore_ascii_case(known.as_str());
        if let Some(known) = KNOWN.iter().find(is_it) {
            return Some(known.clone());
        }
    }
    HeaderName::from_bytes(name.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_whoever_writes_it() {
        let known = KNOWN.iter().map(HeaderName::as_str);
        for name in known.chain(["host", "x-own", "x", "X-Forwarded-Fo", "", "a b", "x\u{e9}"]) {
            for written in [name.to_owned(), name.to_uppercase()] {
                let wanted = HeaderName::from_bytes(written.as_bytes()).ok();
                assert_eq!(header_name(&written), wanted, "{written}");
            }
        }
    }
}
