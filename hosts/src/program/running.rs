//! A program that runs.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal;
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::output::Output;
use super::{Line, Memory, Port, Stream, connect, memory};
use crate::Error;

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a program can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: please end.
    Terminate,
    /// SIGINT: as by Ctrl-C.
    Interrupt,
    /// SIGKILL: it gets no say in it.
    Kill,
    /// SIGSTOP: it stands still, and what it is sent waits for it.
    Stop,
    /// SIGCONT: it goes on.
    Continue,
}

/// How a program ended that was asked to.
#[derive(Debug, Clone, Copy)]
pub struct Stopped {
    /// Its exit status.
    pub status: ExitStatus,
    /// How long it took.
    pub after: Duration,
    /// Whether it had to be killed, its grace being over.
    pub killed: bool,
}

/// A running program, or one that has run. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    binary: PathBuf,
    pid: u32,
    started: Instant,
    output: Arc<Output>,
    exit: watch::Receiver<Option<ExitStatus>>,
    _ports: Vec<Port>,
}

impl Program {
    /// Takes a child under watch: reads its pipes, and waits for its end.
    pub(super) fn watch(
        binary: PathBuf,
        mut child: Child,
        report: Option<UnboundedSender<Line>>,
        ports: Vec<Port>,
    ) -> Self {
        let output = Output::new(report);
        let pipes = [
            child
                .stdout
                .take()
                .map(|p| output.follow(Stream::Stdout, p)),
            child
                .stderr
                .take()
                .map(|p| output.follow(Stream::Stderr, p)),
        ];
        let pid = child.id().unwrap_or_default();
        let (sender, exit) = watch::channel(None);
        tokio::spawn(reap(child, pipes, sender));
        let started = Instant::now();
        Self {
            binary,
            pid,
            started,
            output,
            exit,
            _ports: ports,
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// When it was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// What it has written so far, in the order of arrival.
    pub fn lines(&self) -> Vec<Line> {
        self.output.lines()
    }

    /// The lines on standard output so far.
    pub fn stdout(&self) -> Vec<String> {
        self.output.of(Stream::Stdout)
    }

    /// The lines on standard error so far.
    pub fn stderr(&self) -> Vec<String> {
        self.output.of(Stream::Stderr)
    }

    /// Waits for a line on either stream that contains `text`; it may be there already.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] when there is none in time.
    pub async fn wait_line(&self, text: &str, patience: Duration) -> Result<Line, Error> {
        self.output.wait_for(text, patience).await
    }

    /// Its exit status, `None` while it runs.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it has ended and all that it wrote is read.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] when it still runs then.
    pub async fn wait(&self, patience: Duration) -> Result<ExitStatus, Error> {
        let ended = timeout(patience, self.ended()).await;
        ended.ok().flatten().ok_or_else(|| Error::Timeout {
            what: format!("the end of {}", self.binary.display()),
            after: patience,
        })
    }

    /// Waits until it has ended, however long that takes.
    pub(crate) async fn ended(&self) -> Option<ExitStatus> {
        self.end().await
    }

    /// Its end, for who does not hold the program.
    pub(crate) fn end(&self) -> impl Future<Output = Option<ExitStatus>> + use<> {
        let mut exit = self.exit.clone();
        async move { *exit.wait_for(Option::is_some).await.ok()? }
    }

    /// Waits until something listens on this port of the loopback address, 20 seconds at most.
    ///
    /// # Errors
    ///
    /// [`Error::Ended`] when the program ends before, [`Error::Timeout`] when nothing listens.
    pub async fn wait_listening(&self, port: u16) -> Result<(), Error> {
        let end = Instant::now() + PATIENCE;
        let address = ([127, 0, 0, 1], port).into();
        while Instant::now() < end {
            if connect(address).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.status() {
                return Err(self.has_ended(status, format!("before it listened on port {port}")));
            }
            sleep(Duration::from_millis(2)).await;
        }
        Err(Error::Timeout {
            what: format!("listening on port {port}"),
            after: PATIENCE,
        })
    }

    /// Sends a signal; to a program that has ended this does nothing.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn signal(&self, which: Signal) -> Result<(), Error> {
        if self.status().is_some() {
            return Ok(());
        }
        let which = match which {
            Signal::Terminate => signal::SIGTERM,
            Signal::Interrupt => signal::SIGINT,
            Signal::Kill => signal::SIGKILL,
            Signal::Stop => signal::SIGSTOP,
            Signal::Continue => signal::SIGCONT,
        };
        match signal::kill(Pid::from_raw(self.pid.cast_signed()), which) {
            Ok(()) | Err(nix::Error::ESRCH) => Ok(()),
            Err(source) => Err(Error::Signal {
                pid: self.pid,
                source,
            }),
        }
    }

    /// Asks it to end by SIGTERM, and kills it when it still runs after `grace`.
    ///
    /// # Errors
    ///
    /// When it cannot be signalled, or does not end even when killed.
    pub async fn stop(&self, grace: Duration) -> Result<Stopped, Error> {
        let asked = Instant::now();
        self.signal(Signal::Terminate)?;
        let (status, killed) = match self.wait(grace).await {
            Ok(status) => (status, false),
            Err(_) => (self.kill().await?, true),
        };
        Ok(Stopped {
            status,
            after: asked.elapsed(),
            killed,
        })
    }

    /// Kills it, and waits for its end.
    ///
    /// # Errors
    ///
    /// When it cannot be signalled, or does not end.
    pub async fn kill(&self) -> Result<ExitStatus, Error> {
        self.signal(Signal::Kill)?;
        self.wait(PATIENCE).await
    }

    /// Its resident memory in KiB, now and at its highest. Linux only.
    ///
    /// # Errors
    ///
    /// When it has ended, or the system does not tell.
    pub fn memory_kib(&self) -> Result<Memory, Error> {
        memory::of(self.pid)
    }

    pub(crate) fn has_ended(&self, status: ExitStatus, when: impl Into<String>) -> Error {
        let stderr = self.stderr();
        let last = stderr.get(stderr.len().saturating_sub(3)..);
        Error::Ended {
            program: self.binary.clone(),
            status,
            when: when.into(),
            lines: last.unwrap_or_default().join(" | "),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // nothing can be done about a failure here; the child is killed with the runtime too
        let _killed = self.signal(Signal::Kill);
    }
}

/// Waits for the child's end and then for its pipes, which a grandchild may hold open.
async fn reap(
    mut child: Child,
    pipes: [Option<JoinHandle<()>>; 2],
    exit: watch::Sender<Option<ExitStatus>>,
) {
    let Ok(status) = child.wait().await else {
        return;
    };
    for pipe in pipes.into_iter().flatten() {
        let _read = timeout(Duration::from_millis(500), pipe).await;
    }
    exit.send_replace(Some(status));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Launch, free_port};

    const SOON: Duration = Duration::from_secs(5);

    fn shell(script: &str) -> Launch {
        Launch::new("/bin/sh").arg("-c").arg(script)
    }

    #[tokio::test]
    async fn the_environment_is_what_was_said() {
        let launch = shell("env").env("A", "1").env("B", "2").without("B");
        let program = launch.start().unwrap();
        assert!(program.wait(SOON).await.unwrap().success());
        let lines = program.stdout();
        assert!(lines.iter().any(|line| line == "A=1"));
        for line in lines {
            let (name, _) = line.split_once('=').unwrap();
            let known = ["A", "PATH", "RUST_BACKTRACE", "PWD", "_", "SHLVL", "OLDPWD"];
            assert!(known.contains(&name), "{line} came through");
        }
    }

    #[tokio::test]
    async fn lines_are_there_while_it_runs() {
        let program = shell("echo out; echo err >&2; sleep 60").start().unwrap();
        program.wait_line("out", SOON).await.unwrap();
        let line = program.wait_line("err", SOON).await.unwrap();
        assert_eq!(line.stream, Stream::Stderr);
        assert!(program.status().is_none());
        assert!(program.memory_kib().unwrap().resident > 0);
    }

    #[tokio::test]
    async fn lines_are_reported_as_they_come() {
        let (report, mut lines) = tokio::sync::mpsc::unbounded_channel();
        let launch = shell("echo one; echo two >&2; sleep 60").report(report);
        let _program = launch.apart().start().unwrap();
        let mut texts = Vec::new();
        for _ in 0..2 {
            let line = timeout(SOON, lines.recv()).await.unwrap().unwrap();
            texts.push(line.text);
        }
        texts.sort();
        assert_eq!(texts, ["one", "two"]);
    }

    #[tokio::test]
    async fn stop_kills_what_does_not_listen() {
        let deaf = shell("trap '' TERM; echo ready; while true; do sleep 0.05; done");
        let program = deaf.start().unwrap();
        program.wait_line("ready", SOON).await.unwrap();
        let stopped = program.stop(Duration::from_millis(100)).await.unwrap();
        assert!(stopped.killed);
        assert!(stopped.after >= Duration::from_millis(100));
    }

    #[tokio::test]
    async fn an_early_end_says_why() {
        let program = shell("echo no luck >&2; exit 3").start().unwrap();
        let port = free_port().unwrap();
        let error = program.wait_listening(port.number()).await.unwrap_err();
        assert!(error.to_string().contains("no luck"), "{error}");
    }

    #[tokio::test]
    async fn dropping_kills() {
        let program = shell("sleep 60").start().unwrap();
        let mut exit = program.exit.clone();
        drop(program);
        let ended = timeout(SOON, exit.wait_for(Option::is_some)).await;
        assert!(ended.unwrap().unwrap().is_some());
    }
}
