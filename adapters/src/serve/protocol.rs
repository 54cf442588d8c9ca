//! What is spoken on a connection: HTTP/1.1, and HTTP/2 where a host may speak it.
//!
//! HTTP/2 is a quarter of a server's program; the Functions host does not speak it.

use std::pin::pin;

use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use isobar_core::{BoxError, Response};

use super::head::Timed;
use super::open::End;
use super::wake::woken;

#[cfg(feature = "http2")]
type Builder = hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>;
#[cfg(feature = "http2")]
type Failure = BoxError;
#[cfg(not(feature = "http2"))]
type Builder = hyper::server::conn::http1::Builder;
#[cfg(not(feature = "http2"))]
type Failure = hyper::Error;

/// The size of a head in HTTP/2, about what HTTP/1.1 takes.
#[cfg(feature = "http2")]
const MAX_HEAD: u32 = 256 << 10;

/// How connections are served.
#[derive(Clone, Debug)]
pub(super) struct Protocol(Builder);

impl Protocol {
    /// HTTP/1.1 and HTTP/2 on one port: cleartext HTTP/2 begins with a preface of its own. A head has so many
    /// headers at most; hyper's own limit costs the least, since the room for it is no allocation.
    #[cfg(feature = "http2")]
    pub(super) fn new(max_headers: Option<usize>) -> Self {
        let mut builder = Builder::new(hyper_util::rt::TokioExecutor::new());
        builder
            .http2()
            .timer(hyper_util::rt::TokioTimer::new())
            .max_header_list_size(MAX_HEAD)
            .enable_connect_protocol();
        if let Some(max_headers) = max_headers {
            builder.http1().max_headers(max_headers);
        }
        Self(builder)
    }

    #[cfg(not(feature = "http2"))]
    pub(super) fn new(max_headers: Option<usize>) -> Self {
        let mut builder = Builder::new();
        if let Some(max_headers) = max_headers {
            builder.max_headers(max_headers);
        }
        Self(builder)
    }

    /// Serves a connection to its end; once `ends` is cancelled, that comes with the answers to what was
    /// asked by then.
    pub(super) async fn serve<S>(self, stream: Timed, service: S, ends: End) -> Result<(), Failure>
    where
        S: Service<http::Request<Incoming>, Response = Response> + Send,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
    {
        let stream = TokioIo::new(stream);
        #[cfg(feature = "http2")]
        let connection = self.0.serve_connection_with_upgrades(stream, service);
        #[cfg(not(feature = "http2"))]
        let connection = self.0.serve_connection(stream, service).with_upgrades();
        let mut connection = pin!(connection);
        woken(async {
            tokio::select! {
                biased;
                ended = connection.as_mut() => return ended,
                () = ends.wait() => connection.as_mut().graceful_shutdown(),
            }
            connection.await
        })
        .await
    }
}
