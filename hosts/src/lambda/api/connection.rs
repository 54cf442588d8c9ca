//! One connection to the Runtime API: requests in, one after the other, and answers out.

use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::memory::Phase;
use super::reply::Reply;
use super::state::State;
use super::{extension, next, post};
use crate::Error;
use crate::wire::{Framing, Head, Piece, Reader};

/// What becomes of a connection after a request.
#[derive(Debug)]
pub(super) enum Then {
    /// This is answered, and the next request awaited.
    Reply(Reply),
    /// These bytes are written, and the connection closed.
    Close(Vec<u8>),
    /// The connection is reset.
    Reset,
    /// The other side has gone.
    Gone,
}

pub(super) struct Connection {
    pub(super) state: Arc<State>,
    pub(super) read: Reader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            state.change(|inner| inner.connections += 1);
            // a connection that breaks is the program's affair
            let _broken = serve(stream, &state).await;
            state.change(|inner| inner.connections -= 1);
        });
    }
}

async fn serve(stream: TcpStream, state: &Arc<State>) -> Result<(), Error> {
    let set = stream.set_nodelay(true);
    set.map_err(Error::io("cannot set TCP_NODELAY"))?;
    let (read, write) = stream.into_split();
    let mut connection = Connection {
        state: Arc::clone(state),
        read: Reader::new(read),
        write,
    };
    while let Some(head) = connection.read.head().await? {
        let closes = head
            .get("connection")
            .is_some_and(|v| v.eq_ignore_ascii_case("close"));
        match connection.route(head).await? {
            Then::Reply(reply) => connection.write(&reply.bytes()).await?,
            Then::Close(bytes) => return connection.write(&bytes).await,
            Then::Reset => return connection.reset(),
            Then::Gone => return Ok(()),
        }
        if closes {
            break;
        }
    }
    Ok(())
}

impl Connection {
    async fn route(&mut self, head: Head) -> Result<Then, Error> {
        let [method, target, _] = head.words().map(str::to_owned);
        let path = target.split('?').next().unwrap_or_default();
        let Some(path) = path.strip_prefix(&self.state.identity.prefix) else {
            return self
                .plain(&head, Reply::new(404, "404 page not found"))
                .await;
        };
        let words: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method.as_str(), words.as_slice()) {
            ("GET", ["2018-06-01", "runtime", "invocation", "next"]) => {
                self.body(&head, 0).await?;
                next::next(self).await
            }
            ("POST", ["2018-06-01", "runtime", "invocation", id, "response"]) => {
                post::response(self, &head, id).await
            }
            ("POST", ["2018-06-01", "runtime", "invocation", id, "error"]) => {
                post::error(self, &head, id).await
            }
            ("POST", ["2018-06-01", "runtime", "init", "error"]) => {
                post::init_error(self, &head, &[Phase::Started]).await
            }
            ("POST", ["2018-06-01", "runtime", "restore", "error"]) => {
                post::init_error(self, &head, &[Phase::Restored]).await
            }
            ("GET", ["2018-06-01", "runtime", "restore", "next"]) => self.restore(&head).await,
            ("GET", ["2018-06-01", "ping"]) => self.plain(&head, Reply::new(200, "pong")).await,
            ("POST", ["2020-01-01", "extension", "register"]) => {
                extension::register(self, &head).await
            }
            ("GET", ["2020-01-01", "extension", "event", "next"]) => {
                extension::next(self, &head).await
            }
            _ => {
                self.plain(&head, Reply::new(404, "404 page not found"))
                    .await
            }
        }
    }

    /// Answers once the program is restored; a function without `SnapStart` has nothing to wait for.
    async fn restore(&mut self, head: &Head) -> Result<Then, Error> {
        self.body(head, 0).await?;
        let state = Arc::clone(&self.state);
        if state.identity.snapstart {
            tokio::select! {
                () = state.freeze() => {}
                gone = self.read.gone() => return gone.map(|()| Then::Gone),
            }
        }
        Ok(Then::Reply(Reply::new(200, "")))
    }

    /// Answers a request of whose body nothing is wanted.
    async fn plain(&mut self, head: &Head, reply: Reply) -> Result<Then, Error> {
        self.body(head, usize::MAX).await?;
        Ok(Then::Reply(reply))
    }

    /// Reads a request's body to its end, and keeps of it no more than `most` bytes and one chunk.
    pub(super) async fn body(&mut self, head: &Head, most: usize) -> Result<Vec<u8>, Error> {
        let mut framing = head.framing(Framing::Sized(0))?;
        let mut body = Vec::new();
        loop {
            match self.read.piece(&mut framing).await? {
                Piece::Bytes(bytes) if body.len() <= most => body.extend_from_slice(&bytes),
                Piece::Bytes(_) => {}
                Piece::End(_) => return Ok(body),
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.write.write_all(bytes).await;
        written.map_err(Error::io("the program does not read"))
    }

    fn reset(self) -> Result<(), Error> {
        let stream: &TcpStream = self.write.as_ref();
        let set = stream.set_zero_linger();
        set.map_err(Error::io("cannot reset the connection"))
    }
}
