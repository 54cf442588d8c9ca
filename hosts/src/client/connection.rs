//! Opens connections.

use std::net::SocketAddr;

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::program::connect;
use crate::{Body, Error};

/// A connection without Nagle's delay.
pub(super) async fn tcp(address: SocketAddr) -> Result<TcpStream, Error> {
    let stream = connect(address).await;
    let stream = stream.map_err(Error::io(format!("cannot connect to {address}")))?;
    let set = stream.set_nodelay(true);
    set.map_err(Error::io("cannot set TCP_NODELAY"))?;
    Ok(stream)
}

pub(super) async fn one(address: SocketAddr) -> Result<http1::SendRequest<Body>, Error> {
    let stream = TokioIo::new(tcp(address).await?);
    let (sender, connection) = http1::handshake(stream).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

pub(super) async fn two(address: SocketAddr) -> Result<http2::SendRequest<Body>, Error> {
    let stream = TokioIo::new(tcp(address).await?);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
    tokio::spawn(connection);
    Ok(sender)
}
