//! HTTP/1.1 as far as a measurement needs it: heads, sized bodies, chunked bodies.
//!
//! By hand, over httparse, so that the host's own cost hides as little of the program's as can be.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stats::Problem;

/// One connection, with what was read of it and not yet used.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// A message as it came.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The request line's target, or the status line's code.
    pub subject: String,
    /// Bytes of the body, chunked or not.
    pub length: usize,
    /// The body's beginning.
    pub beginning: Vec<u8>,
}

/// How much of a body is kept, to see that it is what was asked for.
const KEPT: usize = 512;

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

enum Length {
    Sized(usize),
    Chunked,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Result<Self, Problem> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request; the last chunk of one in chunks for itself, as .NET's client does.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        if let Some(before) = bytes.strip_suffix(LAST_CHUNK) {
            self.stream.write_all(before).await?;
            return Ok(self.stream.write_all(LAST_CHUNK).await?);
        }
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Reads more; false at the end.
    async fn more(&mut self) -> Result<bool, Problem> {
        if self.read.capacity() - self.read.len() < 16 * 1024 {
            self.read.reserve(64 * 1024);
        }
        Ok(self.stream.read_buf(&mut self.read).await? > 0)
    }

    /// Reads a request; none at the connection's end.
    pub(crate) async fn request(&mut self) -> Result<Option<Received>, Problem> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut request = httparse::Request::new(&mut headers);
            if let httparse::Status::Complete(head) = request.parse(&self.read)? {
                let received = Received {
                    subject: request.path.unwrap_or_default().to_owned(),
                    ..Received::default()
                };
                let length = length(request.headers)?;
                return self.body(head, length, received).await.map(Some);
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    /// Reads an answer.
    pub(crate) async fn response(&mut self) -> Result<Received, Problem> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(head) = response.parse(&self.read)? {
                let received = Received {
                    subject: response.code.unwrap_or_default().to_string(),
                    ..Received::default()
                };
                let length = length(response.headers)?;
                return self.body(head, length, received).await;
            }
            if !self.more().await? {
                return Err("the program closed the connection".into());
            }
        }
    }

    async fn body(
        &mut self,
        head: usize,
        length: Length,
        received: Received,
    ) -> Result<Received, Problem> {
        self.read.drain(..head);
        match length {
            Length::Sized(length) => self.sized(length, received).await,
            Length::Chunked => self.chunked(received).await,
        }
    }

    async fn sized(&mut self, length: usize, mut received: Received) -> Result<Received, Problem> {
        self.take(length, &mut received).await?;
        Ok(received)
    }

    async fn chunked(&mut self, mut received: Received) -> Result<Received, Problem> {
        loop {
            let (line, size) = loop {
                match httparse::parse_chunk_size(&self.read)
                    .map_err(|_invalid| "no chunk's size")?
                {
                    httparse::Status::Complete(found) => break found,
                    httparse::Status::Partial if self.more().await? => {}
                    httparse::Status::Partial => return Err("the body ended within".into()),
                }
            };
            self.read.drain(..line);
            let size = usize::try_from(size)?;
            self.take(size, &mut received).await?;
            // the line's end after a chunk; after the last one there are no trailers here
            let mut end = Received::default();
            self.take(2, &mut end).await?;
            if size == 0 {
                return Ok(received);
            }
        }
    }

    /// Uses up bytes of the body.
    async fn take(&mut self, length: usize, received: &mut Received) -> Result<(), Problem> {
        let mut left = length;
        loop {
            let here = left.min(self.read.len());
            let kept = KEPT.saturating_sub(received.beginning.len()).min(here);
            received
                .beginning
                .extend_from_slice(self.read.get(..kept).unwrap_or_default());
            if here == self.read.len() {
                self.read.clear();
            } else {
                self.read.drain(..here);
            }
            left -= here;
            received.length += here;
            if left == 0 {
                return Ok(());
            }
            if !self.more().await? {
                return Err("the body ended within".into());
            }
        }
    }
}

fn length(headers: &[httparse::Header<'_>]) -> Result<Length, Problem> {
    for header in headers {
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(Length::Chunked);
        }
        if header.name.eq_ignore_ascii_case("content-length") {
            return Ok(Length::Sized(std::str::from_utf8(header.value)?.parse()?));
        }
    }
    Ok(Length::Sized(0))
}
