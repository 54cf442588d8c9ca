//! The developer's own machine: no host at all, the client speaks to the program.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::{Front, Launch, body, local::Local};
//!
//! let started = Local::start(Launch::new("target/debug/hello")).await?;
//! let request = http::Request::get("/hello").body(body::empty())?;
//! let response = started.front.send(request).await?;
//! # Ok(()) }
//! ```

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};

use crate::client::Protocol;
use crate::{Body, Capabilities, Client, Error, Front, Launch, Started, Tap, free_port};

/// A plain client in front of a program that was told its `PORT` and nothing else.
#[derive(Debug)]
pub struct Local {
    client: Client,
}

impl Local {
    /// Starts a program with `PORT` set, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When the program does not start, ends, or does not listen.
    pub async fn start(launch: Launch) -> Result<Started<Self>, Error> {
        Self::start_by(Protocol::Http1, launch).await
    }

    /// Starts a program, and speaks this protocol with it.
    ///
    /// # Errors
    ///
    /// When the program does not start, ends, or does not listen.
    pub async fn start_by(protocol: Protocol, mut launch: Launch) -> Result<Started<Self>, Error> {
        let port = free_port()?;
        launch.default_port(&["PORT"], &port);
        let program = launch.start()?;
        program.wait_listening(port.number()).await?;
        let address = SocketAddr::from(([127, 0, 0, 1], port.number()));
        let client = Client::connect_by(protocol, address).await?;
        Ok(Started {
            front: Arc::new(Self { client }),
            program: Arc::new(program),
        })
    }

    /// Where the program listens.
    pub fn address(&self) -> SocketAddr {
        self.client.address()
    }
}

#[async_trait]
impl Front for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::PLAIN
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let Some(tap) = Tap::of(request.extensions()) else {
            return self.client.send(request).await;
        };
        let (parts, body) = request.into_parts();
        tap.request_head(&parts);
        let response = self.client.send(Request::from_parts(parts, body)).await?;
        tap.answer_head(&response);
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::{self, described};
    use crate::{body, client};

    #[tokio::test]
    async fn nothing_is_added() {
        let started = Local::start(peer::launch("PORT")).await.unwrap().any();
        let request = Request::get("http://x/a?b").body(body::empty()).unwrap();
        let got = described(started.front.send(request).await.unwrap()).await;
        assert_eq!(got["target"], "/a?b");
        assert_eq!(got["headers"], serde_json::json!([["host", "x"]]));
    }

    #[tokio::test]
    async fn what_is_no_upgrade_says_so() {
        let started = Local::start(peer::launch("PORT")).await.unwrap();
        let request = Request::get("/").body(body::empty()).unwrap();
        let response = started.front.send(request).await.unwrap();
        assert!(client::upgrade(response).await.is_err());
    }
}
