//! A client of programs that serve HTTP, and the Functions host, which is one too.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::process::Running;
use crate::stats::Problem;
use crate::wire::{Received, Wire};

/// A port that nobody listens on.
pub(crate) fn free_port() -> Result<u16, Problem> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// A program's port, and the connections to it that are kept.
#[derive(Debug)]
pub(crate) struct Client {
    port: u16,
    kept: Vec<Wire>,
}

impl Client {
    /// Waits until the program listens.
    pub(crate) async fn connect(port: u16, running: &mut Running) -> Result<Self, Problem> {
        const PAUSE: Duration = Duration::from_micros(100);
        loop {
            if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                return Ok(Self {
                    port,
                    kept: vec![Wire::new(stream)?],
                });
            }
            running.lives()?;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sends one request over each of so many connections, again and again until there were `count`
    /// answers in all. Returns what each took, and the last answer.
    pub(crate) async fn send(
        &mut self,
        request: &Rc<[u8]>,
        connections: usize,
        count: usize,
    ) -> Result<(Vec<Duration>, Received), Problem> {
        while self.kept.len() < connections {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
            self.kept.push(Wire::new(stream)?);
        }
        let each = count.div_ceil(connections);
        let mut tasks = Vec::new();
        for wire in self.kept.drain(..connections) {
            tasks.push(tokio::task::spawn_local(repeat(
                wire,
                Rc::clone(request),
                each,
            )));
        }
        let (mut all, mut last) = (Vec::with_capacity(count), Received::default());
        for task in tasks {
            let (wire, took, received) = task
                .await?
                .map_err(|problem| -> Problem { problem.into() })?;
            self.kept.push(wire);
            all.extend(took);
            last = received;
        }
        Ok((all, last))
    }
}

async fn repeat(
    mut wire: Wire,
    request: Rc<[u8]>,
    times: usize,
) -> Result<(Wire, Vec<Duration>, Received), String> {
    let mut took = Vec::with_capacity(times);
    let mut last = Received::default();
    for _ in 0..times {
        let at = Instant::now();
        wire.send(&request)
            .await
            .map_err(|problem| problem.to_string())?;
        last = wire
            .response()
            .await
            .map_err(|problem| problem.to_string())?;
        took.push(at.elapsed());
    }
    Ok((wire, took, last))
}
