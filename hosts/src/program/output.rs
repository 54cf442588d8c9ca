//! What a program writes, line by line.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Error;
use crate::sync::lock;

/// As many lines at least are kept of a program that is reported on.
const KEPT: usize = 1000;

/// One of the two places where a program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line that a program wrote, without its end; bytes that are not UTF-8 are replaced.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it was written.
    pub stream: Stream,
    /// What was written.
    pub text: String,
    /// When it was read.
    pub at: Instant,
}

/// All lines so far, of both streams in the order of their arrival.
#[derive(Debug)]
pub(super) struct Output {
    lines: Mutex<Vec<Line>>,
    count: watch::Sender<usize>,
    report: Option<UnboundedSender<Line>>,
}

impl Output {
    pub(super) fn new(report: Option<UnboundedSender<Line>>) -> Arc<Self> {
        Arc::new(Self {
            lines: Mutex::default(),
            count: watch::Sender::new(0),
            report,
        })
    }

    pub(super) fn lines(&self) -> Vec<Line> {
        lock(&self.lines).clone()
    }

    pub(super) fn of(&self, stream: Stream) -> Vec<String> {
        let lines = lock(&self.lines);
        let of = lines.iter().filter(|line| line.stream == stream);
        of.map(|line| line.text.clone()).collect()
    }

    /// Waits for a line that contains `text`, also among those that are already there.
    pub(super) async fn wait_for(&self, text: &str, patience: Duration) -> Result<Line, Error> {
        let mut count = self.count.subscribe();
        let find = || {
            let lines = lock(&self.lines);
            lines.iter().find(|line| line.text.contains(text)).cloned()
        };
        let found = async {
            loop {
                count.mark_unchanged();
                if let Some(line) = find() {
                    return Some(line);
                }
                count.changed().await.ok()?;
            }
        };
        let line = timeout(patience, found).await.ok().flatten();
        line.ok_or_else(|| Error::Timeout {
            what: format!("a line with {text:?}"),
            after: patience,
        })
    }

    /// Keeps what comes from a pipe, until the pipe ends.
    pub(super) fn follow<R>(self: &Arc<Self>, stream: Stream, pipe: R) -> JoinHandle<()>
    where
        R: AsyncRead + Unpin + Send + 'static,
    {
        let output = Arc::clone(self);
        tokio::spawn(async move {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while matches!(pipe.read_until(b'\n', &mut line).await, Ok(n) if n > 0) {
                output.push(stream, &line);
                line.clear();
            }
        })
    }

    fn push(&self, stream: Stream, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        let at = Instant::now();
        let line = Line { stream, text, at };
        let mut lines = lock(&self.lines);
        if let Some(report) = &self.report {
            // who asked for them may have gone
            let _unheard = report.send(line.clone());
            if lines.len() >= 2 * KEPT {
                lines.drain(..KEPT);
            }
        }
        lines.push(line);
        drop(lines);
        self.count.send_modify(|count| *count += 1);
    }
}
