//! Reads messages from a connection, each chunk and each trailer as it was sent.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{Framing, Head};
use crate::Error;

/// No head is longer.
const HEAD_LIMIT: usize = 256 * 1024;
/// At most this much of a sized body at once.
const PIECE: usize = 64 * 1024;

/// A part of a body.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes: of a chunked body exactly one chunk.
    Bytes(Bytes),
    /// The end, with the trailers that a chunked body may have.
    End(Vec<(String, Vec<u8>)>),
}

/// The reading half of a connection.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    from: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(from: R) -> Self {
        let buffer = BytesMut::with_capacity(8 * 1024);
        Self { from, buffer }
    }

    /// Reads the next head, `None` when the connection ends in its place.
    pub(crate) async fn head(&mut self) -> Result<Option<Head>, Error> {
        let Some(end) = self.find(b"\r\n\r\n").await? else {
            return Ok(None);
        };
        let head = Head::parse(self.buffer.get(..end).unwrap_or_default());
        self.buffer.advance(end + 4);
        head.map(Some)
    }

    /// Reads the next part of a body, whose framing counts down.
    pub(crate) async fn piece(&mut self, framing: &mut Framing) -> Result<Piece, Error> {
        match framing {
            Framing::Sized(0) => Ok(Piece::End(Vec::new())),
            Framing::Sized(left) => {
                let piece = self
                    .some(usize::try_from(*left).unwrap_or(PIECE).min(PIECE))
                    .await?;
                *left = left.saturating_sub(piece.len() as u64);
                Ok(Piece::Bytes(piece))
            }
            Framing::Chunked => self.chunk().await,
            Framing::Close => match self.more().await? {
                0 => Ok(Piece::End(Vec::new())),
                _ => Ok(Piece::Bytes(self.buffer.split().freeze())),
            },
        }
    }

    /// Gives exactly this many bytes.
    pub(crate) async fn exactly(&mut self, length: usize) -> Result<Bytes, Error> {
        while self.buffer.len() < length {
            self.must_more().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// Gives all bytes until the connection ends, what has been read ahead first.
    pub(crate) async fn rest(&mut self) -> Result<Bytes, Error> {
        while self.more().await? > 0 {}
        Ok(self.buffer.split().freeze())
    }

    /// Waits until the other side has closed; what it sends meanwhile is kept.
    pub(crate) async fn gone(&mut self) -> Result<(), Error> {
        while self.more().await? > 0 {}
        Ok(())
    }

    async fn chunk(&mut self) -> Result<Piece, Error> {
        let line = self.line().await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16)
            .map_err(|_bad| Error::malformed("chunk", format!("size {line:?}")))?;
        if size == 0 {
            return Ok(Piece::End(self.trailers().await?));
        }
        let chunk = self.exactly(size).await?;
        match self.line().await? {
            end if end.is_empty() => Ok(Piece::Bytes(chunk)),
            end => Err(Error::malformed("chunk", format!("ends in {end:?}"))),
        }
    }

    async fn trailers(&mut self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut lines = b"\r\n".to_vec();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok(Head::parse(&lines)?.headers);
            }
            lines.extend_from_slice(line.as_bytes());
            lines.extend_from_slice(b"\r\n");
        }
    }

    async fn line(&mut self) -> Result<String, Error> {
        let end = self.find(b"\r\n").await?.ok_or_else(cut_off)?;
        let line = String::from_utf8_lossy(&self.buffer.split_to(end)).into_owned();
        self.buffer.advance(2);
        Ok(line)
    }

    async fn some(&mut self, most: usize) -> Result<Bytes, Error> {
        if self.buffer.is_empty() {
            self.must_more().await?;
        }
        let length = self.buffer.len().min(most);
        Ok(self.buffer.split_to(length).freeze())
    }

    /// Where these bytes begin; `None` when the connection ended cleanly before anything came.
    async fn find(&mut self, wanted: &[u8]) -> Result<Option<usize>, Error> {
        let mut from = 0;
        loop {
            let unseen = self.buffer.get(from..).unwrap_or_default();
            if let Some(at) = unseen.windows(wanted.len()).position(|w| w == wanted) {
                return Ok(Some(from + at));
            }
            from = self.buffer.len().saturating_sub(wanted.len());
            if self.buffer.len() > HEAD_LIMIT {
                return Err(Error::malformed("HTTP head", "it has no end"));
            }
            if self.more().await? == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(cut_off())
                };
            }
        }
    }

    async fn must_more(&mut self) -> Result<(), Error> {
        match self.more().await? {
            0 => Err(cut_off()),
            _ => Ok(()),
        }
    }

    async fn more(&mut self) -> Result<usize, Error> {
        let read = self.from.read_buf(&mut self.buffer).await;
        read.map_err(Error::io("the connection broke"))
    }
}

fn cut_off() -> Error {
    Error::io("the connection ended in the middle of a message")(
        io::ErrorKind::UnexpectedEof.into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pieces(bytes: &[u8]) -> (Vec<Bytes>, Vec<(String, Vec<u8>)>) {
        let mut reader = Reader::new(bytes);
        let head = reader.head().await.unwrap().unwrap();
        let mut framing = head.framing(Framing::Close).unwrap();
        let mut chunks = Vec::new();
        loop {
            match reader.piece(&mut framing).await.unwrap() {
                Piece::Bytes(bytes) => chunks.push(bytes),
                Piece::End(trailers) => return (chunks, trailers),
            }
        }
    }

    #[tokio::test]
    async fn chunks_keep_their_boundaries_and_trailers_are_seen() {
        let bytes = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-A: 1\r\n\r\n";
        let (chunks, trailers) = pieces(bytes).await;
        assert_eq!(chunks, ["ab", "c"]);
        assert_eq!(trailers, [("X-A".to_owned(), b"1".to_vec())]);
    }

    #[tokio::test]
    async fn a_sized_body_ends_by_its_length() {
        let (chunks, _) = pieces(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc").await;
        assert_eq!(chunks.concat(), b"ab");
    }

    #[tokio::test]
    async fn what_breaks_off_is_an_error() {
        let mut reader = Reader::new(&b"POST / HTTP/1.1\r\nA: "[..]);
        assert!(reader.head().await.is_err());
        assert!(Reader::new(&b""[..]).head().await.unwrap().is_none());
    }
}
