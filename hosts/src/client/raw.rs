//! A connection on which bytes are sent exactly as given: odd targets, bad framing, slow clients.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::client::raw;
//!
//! let mut connection = raw::Connection::open(([127, 0, 0, 1], 8080).into()).await?;
//! connection.send(b"GET /a|b?^ HTTP/1.1\r\nhost: x\r\n\r\n").await?;
//! let answer = connection.answer().await?;
//! assert_eq!(answer.status, 200);
//! # Ok(()) }
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use super::connection;
use crate::Error;
use crate::wire::{Framing, Head, Piece, Reader};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection of one's own.
#[derive(Debug)]
pub struct Connection {
    write: OwnedWriteHalf,
    read: Reader<OwnedReadHalf>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The whole status line.
    pub line: String,
    /// Every header line in order, names as they were written.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body's chunks, or a sized body's parts as they were read.
    pub chunks: Vec<Bytes>,
    /// The trailers of a chunked body.
    pub trailers: Vec<(String, Vec<u8>)>,
}

impl Answer {
    /// The body as one.
    pub fn body(&self) -> Bytes {
        let mut body = BytesMut::new();
        self.chunks
            .iter()
            .for_each(|chunk| body.extend_from_slice(chunk));
        body.freeze()
    }

    /// The first value of a header, the name in any case.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut of = self.headers.iter();
        let (_, value) = of.find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

impl Connection {
    /// Opens a connection, with Nagle's algorithm off.
    ///
    /// # Errors
    ///
    /// When nothing listens there.
    pub async fn open(address: SocketAddr) -> Result<Self, Error> {
        Ok(Self::over(connection::tcp(address).await?))
    }

    fn over(stream: TcpStream) -> Self {
        let (read, write) = stream.into_split();
        let read = Reader::new(read);
        Self { write, read }
    }

    /// Sends these bytes.
    ///
    /// # Errors
    ///
    /// When the other side is gone.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]> + Send) -> Result<(), Error> {
        let sent = self.write.write_all(bytes.as_ref()).await;
        sent.map_err(Error::io("cannot send"))
    }

    /// Sends these bytes a few at a time, with a pause after each.
    ///
    /// # Errors
    ///
    /// When the other side is gone.
    pub async fn send_slowly(
        &mut self,
        bytes: &[u8],
        few: usize,
        pause: Duration,
    ) -> Result<(), Error> {
        for piece in bytes.chunks(few.max(1)) {
            self.send(piece).await?;
            sleep(pause).await;
        }
        Ok(())
    }

    /// Ends the sending direction, and goes on reading.
    ///
    /// # Errors
    ///
    /// When the other side is gone.
    pub async fn finish(&mut self) -> Result<(), Error> {
        let ended = self.write.shutdown().await;
        ended.map_err(Error::io("cannot end the connection"))
    }

    /// Reads the next head only, be it an interim one (100, 103) or the answer's.
    ///
    /// # Errors
    ///
    /// When none comes within 20 seconds, or something that is not HTTP.
    pub async fn head(&mut self) -> Result<Answer, Error> {
        let head = in_time("an answer's head", self.read.head()).await?;
        let head = head.ok_or_else(|| Error::malformed("answer", "the connection was closed"))?;
        let [version, status, _] = head.words();
        let status = status
            .parse()
            .ok()
            .filter(|_| version.starts_with("HTTP/1."));
        let status = status.ok_or_else(|| Error::malformed("answer", head.first.clone()))?;
        Ok(Answer {
            status,
            line: head.first,
            headers: head.headers,
            chunks: Vec::new(),
            trailers: Vec::new(),
        })
    }

    /// Reads an answer to its end, past interim ones.
    ///
    /// # Errors
    ///
    /// When none comes within 20 seconds, it breaks off, or is not HTTP.
    pub async fn answer(&mut self) -> Result<Answer, Error> {
        self.answer_to("GET").await
    }

    /// Reads the answer to a request of this method: to a `HEAD` there is no body.
    ///
    /// # Errors
    ///
    /// When none comes within 20 seconds, it breaks off, or is not HTTP.
    pub async fn answer_to(&mut self, method: &str) -> Result<Answer, Error> {
        let mut answer = self.head().await?;
        while (100..200).contains(&answer.status) && answer.status != 101 {
            answer = self.head().await?;
        }
        if method != "HEAD" && !matches!(answer.status, 101 | 204 | 304) {
            in_time("an answer's body", self.body(&mut answer)).await?;
        }
        Ok(answer)
    }

    async fn body(&mut self, answer: &mut Answer) -> Result<(), Error> {
        let head = Head {
            first: String::new(),
            headers: answer.headers.clone(),
        };
        let mut framing = head.framing(Framing::Close)?;
        loop {
            match self.read.piece(&mut framing).await? {
                Piece::Bytes(bytes) => answer.chunks.push(bytes),
                Piece::End(trailers) => {
                    answer.trailers = trailers;
                    return Ok(());
                }
            }
        }
    }

    /// Reads exactly this many bytes, as of a protocol after an upgrade.
    ///
    /// # Errors
    ///
    /// When they do not come within 20 seconds.
    pub async fn exactly(&mut self, length: usize) -> Result<Bytes, Error> {
        in_time("these bytes", self.read.exactly(length)).await
    }

    /// Reads all bytes until the other side closes.
    ///
    /// # Errors
    ///
    /// When it does not close within 20 seconds, or resets.
    pub async fn rest(&mut self) -> Result<Bytes, Error> {
        in_time("the end of the connection", self.read.rest()).await
    }

    /// Asks for a WebSocket, and gives the answer's head: 101 when it is one from here on.
    ///
    /// # Errors
    ///
    /// When no answer comes.
    pub async fn websocket(&mut self, target: &str, host: &str) -> Result<Answer, Error> {
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.send(request).await?;
        self.head().await
    }
}

async fn in_time<T>(what: &str, read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(PATIENCE, read).await.unwrap_or_else(|_elapsed| {
        Err(Error::Timeout {
            what: what.to_owned(),
            after: PATIENCE,
        })
    })
}
