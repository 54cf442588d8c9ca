//! A front on a socket of its own, for clients that know nothing of this library.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, on};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{Body, Error, Front, body};

/// Serves a [`Front`] over HTTP/1.1 on loopback, WebSockets included. It ends when dropped.
///
/// Where a front has no answer the client gets a 502 that says why.
///
/// ```no_run
/// # async fn example() -> Result<(), isobar_hosts::Error> {
/// use isobar_hosts::{Launch, Listening, cloud_run::Service};
///
/// let started = Service::new(Launch::new("target/debug/hello")).start().await?.any();
/// let listening = Listening::open(started.front, 8080).await?;
/// println!("http://{}", listening.address());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listening {
    /// Listens on this port of the loopback address, on any free one where it is 0.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn open(front: Arc<dyn Front>, port: u16) -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.map_err(Error::io(format!("cannot listen on port {port}")))?;
        let address = listener.local_addr().map_err(Error::io("no address"))?;
        let task = tokio::spawn(accept(listener, front));
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, front: Arc<dyn Front>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&front)));
    }
}

async fn serve(stream: TcpStream, front: Arc<dyn Front>) {
    // without it answers are only slower
    let _set = stream.set_nodelay(true);
    let service = service_fn(move |request| through(Arc::clone(&front), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // a connection that breaks is the client's affair
    let _broken = connection.with_upgrades().await;
}

async fn through(
    front: Arc<dyn Front>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, hyper::Error> {
    let client = on(&mut request);
    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    let mut response = front
        .send(request)
        .await
        .unwrap_or_else(|error| no_answer(&error));
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let program = on(&mut response);
        tokio::spawn(join(client, program));
    }
    Ok(response)
}

/// Lets both sides speak with one another, whatever they speak.
async fn join(client: OnUpgrade, program: OnUpgrade) {
    if let (Ok(client), Ok(program)) = tokio::join!(client, program) {
        let (mut client, mut program) = (TokioIo::new(client), TokioIo::new(program));
        // it ends when either side does
        let _ended = copy_bidirectional(&mut client, &mut program).await;
    }
}

fn no_answer(error: &Error) -> Response<Body> {
    let mut response = Response::new(body::full(error.to_string()));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::client::{self, raw};
    use crate::local::Local;
    use crate::peer;

    #[tokio::test]
    async fn a_websocket_passes_a_front_and_its_socket() {
        let started = Local::start(peer::launch("PORT")).await.unwrap().any();
        let listening = Listening::open(Arc::clone(&started.front), 0)
            .await
            .unwrap();
        let mut connection = raw::Connection::open(listening.address()).await.unwrap();
        assert_eq!(
            connection.websocket("/upgrade", "x").await.unwrap().status,
            101
        );
        connection.send("ping").await.unwrap();
        assert_eq!(connection.exactly(4).await.unwrap(), "ping");

        let request = Request::get("/upgrade").header("connection", "Upgrade");
        let request = request
            .header("upgrade", "websocket")
            .body(body::empty())
            .unwrap();
        let response = started.front.send(request).await.unwrap();
        let mut upgraded = client::upgrade(response).await.unwrap();
        upgraded.write_all(b"pong").await.unwrap();
        let mut got = [0; 4];
        upgraded.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"pong");
    }
}
