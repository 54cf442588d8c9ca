//! What came of an invocation.

use std::process::ExitStatus;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How an invocation ended, as the service sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A response was posted.
    Response,
    /// An error was posted, or made of what was posted (a response too long, an invalid mode).
    Error,
    /// The program posted an init error, or ended before it asked for the first event.
    InitError,
    /// The program ended in the middle of it.
    Exited(ExitStatus),
    /// It took too long.
    TimedOut,
    /// All places of a concurrent function are taken.
    Unavailable,
}

/// A part of an answer on its way.
#[derive(Debug)]
pub(super) enum Part {
    Bytes(Bytes),
    End(Vec<(String, Vec<u8>)>),
    Broken(String),
}

/// An answer whose body is still coming.
#[derive(Debug)]
pub struct Live {
    /// How the invocation ended, as far as its head tells.
    pub kind: Kind,
    /// The id that it was delivered under.
    pub request_id: String,
    /// The header lines that the program posted, names as it wrote them.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The type of an error, as AWS corrects it; empty for a response.
    pub error_type: String,
    pub(super) parts: UnboundedReceiver<Part>,
    pub(super) trailers: Vec<(String, Vec<u8>)>,
    pub(super) broken: Option<String>,
    pub(super) done: bool,
}

impl Live {
    /// The next chunk exactly as it was sent, `None` at the end; of a sized body, what was read.
    pub async fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        match self.parts.recv().await {
            Some(Part::Bytes(bytes)) => return Some(bytes),
            Some(Part::End(trailers)) => self.trailers = trailers,
            Some(Part::Broken(why)) => self.broken = Some(why),
            None => self.broken = Some("the host has stopped".to_owned()),
        }
        self.done = true;
        None
    }

    /// Whether the program said that it streams.
    pub fn streams(&self) -> bool {
        find(&self.headers, super::api::MODE).is_some_and(|mode| mode == "streaming")
    }

    /// The first value of a header that the program posted.
    pub fn header(&self, name: &str) -> Option<String> {
        find(&self.headers, name)
    }

    /// Why the body ended before its end: it broke off, or its trailers report an error.
    pub fn failure(&self) -> Option<String> {
        let broken = self.broken.clone();
        broken.or_else(|| find(&self.trailers, super::api::ERROR_TYPE))
    }

    /// Reads it to its end.
    pub async fn finish(mut self) -> Answer {
        let mut chunks = Vec::new();
        while let Some(chunk) = self.next().await {
            chunks.push(chunk);
        }
        let mut bytes = BytesMut::new();
        for chunk in &chunks {
            bytes.extend_from_slice(chunk);
        }
        Answer {
            kind: self.kind,
            request_id: self.request_id,
            bytes: bytes.freeze(),
            chunks,
            headers: self.headers,
            error_type: self.error_type,
            trailers: self.trailers,
            broken: self.broken,
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How the invocation ended.
    pub kind: Kind,
    /// The id that it was delivered under.
    pub request_id: String,
    /// The body as one.
    pub bytes: Bytes,
    /// The body's chunks exactly as they were sent; of a sized body, the parts as they were read.
    pub chunks: Vec<Bytes>,
    /// The header lines that the program posted, names as it wrote them.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The type of an error, as AWS corrects it; empty for a response.
    pub error_type: String,
    /// The trailers, which report an error in the middle of a stream.
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Why the body broke off, if it did.
    pub broken: Option<String>,
}

impl Answer {
    /// The first value of a header that the program posted.
    pub fn header(&self, name: &str) -> Option<String> {
        find(&self.headers, name)
    }

    /// The first value of a trailer.
    pub fn trailer(&self, name: &str) -> Option<String> {
        find(&self.trailers, name)
    }

    /// What is complete, as if it still came.
    pub(super) fn into_live(self) -> Live {
        let (sender, parts) = unbounded_channel();
        let end = match self.broken {
            Some(why) => Part::Broken(why),
            None => Part::End(self.trailers),
        };
        for part in self.chunks.into_iter().map(Part::Bytes).chain([end]) {
            // the receiver is still held here
            let _sent = sender.send(part);
        }
        Live {
            kind: self.kind,
            request_id: self.request_id,
            headers: self.headers,
            error_type: self.error_type,
            parts,
            trailers: Vec::new(),
            broken: None,
            done: false,
        }
    }

    /// The body as JSON, `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

fn find(headers: &[(String, Vec<u8>)], name: &str) -> Option<String> {
    let (_, value) = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
    Some(String::from_utf8_lossy(value).into_owned())
}
