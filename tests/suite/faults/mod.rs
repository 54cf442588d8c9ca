//! What goes wrong: with the host, with clients, with handlers, with the log. For each, what is heard
//! of it, that the process lives or ends as it should, that the next request is served, and that
//! nothing accepted is lost. ARCHITECTURE has the table.

mod clients;
mod ends;
mod handlers;
mod http2;
mod output;
mod runtime_api;
mod slow_readers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use isobar_hosts::client::raw;
use isobar_hosts::local::Local;
use isobar_hosts::{Launch, Program};

/// A condition that is not met by then is not met.
const SOON: Duration = Duration::from_secs(20);

/// The program whose handlers go wrong.
fn faulty() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_faults"))
}

/// A program behind no front end.
async fn served(launch: Launch) -> (SocketAddr, Arc<Program>) {
    let started = Local::start(launch).await.unwrap();
    (started.front.address(), started.program)
}

/// A request that leaves the connection open.
fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n")
}

/// Sends bytes on a connection of their own, and returns the status of the answer.
async fn status(address: SocketAddr, bytes: &str) -> Option<u16> {
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection.send(bytes).await.ok()?;
    Some(connection.answer().await.ok()?.status)
}

/// Fails unless the program lives and serves the next request.
async fn still_serves(address: SocketAddr, program: &Program) {
    assert_eq!(program.status(), None, "it ended: {:?}", program.stderr());
    assert_eq!(status(address, &get("/after")).await, Some(200));
}
