//! Connections: accepted, served, and ended in good order.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "azure")]
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use isobar_core::{Body, Dispatcher, IntoResponse, Refusal, Request, Response, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::deaf::Deaf;
#[cfg(feature = "azure")]
use super::direct;
#[cfg(feature = "azure")]
use super::exchange::{Answer, Whole};
use super::exchange::{Exchange, Shared, Unread};
use super::head::{Busy, Progress, Timed};
use super::open::Open;
use super::protocol::Protocol;
use crate::signal::Ends;
use crate::{inspect, metrics, otel, standby};

/// How long after the signal a request that was sent before is still read: a connection that waits for
/// one would otherwise be closed over it.
const ARRIVING: Duration = Duration::from_millis(50);

/// How many connections the system keeps at most for who will accept them; tokio asks for as many.
const BACKLOG: usize = 1024;

/// How long what is cut off has: to tell its client, and for what hears of it on tasks of its own.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What the application's own shutdown has at the least, though the grace be over: Cloud Run kills half a
/// second after its grace.
const LAST: Duration = Duration::from_millis(400);

/// Serves until a signal asks to end; then refuses what is new, closes what is idle, and lets what
/// runs finish within the grace.
pub(super) async fn serve(
    listener: TcpListener,
    exchange: Arc<impl Exchange>,
    shared: Shared,
    dispatcher: &Dispatcher,
    mut ends: Ends,
) {
    let server = Arc::new(Server { exchange, shared });
    let connections = Connections {
        protocol: Protocol::new(server.exchange.max_headers()),
        server: Arc::clone(&server),
    };
    let mut open = Open::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.serve(stream, peer, &open),
                Err(error) => make_room(&error, &mut open).await,
            },
            () = ends.next() => break,
        }
    }
    server.shared.page.close();
    for (stream, peer) in waiting(listener) {
        connections.serve(stream, peer, &open);
    }
    let grace = server.shared.settings.grace;
    let over = Instant::now() + grace;
    tracing::info!(
        "ending: what runs may finish within {} s",
        grace.as_secs_f32()
    );
    tokio::time::sleep(ARRIVING.min(grace)).await;
    let background = &server.shared.background;
    let finished = async {
        open.shutdown().await;
        background.close();
        background.wait().await;
    };
    let cut_off = tokio::select! {
        () = finished => None,
        () = tokio::time::sleep_until(over) => Some("the grace is over"),
        () = ends.next() => Some("asked again to end"),
    };
    if let Some(why) = cut_off {
        tracing::warn!("{why}; what still runs is cut off");
        server.shared.cut.cancel();
        tokio::time::sleep(LAST_WORDS).await;
    } else {
        tracing::info!("ended");
    }
    let over = over.max(Instant::now() + LAST);
    let end = dispatcher.shutdown(tokio::time::sleep_until(over));
    otel::until(over, end).await;
}

/// Closes a listener, and returns the connections that its clients believe to be accepted already: what
/// they have sent would be lost with it.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    let accept = || {
        let (stream, peer) = listener.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    };
    std::iter::from_fn(accept).take(BACKLOG).collect()
}

/// Closes what is idle where that may help, and waits a little: out of files, the loop would otherwise
/// spin, and whoever holds them would keep all others out.
async fn make_room(error: &std::io::Error, open: &mut Open) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!("cannot accept connections: {error}; those that are idle are closed");
        open.shed();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What all connections share.
struct Server<E> {
    exchange: Arc<E>,
    shared: Shared,
}

/// What all requests of a connection share.
pub(super) struct Connection<E> {
    server: Arc<Server<E>>,
    peer: SocketAddr,
    pub(super) progress: Arc<Progress>,
}

struct Connections<E> {
    protocol: Protocol,
    server: Arc<Server<E>>,
}

impl<E: Exchange> Connections<E> {
    fn serve(&self, stream: TcpStream, peer: SocketAddr, open: &Open) {
        // Small writes must not wait for the peer's delayed acknowledgement.
        let _slower_but_right = stream.set_nodelay(true);
        let settings = &self.server.shared.settings;
        let deaf = Deaf::new(settings.read_timeout);
        let (stream, progress) = Timed::new(stream, settings.head_timeout, deaf, open.count());
        let connection = Arc::new(Connection {
            server: Arc::clone(&self.server),
            peer,
            progress,
        });
        let of_service = Arc::clone(&connection);
        let service = service_fn(move |request| {
            let connection = Arc::clone(&of_service);
            // Before the future is polled: hyper reads on first, and would seem to wait for a head.
            let busy = connection.progress.busy();
            let page = connection.server.shared.page.clone();
            inspect::served(&page, request, |request| {
                let admitted = connection.admit(request);
                async move { Ok::<_, Infallible>(connection.answer(admitted, busy).await) }
            })
        });
        let protocol = self.protocol.clone();
        open.run(|ends| async move {
            #[cfg(feature = "azure")]
            let stream = match direct::serve(stream, &connection, &ends).await {
                Ok(Some(stream)) => stream,
                Ok(None) => return,
                Err(error) => return ended_early(&error),
            };
            if let Err(error) = protocol.serve(stream, service, ends).await {
                ended_early(&error);
            }
        });
    }
}

fn ended_early(error: &impl std::fmt::Display) {
    tracing::debug!("a connection ended early: {error}");
}

impl<E: Exchange> Connection<E> {
    /// Returns what comes whole; nothing does where what passes is recorded.
    #[cfg(feature = "azure")]
    pub(super) fn whole(&self) -> Option<Whole> {
        let Server { exchange, shared } = &*self.server;
        let whole = exchange.whole(shared.settings.body_limit);
        whole.filter(|_| !inspect::is_on())
    }

    /// Answers a request that came whole.
    #[cfg(feature = "azure")]
    pub(super) async fn exchange(&self, head: &http::Request<()>, body: Bytes) -> Answer {
        let Server { exchange, shared } = &*self.server;
        exchange.exchange_whole(head, body, self.peer, shared).await
    }

    /// Takes a request, or answers it at once. Before there is a future, which would copy it.
    fn admit(&self, request: http::Request<Incoming>) -> Result<Box<Request>, Box<Response>> {
        let Server { exchange, shared } = &*self.server;
        standby::progress();
        if shared.settings.serves_metrics
            && let Some(page) = metrics::page(&request)
        {
            return Err(Box::new(page));
        }
        let limit = exchange.wire_limit(&request, shared.settings.body_limit);
        let admitted = shared.admit(request, limit, &self.progress);
        admitted.map_err(|unread| {
            let Unread { request, error } = *unread;
            let context = exchange.context_of(&request, self.peer).build();
            let head = Some((request.method(), request.uri()));
            let refused = Refusal::begin().of_request(&context, head, error.into_response());
            Box::new(refused)
        })
    }

    async fn answer(&self, admitted: Result<Box<Request>, Box<Response>>, _busy: Busy) -> Response {
        let Server { exchange, shared } = &*self.server;
        let response = match admitted {
            Ok(request) => {
                let answer = exchange.exchange(request, self.peer, shared).await;
                answer.map(Body::from)
            }
            Err(answer) => *answer,
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.progress.is_other();
        }
        response
    }
}
