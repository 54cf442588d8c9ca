//! What changes, as it changes: server-sent events.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use isobar_core::{Body, Response};
use tokio::sync::mpsc;

use super::answer::with_headers;
use super::since;
use crate::Store;

/// So long changes are gathered before they are told: the page need not draw more often.
const GATHERED: Duration = Duration::from_millis(60);

/// So long at most nothing is said: a connection on which nothing moves may be taken for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// Answers with all that is there, and then with what changes.
pub(super) fn answer(store: Store) -> Response {
    let (sender, receiver) = mpsc::channel(1);
    drop(tokio::spawn(tell(store, sender)));
    with_headers("text/event-stream", Body::new(Told(receiver)))
}

/// Tells until the page has gone, or the store is closed.
async fn tell(store: Store, sender: mpsc::Sender<Bytes>) {
    let mut changes = store.follow();
    let mut told = 0;
    loop {
        let news = since(&store, told);
        told = news
            .get("change")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(told);
        let is_gone = sender
            .send(format!("data: {news}\n\n").into())
            .await
            .is_err();
        if is_gone || store.is_closed() {
            return;
        }
        tokio::time::sleep(GATHERED).await;
        while let Err(_silence) = tokio::time::timeout(SILENCE, changes.changed()).await {
            if sender
                .send(Bytes::from_static(b": still here\n\n"))
                .await
                .is_err()
            {
                return;
            }
        }
    }
}

/// The body that is told.
struct Told(mpsc::Receiver<Bytes>);

impl http_body::Body for Told {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let told = self.0.poll_recv(cx);
        told.map(|told| told.map(|told| Ok(Frame::data(told))))
    }
}
