use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

thread_local! {
    /// True once the hook has logged a panic that nobody has caught yet.
    static LOGGED: Cell<bool> = const { Cell::new(false) };
}

/// Logs a panic with its message, its place and, where `RUST_BACKTRACE` is set, its backtrace.
///
/// It is for a host's panic hook: only there the place is known. The line is logged within the
/// spans in which the code panicked, so an invocation's panic carries the invocation's ids, and the
/// [`Dispatcher`](crate::Dispatcher), which makes a failure of it, does not log it again.
pub fn log_panic(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(backtrace);
    let place = info.location();
    let at = place.map(|place| format!(" at {place}"));
    tracing::error!(
        "exception.type" = "HandlerPanic",
        exception.stacktrace = backtrace.as_ref().map(tracing::field::display),
        code.file.path = place.map(std::panic::Location::file),
        code.line.number = place.map(std::panic::Location::line),
        "panicked{}: {}",
        at.unwrap_or_default(),
        message(info.payload())
    );
    LOGGED.set(true);
}

/// A panic that was caught.
#[derive(Debug)]
pub(crate) struct Panic {
    /// What it said.
    pub(crate) message: String,
    /// True if a hook has logged it, with its place.
    pub(crate) is_logged: bool,
}

impl Panic {
    /// Logs that `what` panicked, unless a hook has.
    pub(crate) fn log(&self, what: &str) {
        if !self.is_logged {
            tracing::error!(
                "exception.type" = "HandlerPanic",
                "{what} panicked: {}",
                self.message
            );
        }
    }
}

pin_project! {
    /// A future whose panic is its result; one in what it drops is logged.
    pub(crate) struct CatchUnwind<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for CatchUnwind<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut future = this.project().future;
            if let Err(panic) = caught(|| future.set(None)) {
                panic.log("what was dropped");
            }
        }
    }
}

impl<F> CatchUnwind<F> {
    pub(crate) fn new(future: F) -> Self {
        Self {
            future: Some(future),
        }
    }
}

impl<F: Future> Future for CatchUnwind<F> {
    type Output = Result<F::Output, Panic>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = self.project().future.as_pin_mut() else {
            return Poll::Pending;
        };
        match caught(|| future.poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

/// Runs `f`; a panic is the error.
///
/// What a panic leaves half done is the handler's own: the invocation is over, and nothing that it
/// touched is touched again by us.
pub(super) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    // What an application caught itself is not ours.
    LOGGED.set(false);
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| Panic {
        message: message(&*payload).to_owned(),
        is_logged: LOGGED.take(),
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message")
}
