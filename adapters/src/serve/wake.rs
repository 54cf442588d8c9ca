//! Whether a connection must be woken.
//!
//! Of a body hyper hands over one piece after the other: whoever takes one wakes the connection, so that it
//! brings the next. Behind the last piece there is none, and a handler that has read its request would have
//! the connection polled a second time for nothing. That is so in HTTP/1.1, where a connection has one request
//! at a time.

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use http_body::{Body, Frame};
use hyper::body::{Bytes, Incoming};

thread_local! {
    /// While a body is polled on this thread: who was to be woken for that.
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Held(Option<Waker>);

/// Wakes the task of a connection.
struct Connection {
    task: Waker,
}

impl Wake for Connection {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let is_held = HELD.try_with(|held| match &mut *held.borrow_mut() {
            Some(Held(place @ None)) => {
                *place = Some(self.task.clone());
                true
            }
            _ => false,
        });
        if !is_held.unwrap_or_default() {
            self.task.wake_by_ref();
        }
    }
}

/// Runs what serves a connection, which is woken as said above.
pub(super) async fn woken<F: Future>(connection: F) -> F::Output {
    let mut connection = pin!(connection);
    let mut known: Option<(Waker, Waker)> = None;
    std::future::poll_fn(|cx| {
        let known = match &mut known {
            Some(known) if known.0.will_wake(cx.waker()) => known,
            other => {
                let task = cx.waker().clone();
                let own = Waker::from(Arc::new(Connection { task: task.clone() }));
                other.insert((task, own))
            }
        };
        connection.as_mut().poll(&mut Context::from_waker(&known.1))
    })
    .await
}

/// Polls a body of HTTP/1.1 for its next piece. In HTTP/2 whoever takes the last piece of one body makes room for
/// those of others, of which the connection has to tell: it is woken for that too.
pub(super) fn poll_frame(
    body: &mut Incoming,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    let outer = HELD.try_with(|held| held.replace(Some(Held::default())));
    let polled = Pin::new(&mut *body).poll_frame(cx);
    let held = HELD.try_with(|held| held.replace(outer.unwrap_or_default()));
    let is_last = polled.is_ready() && body.is_end_stream();
    if let Ok(Some(Held(Some(task)))) = held
        && !is_last
    {
        task.wake();
    }
    polled
}
