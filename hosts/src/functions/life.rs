//! The program's lives: started, pinged, started again, and at last not any more.

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::client::raw;
use crate::program::Signal;
use crate::sync::lock;
use crate::{Client, Error, Launch, Program};

/// The pause between pings before the program answers.
const PING: Duration = Duration::from_millis(25);
/// How long a failed connection waits for the news that the program has ended.
const LOOK: Duration = Duration::from_millis(200);
/// Errors count together when they are no further apart.
const WINDOW: Duration = Duration::from_secs(30 * 60);
/// At this error the host stops.
const LAST_ERROR: usize = 3;

/// Where the program stands.
#[derive(Debug, Clone)]
enum Life {
    Starting,
    Ready(Arc<Client>),
    /// It exited with 0, and is never started again.
    Exited,
    /// Too many errors: the host itself has stopped.
    Stopped(String),
}

/// Why there is no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gone {
    Exited,
    Late,
    Stopped(String),
}

#[derive(Debug)]
pub(super) struct Lives {
    launch: Launch,
    address: SocketAddr,
    initialization: Duration,
    ping_every: Duration,
    life: watch::Sender<Life>,
    program: Mutex<Arc<Program>>,
    /// The host itself has killed it: that is no error of the program.
    killed: AtomicBool,
    pub(super) pings: AtomicUsize,
    pub(super) starts: AtomicUsize,
}

impl Lives {
    pub(super) fn new(
        launch: Launch,
        port: u16,
        initialization: Duration,
        ping_every: Duration,
    ) -> Result<Self, Error> {
        let program = Mutex::new(Arc::new(launch.start()?));
        Ok(Self {
            launch,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            initialization,
            ping_every,
            life: watch::Sender::new(Life::Starting),
            program,
            killed: AtomicBool::new(false),
            pings: AtomicUsize::new(0),
            starts: AtomicUsize::new(1),
        })
    }

    pub(super) fn program(&self) -> Arc<Program> {
        Arc::clone(&lock(&self.program))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The way to a program that is ready; waits while it starts, four times as long as it may.
    pub(super) async fn ready(&self) -> Result<Arc<Client>, Gone> {
        let mut life = self.life.subscribe();
        let settled = life.wait_for(|life| match life {
            Life::Starting => false,
            // its end is known, and has still to be dealt with
            Life::Ready(_) => self.program().status().is_none(),
            Life::Exited | Life::Stopped(_) => true,
        });
        match timeout(self.initialization * 4, settled).await {
            Ok(Ok(life)) => match &*life {
                Life::Ready(client) => Ok(Arc::clone(client)),
                Life::Stopped(why) => Err(Gone::Stopped(why.clone())),
                Life::Exited | Life::Starting => Err(Gone::Exited),
            },
            Ok(Err(_)) | Err(_) => Err(Gone::Late),
        }
    }

    /// After a connection has failed: lets an end of the program become known, if there is one.
    pub(super) async fn look(&self) {
        let program = self.program();
        let _ended = timeout(LOOK, program.ended()).await;
    }

    /// Kills the program, with everything in it; it is started again.
    pub(super) fn kill(&self) {
        self.killed.store(true, Ordering::Relaxed);
        // what cannot be killed has ended
        let _ended = self.program().signal(Signal::Kill);
    }

    /// One bare `GET /`, as the health monitor sends it at any time of life.
    pub(super) async fn ping(&self) -> Result<raw::Answer, Error> {
        self.pings.fetch_add(1, Ordering::Relaxed);
        let mut connection = raw::Connection::open(self.address).await?;
        let get = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        connection.send(get).await?;
        connection.answer().await
    }

    /// Lives all lives, one after the other.
    pub(super) async fn live(self: Arc<Self>) {
        let mut errors = Errors::default();
        loop {
            let program = self.program();
            let status = self.live_once(&program).await;
            let killed = self.killed.swap(false, Ordering::Relaxed);
            let end = match status.and_then(|status| status.code()) {
                Some(0) if !killed => Some(Life::Exited),
                Some(200) => None,
                _ if killed => None,
                _ => errors.count().then(|| Life::Stopped(last_words(&program))),
            };
            if let Some(end) = end {
                self.life.send_replace(end);
                return;
            }
            self.life.send_replace(Life::Starting);
            if let Err(error) = self.start() {
                self.life.send_replace(Life::Stopped(error.to_string()));
                return;
            }
        }
    }

    fn start(&self) -> Result<(), Error> {
        let program = Arc::new(self.launch.start()?);
        self.starts.fetch_add(1, Ordering::Relaxed);
        *lock(&self.program) = program;
        Ok(())
    }

    /// From a start to the end that follows; a start that is not answered in time is killed.
    async fn live_once(&self, program: &Program) -> Option<ExitStatus> {
        let answered = timeout(self.initialization, self.until_answered());
        tokio::select! {
            status = program.ended() => return status,
            answered = answered => if answered.is_err() {
                return program.kill().await.ok();
            },
        }
        if let Ok(client) = Client::connect(self.address).await {
            self.life.send_replace(Life::Ready(Arc::new(client)));
        }
        let pinging = async {
            loop {
                sleep(self.ping_every).await;
                // its answer is of no importance
                let _answered = self.ping().await;
            }
        };
        tokio::select! {
            status = program.ended() => status,
            () = pinging => None,
        }
    }

    /// Any answer counts, and any failure that is not the socket's own.
    async fn until_answered(&self) {
        loop {
            match self.ping().await {
                Err(Error::Io { .. } | Error::Timeout { .. }) => sleep(PING).await,
                _ => return,
            }
        }
    }
}

/// The errors so far that count together.
#[derive(Debug, Default)]
struct Errors {
    count: usize,
    last: Option<Instant>,
}

impl Errors {
    /// Counts one more, and tells whether it is the last.
    fn count(&mut self) -> bool {
        let now = Instant::now();
        let together = self
            .last
            .is_some_and(|last| now.duration_since(last) <= WINDOW);
        self.count = if together { self.count + 1 } else { 1 };
        self.last = Some(now);
        self.count >= LAST_ERROR
    }
}

fn last_words(program: &Program) -> String {
    let stderr = program.stderr();
    let last = stderr
        .get(stderr.len().saturating_sub(3)..)
        .unwrap_or_default();
    format!(
        "the program ended three times; it last wrote: {}",
        last.join(" | ")
    )
}
