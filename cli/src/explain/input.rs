//! What is to be explained: JSON, or an HTTP request as text.

use std::io::Read;
use std::path::Path;

use isobar::{Bytes, Event};
use serde_json::Value;

use super::{Reading, aws, azure, gcp};
use crate::fail::{Kind, Result, cause};

/// A file's content, and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    /// The content.
    pub(crate) bytes: Vec<u8>,
    /// Azure: the function's name, and the text of its function.json.
    pub(crate) function: Option<(String, String)>,
}

impl Input {
    /// Reads a file, or standard input.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn open(file: &Path, function: Option<&Path>) -> Result<Self> {
        let mut bytes = Vec::new();
        let read = if file.as_os_str() == "-" {
            std::io::stdin().read_to_end(&mut bytes).map(|_length| ())
        } else {
            std::fs::read(file).map(|read| bytes = read)
        };
        read.map_err(cause(
            Kind::Usage,
            format!("cannot read {}", file.display()),
        ))?;
        let function = function.map(|file| {
            let text = std::fs::read_to_string(file).map_err(cause(
                Kind::Usage,
                format!("cannot read {}", file.display()),
            ))?;
            let name = file
                .parent()
                .and_then(Path::file_name)
                .and_then(|name| name.to_str());
            Ok((name.unwrap_or("function").to_owned(), text))
        });
        Ok(Self {
            bytes,
            function: function.transpose()?,
        })
    }
}

/// Explains it: whose it is shows by its form.
pub(crate) fn read(input: &Input) -> Reading {
    let function = input.function.as_ref();
    let name = function.map(|(name, _)| name.as_str());
    let function = function.map(|(_, text)| text.as_str());
    if let Some(request) = http(&input.bytes) {
        let document: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        if azure::fits(&document) {
            let own = request.uri().path().trim_matches('/');
            return azure::read(request.body(), name.or(Some(own)), function);
        }
        return gcp::read(request, None);
    }
    let document: Value = serde_json::from_slice(&input.bytes).unwrap_or_default();
    if azure::fits(&document) {
        return azure::read(&input.bytes, name, function);
    }
    match gcp::way(&document) {
        Some((way, signs)) => gcp::read_document(&input.bytes, way, signs),
        None => aws::read(&input.bytes),
    }
}

/// The events in it, as a handler gets them.
pub(crate) fn portable_events(input: &Input) -> Vec<Event> {
    let function = input.function.as_ref();
    let name = function.map(|(name, _)| name.as_str());
    match http(&input.bytes) {
        None => aws::events(&input.bytes),
        Some(request) => match function {
            Some((_, text)) => azure::events(request.body(), name.unwrap_or_default(), text),
            None => gcp::events_of(request),
        },
    }
}

/// A request as text: its line, its headers, an empty line, its body.
pub(crate) fn http(bytes: &[u8]) -> Option<http::Request<Bytes>> {
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let end = ends.iter().filter_map(|end| {
        let at = bytes.windows(end.len()).position(|window| window == *end)?;
        Some((at, at + end.len()))
    });
    let (end, begin) = end.min().unwrap_or((bytes.len(), bytes.len()));
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split_whitespace();
    let method = words
        .next()
        .filter(|word| word.chars().all(|c| c.is_ascii_uppercase()))?;
    let target = words
        .next()
        .filter(|word| word.starts_with('/') || word.contains("://"))?;
    let mut request = http::Request::builder().method(method).uri(target);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name.trim(), value.trim());
    }
    let body = Bytes::copy_from_slice(bytes.get(begin..)?);
    request.body(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_as_text_is_one() {
        let request = http(b"POST /x?y=1 HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\nbody\n\nmore").unwrap();
        assert_eq!(request.uri(), "/x?y=1");
        assert_eq!(request.headers().get_all("a").iter().count(), 2);
        assert_eq!(request.body(), "body\n\nmore");
        assert!(http(b"GET /").unwrap().body().is_empty());
        for other in [
            &b"{}"[..],
            b"",
            b"get /",
            b"POST x",
            b"POST / HTTP/1.1\nno header\n\n",
            b"\xff",
        ] {
            assert!(http(other).is_none());
        }
    }
}
