//! Ports that nobody uses yet.

use std::net::{Ipv4Addr, TcpListener};

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
