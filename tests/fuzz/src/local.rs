//! The developer's machine: events of any kind, by a path.

use isobar::local::translate;

/// What stands behind the events path, header lines, an empty line, and the body.
pub fn event(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let Ok(rest) = std::str::from_utf8(lines.next().unwrap_or_default()) else {
        return;
    };
    let (headers, body) = super::headers(lines.next().unwrap_or_default());
    let body = isobar::Bytes::copy_from_slice(body);
    match translate::decode(&headers, rest, &body) {
        Ok(events) => events.iter().for_each(super::look),
        Err(error) => assert!(error.status().is_client_error(), "{error:?}"),
    }
}
