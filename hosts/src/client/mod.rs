//! A plain HTTP client over kept connections.
//!
//! Requests that follow one another use one and the same connection; a request that comes while
//! an answer's body is still being read gets a connection of its own. Nagle's algorithm is off.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::{Client, body};
//!
//! let client = Client::connect(([127, 0, 0, 1], 8080).into()).await?;
//! let request = http::Request::post("/orders?x=1").body(body::full("{}"))?;
//! let response = client.send(request).await?;
//! assert_eq!(response.status(), 200);
//! let bytes = body::collect(response.into_body()).await?;
//! # Ok(()) }
//! ```

mod connection;
mod pool;
pub mod raw;
mod upgrade;

use std::net::SocketAddr;
use std::sync::Mutex;

use http::header::HOST;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version};
use http_body_util::BodyExt;
use hyper::client::conn::http2;

use crate::sync::lock;
use crate::{Body, Error};
use pool::Pool;
pub use upgrade::{Upgraded, upgrade};

/// The version of HTTP that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 without TLS, by prior knowledge.
    Http2,
}

/// Sends requests to one address.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connections: Connections,
}

#[derive(Debug)]
enum Connections {
    One(Pool),
    Two(Mutex<http2::SendRequest<Body>>),
}

impl Client {
    /// Connects by HTTP/1.1.
    ///
    /// # Errors
    ///
    /// When nothing listens there.
    pub async fn connect(address: SocketAddr) -> Result<Self, Error> {
        Self::connect_by(Protocol::Http1, address).await
    }

    /// Connects by HTTP/2 without TLS.
    ///
    /// # Errors
    ///
    /// When nothing listens there, or it does not speak HTTP/2.
    pub async fn connect_h2c(address: SocketAddr) -> Result<Self, Error> {
        Self::connect_by(Protocol::Http2, address).await
    }

    /// Connects by the protocol named.
    ///
    /// # Errors
    ///
    /// When nothing listens there, or it does not speak that protocol.
    pub async fn connect_by(protocol: Protocol, address: SocketAddr) -> Result<Self, Error> {
        let connections = match protocol {
            Protocol::Http1 => Connections::One(Pool::open(address).await?),
            Protocol::Http2 => Connections::Two(Mutex::new(connection::two(address).await?)),
        };
        Ok(Self {
            address,
            connections,
        })
    }

    /// The address of the other side.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were opened so far.
    pub fn opened(&self) -> usize {
        match &self.connections {
            Connections::One(pool) => pool.opened(),
            Connections::Two(_) => 1,
        }
    }

    /// Sends a request, and gives the answer once its head is there.
    ///
    /// The request's target goes out as its path and query; its authority, when it has one,
    /// becomes `Host` unless that is set.
    ///
    /// # Errors
    ///
    /// When the connection is refused, reset or closed before an answer.
    pub async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, Error> {
        self.address_to(&mut request)?;
        match &self.connections {
            Connections::One(pool) => pool.send(request).await,
            Connections::Two(sender) => {
                let mut sender = lock(sender).clone();
                let response = sender.send_request(request).await?;
                Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
            }
        }
    }

    /// Gives the request `Host` and target in the form that its protocol wants.
    fn address_to(&self, request: &mut Request<Body>) -> Result<(), Error> {
        let authority = request.uri().authority().map(ToString::to_string);
        let host = match request.headers().get(HOST) {
            Some(host) => host.clone(),
            None => HeaderValue::try_from(authority.unwrap_or_else(|| self.address.to_string()))
                .map_err(http::Error::from)?,
        };
        let target = request.uri().path_and_query().cloned();
        let target = target.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if matches!(self.connections, Connections::One(_)) {
            *request.uri_mut() = Uri::from(target);
            *request.version_mut() = Version::HTTP_11;
            request.headers_mut().insert(HOST, host);
            return Ok(());
        }
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(host.as_bytes());
        *request.uri_mut() = uri.path_and_query(target).build()?;
        *request.version_mut() = Version::HTTP_2;
        request.headers_mut().remove(HOST);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
