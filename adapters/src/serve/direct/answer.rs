//! Answers, as they go onto the wire.

use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use bytes::Buf;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use httpdate::HttpDate;
use isobar_core::Content;
use tokio::io::AsyncWriteExt;

use crate::serve::head::Timed;
use crate::serve::whole;

/// A longer body is not copied behind its head.
const SHORT: usize = 4 << 10;

/// Writes answers, and keeps what they share.
#[derive(Default)]
pub(super) struct Answers {
    /// When the last one was written.
    pub(super) last: Option<SystemTime>,
    out: Vec<u8>,
    date: Date,
}

impl Answers {
    /// Writes an answer; with the last one the connection is told to end.
    pub(super) async fn write(
        &mut self,
        stream: &mut Timed,
        answer: http::Response<Content>,
        is_last: bool,
    ) -> io::Result<()> {
        let (head, body) = answer.into_parts();
        let body = match body {
            Content::Whole(bytes) => bytes,
            Content::Goes(body) => whole(body).await.map_err(io::Error::other)?,
        };
        self.out.clear();
        self.head(&head, body.len(), is_last)?;
        if body.len() <= SHORT {
            self.out.extend_from_slice(&body);
            return stream.write_all(&self.out).await;
        }
        stream.write_all_buf(&mut self.out.chain(body)).await
    }

    fn head(
        &mut self,
        head: &http::response::Parts,
        length: usize,
        is_last: bool,
    ) -> io::Result<()> {
        let out = &mut self.out;
        out.extend_from_slice(b"HTTP/1.1 ");
        out.extend_from_slice(head.status.as_str().as_bytes());
        out.push(b' ');
        let reason = head.status.canonical_reason();
        out.extend_from_slice(reason.unwrap_or_default().as_bytes());
        let ours = [CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING];
        for (name, value) in &head.headers {
            if !ours.contains(name) {
                out.extend_from_slice(b"\r\n");
                out.extend_from_slice(name.as_str().as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(value.as_bytes());
            }
        }
        out.extend_from_slice(b"\r\ncontent-length: ");
        out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
        out.extend_from_slice(b"\r\ndate: ");
        let now = SystemTime::now();
        self.last = Some(now);
        self.date.write(out, now)?;
        if is_last {
            out.extend_from_slice(b"\r\nconnection: close");
        }
        out.extend_from_slice(b"\r\n\r\n");
        Ok(())
    }
}

/// The date as it was written last: it changes once a second.
#[derive(Default)]
struct Date {
    second: u64,
    text: Vec<u8>,
}

impl Date {
    fn write(&mut self, out: &mut Vec<u8>, now: SystemTime) -> io::Result<()> {
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if now.as_secs() != self.second || self.text.is_empty() {
            self.second = now.as_secs();
            self.text.clear();
            let second = SystemTime::UNIX_EPOCH + Duration::from_secs(self.second);
            write!(self.text, "{}", HttpDate::from(second))?;
        }
        out.extend_from_slice(&self.text);
        Ok(())
    }
}
