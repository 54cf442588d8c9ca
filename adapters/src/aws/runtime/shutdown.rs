//! The end that a signal asks for, told to every worker.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::task::AbortHandle;

use crate::signal::Ends;

/// What a worker hears the end by; polling it costs next to nothing.
#[derive(Debug)]
pub(super) struct Ending {
    heard: oneshot::Receiver<()>,
    has_come: bool,
}

/// Tells the workers; dropped, it stops listening.
#[derive(Debug)]
pub(super) struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens for the signal on a task of its own, and makes what `workers` workers hear it by.
pub(super) fn listen(mut ends: Ends, workers: usize) -> (Listener, Vec<Ending>) {
    let (tell, hear): (Vec<_>, Vec<_>) = (0..workers)
        .map(|_| {
            let (tell, heard) = oneshot::channel::<()>();
            let has_come = false;
            (tell, Ending { heard, has_come })
        })
        .unzip();
    let listening = tokio::spawn(async move {
        ends.next().await;
        tracing::info!("ending: what runs may finish");
        drop(tell);
    });
    (Listener(listening.abort_handle()), hear)
}

impl Ending {
    /// Returns true once the end is asked for.
    pub(super) fn has_come(&mut self) -> bool {
        if !self.has_come {
            self.has_come = !matches!(self.heard.try_recv(), Err(TryRecvError::Empty));
        }
        self.has_come
    }

    /// Runs `future` to its end, or until the end is asked for: then `None`. What is done counts, and
    /// what `is_kept` is not given up.
    pub(super) async fn or<F: Future + Send>(
        &mut self,
        future: F,
        is_kept: impl Fn() -> bool + Send + Sync,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if is_kept() => Poll::Pending,
            Poll::Pending => self.poll(cx).map(|()| None),
        })
        .await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.has_come {
            self.has_come = Pin::new(&mut self.heard).poll(cx).is_ready();
        }
        if self.has_come {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
