//! One loop: next, handle, answer, and again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use bytestring::ByteString;
use isobar_core::Dispatcher;

use super::call;
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::pause::Pause;
use super::reply::Head;
use super::shutdown::Ending;
use crate::RunError;
use crate::aws::context::{Call, Contexts};
use crate::aws::settings::Settings;
use crate::{inspect, otel};

/// A Runtime API that cannot be reached for so long is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A larger buffer is kept from one large answer to the next, and no longer: one alone would be paid for to the
/// end, while each that is taken anew is a fault for each of its pages.
const KEPT: usize = 1 << 20;

/// What all workers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) dispatcher: Dispatcher,
    pub(super) contexts: Contexts,
    pub(super) settings: Settings,
}

/// One loop, which runs one invocation at a time.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) connection: Connection,
    pub(super) shared: Arc<Shared>,
    ending: Ending,
    /// The request for the next event, always the same.
    next: Vec<u8>,
    /// The head of what is sent.
    pub(super) head: Vec<u8>,
    /// The body of what is sent.
    pub(super) out: Vec<u8>,
}

/// What a poll brought.
enum Polled {
    Event(Box<Call>, ByteString),
    /// The service has nothing, or fails: with this status.
    Nothing(u16),
    /// The event is no text: it can be failed, not read.
    Unreadable(Box<Call>),
}

impl Worker {
    pub(super) fn new(endpoint: Endpoint, shared: Arc<Shared>, ending: Ending) -> Self {
        let mut next = Vec::new();
        call::get(
            &mut next,
            &endpoint,
            &[call::RUNTIME, "/invocation/next"].concat(),
            "",
        );
        Self {
            connection: Connection::new(endpoint),
            shared,
            ending,
            next,
            head: Vec::with_capacity(512),
            out: Vec::with_capacity(4 << 10),
        }
    }

    /// Runs invocations until the end is asked for; fails only if the Runtime API is gone.
    pub(super) async fn run(mut self) -> Result<(), RunError> {
        let mut pause = Pause::default();
        let mut since = None;
        while !self.ending.has_come() {
            let Some(polled) = self.poll().await else {
                break;
            };
            match polled {
                Ok(Polled::Event(call, payload)) => {
                    let deadline = call.deadline;
                    inspect::invocation(self.invoke(call, payload)).await;
                    self.export(deadline).await;
                }
                Ok(Polled::Unreadable(call)) => self.unreadable(call).await,
                Ok(Polled::Nothing(204)) => {
                    self.wait(pause.next()).await;
                    continue;
                }
                Ok(Polled::Nothing(status)) => {
                    tracing::error!(
                        "the Runtime API gave no event but status {status}; trying again"
                    );
                    self.wait(pause.next()).await;
                    continue;
                }
                Err(error) => {
                    gone_since(&mut since, error)?;
                    self.wait(pause.next()).await;
                    continue;
                }
            }
            pause.reset();
            since = None;
            self.shrink();
        }
        Ok(())
    }

    /// Exports the invocation's spans before the next poll, in which the sandbox may be frozen; it was
    /// answered before. Where many run at once a task exports.
    async fn export(&self, deadline: Option<SystemTime>) {
        if self.shared.settings.concurrency == 1 {
            otel::flush(deadline).await;
        }
    }

    async fn wait(&mut self, pause: Duration) {
        let _woken_early_is_fine = self.ending.or(tokio::time::sleep(pause), || false).await;
    }

    async fn poll(&mut self) -> Option<std::io::Result<Polled>> {
        let settings = &self.shared.settings;
        let take = |head: &Head<'_, '_>| {
            let now = SystemTime::now();
            // In a box, since each future would copy it.
            let mut call = Call::read(head.fields(), now).map(Box::new);
            if let Some(call) = &mut call {
                call.within(settings, now);
                call.noted = inspect::note(head.fields());
            }
            (head.status, call)
        };
        // What has begun to arrive may be an event: nobody else gets it.
        let has_begun = self.connection.has_begun();
        let exchange = self.connection.exchange((&self.next, b""), take);
        let is_kept = || has_begun.load(Ordering::Relaxed);
        let reply = self.ending.or(exchange, is_kept).await?;
        Some(reply.map(|((status, call), payload)| match call {
            Some(call) if status == 200 => match ByteString::try_from(payload) {
                Ok(payload) => Polled::Event(call, payload),
                Err(_not_utf8) => Polled::Unreadable(call),
            },
            _ => Polled::Nothing(status),
        }))
    }

    /// Gives back what a large answer took, behind one that did not need it.
    fn shrink(&mut self) {
        if self.out.capacity() > KEPT && self.out.len() < self.out.capacity() / 4 {
            self.out = Vec::with_capacity(4 << 10);
        }
    }
}

/// Fails once the Runtime API is out of reach for too long: without it there is nothing to do.
fn gone_since(since: &mut Option<Instant>, error: std::io::Error) -> Result<(), RunError> {
    let since = *since.get_or_insert_with(Instant::now);
    if since.elapsed() < PATIENCE {
        tracing::warn!("the Runtime API cannot be reached: {error}; trying again");
        return Ok(());
    }
    Err(RunError::Host {
        what: "the Runtime API that AWS_LAMBDA_RUNTIME_API names cannot be reached".into(),
        source: error.into(),
    })
}
