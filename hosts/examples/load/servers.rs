//! The hosts that serve HTTP, each by many connections at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use isobar_hosts::functions::{App, Host as Functions};
use isobar_hosts::local::Local;
use isobar_hosts::{Body, Client, Launch, Program, body};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::measure::Measured;
use crate::{Result, Wanted};

/// How the memory is looked at.
const LOOKS: u32 = 100;

/// How many requests share a connection of HTTP/2.
const STREAMS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Local,
    CloudRun,
    CloudRunHttp2,
    Azure,
}

pub(crate) const ALL: [Server; 4] = [
    Server::Local,
    Server::CloudRun,
    Server::CloudRunHttp2,
    Server::Azure,
];

impl Server {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CloudRun => "cloud run",
            Self::CloudRunHttp2 => "cloud run, HTTP/2",
            Self::Azure => "azure",
        }
    }

    async fn start(self, wanted: &Wanted) -> Result<(SocketAddr, Arc<Program>)> {
        let launch = Launch::new(&wanted.program).env("RUST_LOG", "warn");
        if self == Self::Azure {
            let app = App::new()?.http("http", "{*path}")?.proxying()?;
            let started = Functions::new(launch, app.route_prefix("")?)
                .start()
                .await?;
            return Ok((started.front.address(), started.program));
        }
        let launch = match self {
            Self::Local => launch,
            _ => launch
                .env("K_SERVICE", "mirror")
                .env("ISOBAR_EVENTS_AUTH", "iam")
                .env("ISOBAR_ADDRESS", "127.0.0.1"),
        };
        let started = Local::start(launch).await?;
        Ok((started.front.address(), started.program))
    }
}

/// Loads one server for the time that is wanted.
pub(crate) async fn load(wanted: &Wanted, server: Server) -> Result<Measured> {
    let (address, program) = server.start(wanted).await?;
    let (begun, mut workers) = (Instant::now(), JoinSet::new());
    let until = begun + wanted.time;
    let mut shared = None;
    for place in 0..wanted.connections {
        let client = if server == Server::CloudRunHttp2 {
            if place % STREAMS == 0 {
                shared = Some(Arc::new(Client::connect_h2c(address).await?));
            }
            shared.clone().ok_or("no connection")?
        } else {
            Arc::new(Client::connect(address).await?)
        };
        workers.spawn(work(client, place, until));
    }
    let mut measured = Measured::default();
    for _ in 0..LOOKS {
        sleep(wanted.time / LOOKS).await;
        measured.look(&program)?;
    }
    while let Some(worked) = workers.join_next().await {
        measured.join(worked?);
    }
    measured.took = begun.elapsed();
    if let Some(status) = program.status() {
        measured.wrong(format!("the process ended: {status}"));
    }
    Ok(measured)
}

async fn work(client: Arc<Client>, place: usize, until: Instant) -> Measured {
    let mut measured = Measured::default();
    let mut turn = place;
    while Instant::now() < until {
        let begun = Instant::now();
        match ask(&client, turn).await {
            Ok(()) => measured.answered(begun.elapsed()),
            Err(error) => measured.wrong(error.to_string()),
        }
        turn += 1;
    }
    measured
}

/// A request of each sort in its turn; what is answered is known before.
async fn ask(client: &Client, turn: usize) -> Result<()> {
    let echoed = Bytes::from(vec![b'x'; 4096]);
    let (method, target, sent, wanted) = match turn % 64 {
        63 => ("POST", "/count", Bytes::from(vec![b'x'; 1 << 20]), None),
        n if n % 4 == 1 => ("POST", "/echo", echoed.clone(), Some(4096)),
        n if n % 4 == 2 => (
            "GET",
            "/stream?chunks=4&size=1024",
            Bytes::new(),
            Some(4096),
        ),
        _ => ("GET", "/x", Bytes::new(), None),
    };
    let body: Body = if sent.is_empty() {
        body::empty()
    } else {
        body::full(sent)
    };
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "a.example")
        .header("x-ms-invocation-id", turn.to_string())
        .body(body)?;
    let response = client.send(request).await?;
    let status = response.status();
    let bytes = body::collect(response.into_body()).await?;
    let is_right =
        status == 200 && wanted.map_or(!bytes.is_empty(), |wanted| bytes.len() == wanted);
    if is_right {
        return Ok(());
    }
    Err(format!(
        "{method} {target} was answered {status} with {} bytes",
        bytes.len()
    )
    .into())
}
