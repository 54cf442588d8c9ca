//! Requests of the host's own, which come whole: read and answered without hyper.
//!
//! The Functions host posts an invocation as one document and waits for the answer: nothing is streamed, nothing
//! becomes another protocol, and no client speaks. What a server has to do for everybody (a body on a channel, which
//! wakes its connection for each piece, and states for all that may come) is a quarter of the code that an
//! invocation runs through. A connection on which anything else comes is hyper's from then on, with all that
//! has arrived.

mod answer;
mod arrived;
mod eager;

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::accept::Connection;
use super::exchange::Exchange;
use super::head::Timed;
use super::open::End;
use crate::standby;
use answer::Answers;
use arrived::{Arrived, Taken};
use eager::{AtWork, Eager};

/// How long a request may be, in bytes, that is read at once: of a longer one a system call is a small part.
const SHORT: usize = 16 << 10;

/// Serves a connection while what comes are requests of the host's own. Returns it where something else has come; it is
/// closed otherwise.
///
/// # Errors
///
/// When the connection breaks.
pub(super) async fn serve<E: Exchange>(
    mut stream: Timed,
    connection: &Connection<E>,
    ends: &End,
) -> io::Result<Option<Timed>> {
    let Some(whole) = connection.whole() else {
        return Ok(Some(stream));
    };
    let mut end = pin!(ends.wait());
    let (mut arrived, mut answers) = (Arrived::new(&whole), Answers::default());
    let (mut head, mut eager) = (http::Request::default(), Eager::default());
    loop {
        let body = match arrived.take(&mut head) {
            Taken::Whole(body) => body,
            Taken::Other => return Ok(Some(stream.with(arrived.into_bytes()))),
            Taken::Part => {
                let is_idle = arrived.is_empty();
                // One like the last finds room.
                let room = arrived.last() + arrived.last() / 4;
                if is_idle
                    && room <= SHORT
                    && eager.is_worth_a_try(answers.last, AtWork::all())
                    && eager.tried(stream.read_now(arrived.room(), room))
                {
                    continue;
                }
                match read(&mut stream, arrived.room(), end.as_mut()).await {
                    Some(Ok(1..)) => continue,
                    Some(Ok(0)) if is_idle => return Ok(None),
                    Some(Err(error)) if is_idle => return Err(error),
                    None if is_idle => {
                        stream.shutdown().await?;
                        return Ok(None);
                    }
                    // It knows what to say to a part of a request.
                    _ => return Ok(Some(stream.with(arrived.into_bytes()))),
                }
            }
        };
        eager.comes(standby::progress());
        let busy = (connection.progress.busy(), AtWork::begin());
        let answer = {
            let mut answer = pin!(connection.exchange(&head, body));
            poll_fn(|cx| match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending => stream.poll_gone(cx).map(|()| None),
            })
            .await
        };
        let Some(answer) = answer else {
            return Ok(None);
        };
        // It holds what has arrived, which can be written over then.
        head.headers_mut().clear();
        let is_last = ends.has_come();
        answers.write(&mut stream, answer, is_last).await?;
        drop(busy);
        if is_last {
            stream.shutdown().await?;
            return Ok(None);
        }
    }
}

/// Reads what comes; `None` where the connection is to end before.
async fn read(
    stream: &mut Timed,
    room: &mut BytesMut,
    mut end: Pin<&mut impl Future<Output = ()>>,
) -> Option<io::Result<usize>> {
    let mut reading = pin!(stream.read_buf(room));
    poll_fn(|cx| {
        if let Poll::Ready(read) = reading.as_mut().poll(cx) {
            return Poll::Ready(Some(read));
        }
        end.as_mut().poll(cx).map(|()| None)
    })
    .await
}
