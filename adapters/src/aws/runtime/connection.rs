//! A kept connection to the Runtime API: HTTP/1.1, one exchange at a time.
//!
//! What general clients do for every host (a pool, a parsed URI, a header map, boxed futures) costs
//! more than all the rest of an invocation, and theirs leave Nagle's algorithm on.

use std::io::{Error, ErrorKind, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::endpoint::Endpoint;
use super::reply::{Framing, Head, chunk, trailers_end};

/// Larger than any event; more is no answer of the Runtime API's.
const LONGEST: usize = 64 << 20;

/// How much is read at once, at least.
const ROOM: usize = 8 << 10;

/// A connection that is made when it is needed, and kept.
#[derive(Debug)]
pub(super) struct Connection {
    endpoint: Endpoint,
    stream: Option<TcpStream>,
    /// What has arrived and is not yet read.
    arrived: BytesMut,
    /// True after an exchange: the peer may have closed it since, unnoticed.
    is_used: bool,
    /// True once a part of the reply has arrived: it may be an event, and is not given up.
    has_begun: Arc<AtomicBool>,
}

impl Connection {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            stream: None,
            arrived: BytesMut::new(),
            is_used: false,
            has_begun: Arc::default(),
        }
    }

    /// Tells whether a part of the reply has arrived, while the exchange goes on.
    pub(super) fn has_begun(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.has_begun)
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request and reads the reply: what `take` makes of its head, and its body.
    ///
    /// A kept connection that turns out to be closed is made anew, once.
    pub(super) async fn exchange<T>(
        &mut self,
        (head, body): (&[u8], &[u8]),
        take: impl Fn(&Head<'_, '_>) -> T + Sync,
    ) -> Result<(T, Bytes), Error> {
        self.has_begun.store(false, Ordering::Relaxed);
        if !self.arrived.is_empty() {
            // What nobody asked for: the next reply could not be told from it.
            self.close();
        }
        loop {
            let retry = self.is_used;
            let result = match self.send(&[head, body]).await {
                Ok(()) => self.receive(&take).await,
                Err(error) => Err(error),
            };
            match result {
                Err(error) if retry && is_closed(&error) && self.arrived.is_empty() => self.close(),
                Err(error) => {
                    self.close();
                    return Err(error);
                }
                Ok(reply) => return Ok(reply),
            }
        }
    }

    /// Sends parts of a request in one write.
    pub(super) async fn send<const N: usize>(&mut self, parts: &[&[u8]; N]) -> Result<(), Error> {
        let stream = self.connected().await?;
        write_all(stream, &mut parts.map(IoSlice::new)).await
    }

    async fn connected(&mut self) -> Result<&mut TcpStream, Error> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&*self.endpoint.authority).await?;
            // A small write must not wait for the peer's delayed acknowledgement.
            stream.set_nodelay(true)?;
            self.arrived.clear();
            self.is_used = false;
            self.stream = Some(stream);
        }
        self.stream
            .as_mut()
            .ok_or_else(|| ErrorKind::NotConnected.into())
    }

    /// Forgets the connection.
    pub(super) fn close(&mut self) {
        self.stream = None;
        self.is_used = false;
    }

    /// Reads a reply.
    pub(super) async fn receive<T>(
        &mut self,
        take: &(impl Fn(&Head<'_, '_>) -> T + Sync),
    ) -> Result<(T, Bytes), Error> {
        loop {
            let read = Head::read(&self.arrived, |head| (head.outline, take(head)))?;
            let Some((outline, taken)) = read else {
                self.fill(ROOM).await?;
                continue;
            };
            self.arrived.advance(outline.length);
            if outline.is_interim {
                continue;
            }
            let body = self.body(outline.framing).await?;
            self.is_used = true;
            if !outline.keeps {
                self.close();
            }
            return Ok((taken, body));
        }
    }

    async fn body(&mut self, framing: Framing) -> Result<Bytes, Error> {
        match framing {
            Framing::Length(length) if length > LONGEST => Err(too_long()),
            Framing::Length(length) => {
                while self.arrived.len() < length {
                    self.fill(length - self.arrived.len()).await?;
                }
                Ok(self.arrived.split_to(length).freeze())
            }
            Framing::Chunked => self.chunks().await,
            Framing::Rest => self.rest().await,
        }
    }

    async fn chunks(&mut self) -> Result<Bytes, Error> {
        let mut body = BytesMut::new();
        loop {
            let Some((start, length)) = chunk(&self.arrived)? else {
                self.fill(ROOM).await?;
                continue;
            };
            if body.len() + length > LONGEST {
                return Err(too_long());
            }
            self.arrived.advance(start);
            if length == 0 {
                self.trailers().await?;
                return Ok(body.freeze());
            }
            // The chunk ends with a line's end.
            while self.arrived.len() < length + 2 {
                self.fill(length + 2 - self.arrived.len()).await?;
            }
            body.extend_from_slice(&self.arrived.split_to(length));
            self.arrived.advance(2);
        }
    }

    /// Passes over what stands after the last chunk, up to an empty line.
    async fn trailers(&mut self) -> Result<(), Error> {
        loop {
            if let Some(length) = trailers_end(&self.arrived) {
                self.arrived.advance(length);
                return Ok(());
            }
            self.fill(ROOM).await?;
        }
    }

    async fn rest(&mut self) -> Result<Bytes, Error> {
        loop {
            match self.fill(ROOM).await {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Ok(self.arrived.split().freeze());
                }
                Err(error) => return Err(error),
                Ok(()) if self.arrived.len() > LONGEST => return Err(too_long()),
                Ok(()) => {}
            }
        }
    }

    /// Reads more, with room for `more` bytes.
    async fn fill(&mut self, more: usize) -> Result<(), Error> {
        self.arrived.reserve(more);
        let stream = self.stream.as_mut().ok_or(ErrorKind::NotConnected)?;
        if stream.read_buf(&mut self.arrived).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.has_begun.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Writes all parts as one, without putting them together in memory.
async fn write_all(stream: &mut TcpStream, mut parts: &mut [IoSlice<'_>]) -> Result<(), Error> {
    IoSlice::advance_slices(&mut parts, 0);
    while !parts.is_empty() {
        match stream.write_vectored(parts).await? {
            0 => return Err(ErrorKind::WriteZero.into()),
            written => IoSlice::advance_slices(&mut parts, written),
        }
    }
    Ok(())
}

fn too_long() -> Error {
    Error::new(ErrorKind::InvalidData, "the reply is longer than any event")
}

fn is_closed(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
    )
}
