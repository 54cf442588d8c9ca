//! Ports that nobody uses yet.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tokio::net::TcpStream;

use crate::Error;

/// Finds a TCP port of the loopback address that nothing listens on.
///
/// # Errors
///
/// When the system has none left.
pub fn free_port() -> Result<u16, Error> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("no free port"))?;
    let address = listener.local_addr().map_err(Error::io("no free port"))?;
    Ok(address.port())
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
