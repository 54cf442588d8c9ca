//! The time that a request's head may take to arrive.
//!
//! hyper's own limit also closes connections that are merely idle, which a front end keeps open on
//! purpose and would then find closed under its next request; and it makes a timer a request. Here
//! the time runs only while a head has begun and not ended.

use std::io;
#[cfg(feature = "azure")]
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
#[cfg(feature = "azure")]
use bytes::BytesMut;
#[cfg(feature = "azure")]
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::deaf::Deaf;

/// HTTP/2 begins so, and no request of HTTP/1.1 does: less of it may begin a method.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// What a connection's two ends know of it: who reads the bytes, and who handles requests.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Bytes came that belong to no request yet.
    begun: AtomicBool,
    /// There are no heads to wait for: HTTP/2, or an upgraded connection.
    other: AtomicBool,
}

impl Progress {
    /// Says that a request, or its body, is dealt with until what is returned is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        self.begun.store(false, Ordering::Relaxed);
        Busy {
            _progress: Arc::clone(self),
        }
    }

    /// Says whether requests are handled, or bodies read.
    fn is_busy(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > ENDS
    }

    /// Says that what comes from now on are no heads of HTTP/1.1.
    pub(super) fn is_other(&self) {
        self.other.store(true, Ordering::Relaxed);
    }

    fn waits_for_head(self: &Arc<Self>) -> bool {
        self.begun.load(Ordering::Relaxed) && !self.is_busy() && !self.other.load(Ordering::Relaxed)
    }
}

/// Who has a connection's progress beside what is dealt with: who reads the bytes, and who handles requests.
const ENDS: usize = 2;

/// A request, or its body, that is dealt with: it is counted by what it holds.
#[derive(Debug)]
pub(super) struct Busy {
    _progress: Arc<Progress>,
}

/// A connection whose reads fail when a head takes too long, and whose writes fail when nobody reads.
pub(super) struct Timed {
    stream: TcpStream,
    /// What was read before, and is to be read again.
    read_before: Bytes,
    progress: Arc<Progress>,
    limit: Duration,
    /// How much of HTTP/2's preface has come; `None` once it is settled.
    preface: Option<usize>,
    /// Since when a read waits for the rest of a head.
    since: Option<Instant>,
    /// Made for the first head that is waited for. It is left as it is when that has come, and set anew when it
    /// fires: to set one may be a system call, by which tokio wakes who waits for the next.
    timer: Option<Pin<Box<Sleep>>>,
    deaf: Deaf,
    _open: TaskTrackerToken,
}

impl Timed {
    pub(super) fn new(
        stream: TcpStream,
        limit: Duration,
        deaf: Deaf,
        open: TaskTrackerToken,
    ) -> (Self, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        let shared = Arc::clone(&progress);
        (
            Self {
                stream,
                read_before: Bytes::new(),
                progress,
                limit,
                preface: Some(0),
                since: None,
                timer: None,
                deaf,
                _open: open,
            },
            shared,
        )
    }

    /// Gives back what was read of it.
    #[cfg(feature = "azure")]
    pub(super) fn with(self, read_before: Bytes) -> Self {
        Self {
            read_before,
            ..self
        }
    }

    /// Reads what has come, `most` bytes of it at most, whether the system has said so or not; false where there is
    /// nothing, or the connection has ended or is broken.
    #[cfg(feature = "azure")]
    pub(super) fn read_now(&mut self, buffer: &mut BytesMut, most: usize) -> bool {
        let before = buffer.len();
        // tokio alone can read to what nothing was written to yet.
        buffer.resize(before + most, 0);
        let room = buffer.get_mut(before..).unwrap_or_default();
        let socket = SockRef::from(&self.stream);
        let length = (&*socket).read(room).unwrap_or_default();
        buffer.truncate(before + length);
        self.read(buffer.get(before..).unwrap_or_default());
        length > 0
    }

    /// Ready when the peer has gone away; not while a request of its waits to be read.
    #[cfg(feature = "azure")]
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut one = [0];
        match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut one)) {
            Poll::Ready(Ok(0) | Err(_)) => Poll::Ready(()),
            Poll::Ready(Ok(_)) | Poll::Pending => Poll::Pending,
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some(come) = self.preface.take() {
            let left = PREFACE.get(come..).unwrap_or_default();
            if bytes.starts_with(left) {
                self.progress.is_other();
            } else if left.starts_with(bytes) {
                self.preface = Some(come + bytes.len());
            }
        }
        if !self.progress.is_busy() && !self.progress.begun.load(Ordering::Relaxed) {
            self.progress.begun.store(true, Ordering::Relaxed);
            // Another head's.
            self.since = None;
        }
    }

    /// Waits for the rest of a head: ready when that takes too long.
    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.progress.waits_for_head() {
            return Poll::Pending;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let end = since + self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        ready!(timer.as_mut().poll(cx));
        if timer.deadline() < end {
            timer.as_mut().reset(end);
            return timer.as_mut().poll(cx);
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Timed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.read_before.is_empty() {
            let length = self.read_before.len().min(buffer.remaining());
            buffer.put_slice(&self.read_before.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                self.read(buffer.filled().get(before..).unwrap_or_default());
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self
                .poll_limit(cx)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl AsyncWrite for Timed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.deaf.poll(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.deaf.poll(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
