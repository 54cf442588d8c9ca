//! HTTP/1.1 connections, kept while they live.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;

use super::connection;
use crate::sync::lock;
use crate::{Body, Error};

type Idle = Arc<Mutex<Vec<SendRequest<Body>>>>;

#[derive(Debug)]
pub(super) struct Pool {
    address: SocketAddr,
    idle: Idle,
    opened: AtomicUsize,
}

/// Lends a connection to an answer; it goes back when the answer's body is dropped.
struct Lease {
    sender: Option<SendRequest<Body>>,
    idle: Idle,
}

impl Pool {
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Error> {
        let first = connection::one(address).await?;
        Ok(Self {
            address,
            idle: Arc::new(Mutex::new(vec![first])),
            opened: AtomicUsize::new(1),
        })
    }

    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// Sends on a kept connection, or on a new one where that has died before anything was sent.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut sender = self.take().await?;
        match sender.try_send_request(request).await {
            Ok(response) => Ok(self.lend(sender, response)),
            Err(mut failed) => match failed.take_message() {
                Some(unsent) => self.send_anew(unsent).await,
                None => Err(failed.into_error().into()),
            },
        }
    }

    async fn send_anew(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut sender = self.connect().await?;
        let response = sender.send_request(request).await?;
        Ok(self.lend(sender, response))
    }

    async fn take(&self) -> Result<SendRequest<Body>, Error> {
        loop {
            let idle = lock(&self.idle).pop();
            let Some(mut sender) = idle else {
                return self.connect().await;
            };
            if sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Body>, Error> {
        let sender = connection::one(self.address).await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(sender)
    }

    fn lend(&self, sender: SendRequest<Body>, response: Response<Incoming>) -> Response<Body> {
        let lease = Lease {
            sender: Some(sender),
            idle: Arc::clone(&self.idle),
        };
        response.map(|body| {
            let body = body.map_frame(move |frame| {
                let _kept_until_the_body_is_dropped = &lease;
                frame
            });
            body.map_err(Into::into).boxed_unsync()
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.sender.take());
    }
}
