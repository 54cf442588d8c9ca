//! Ports that nobody uses yet.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpSocket, TcpStream};

use crate::Error;

/// A TCP port of the loopback address that nothing listens on, for a program that will.
///
/// On Linux nobody else is given it while this, or a [`Launch`](super::Launch) or
/// [`Program`](super::Program) with it, is there: of two programs that start at once with one port
/// one would end, and its host speak to the other. Who listens has to set `SO_REUSEADDR`, as
/// runtimes do.
#[derive(Debug, Clone)]
pub struct Port {
    number: u16,
    _kept: Option<Arc<TcpSocket>>,
}

impl Port {
    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// One whose number is said, and which is not kept.
    pub(crate) fn said(number: u16) -> Self {
        Self {
            number,
            _kept: None,
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

/// Finds a free port.
///
/// # Errors
///
/// When the system has none left.
pub fn free_port() -> Result<Port, Error> {
    let (socket, number) = bound().map_err(Error::io("no free port"))?;
    // Elsewhere a socket that is bound keeps out all others, the program too.
    let kept = cfg!(target_os = "linux").then(|| Arc::new(socket));
    Ok(Port {
        number,
        _kept: kept,
    })
}

/// Binds a socket that does not listen: to connect to it is refused, as to a free port.
fn bound() -> std::io::Result<(TcpSocket, u16)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let number = socket.local_addr()?.port();
    Ok((socket, number))
}

/// Connects. A connection from a free port to itself, which TCP allows and Linux makes where
/// nothing listens and chance has it so, counts as refused.
pub(crate) async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(std::io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    use super::*;

    /// Drawn anew each time, of the thousands that there are, some of 400 would be the same.
    #[test]
    #[cfg(target_os = "linux")]
    fn no_two_are_given_the_same_port() {
        let all: Vec<_> = (0..400).map(|_| free_port().unwrap()).collect();
        let numbers: BTreeSet<_> = all.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), all.len());
    }

    #[test]
    fn a_program_can_listen_on_it_at_any_address() {
        for address in [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED] {
            let port = free_port().unwrap();
            let here = ("127.0.0.1", port.number());
            assert!(std::net::TcpStream::connect(here).is_err());
            let _listener = TcpListener::bind((address, port.number())).unwrap();
            std::net::TcpStream::connect(here).unwrap();
        }
    }
}
