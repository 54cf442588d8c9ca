//! What the connections of a Runtime API share: the order of calls, what waits, what runs.

use std::process::ExitStatus;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};

use super::memory::{Job, Memory, Phase, Posted, Refusal};
use crate::Program;
use crate::lambda::Invocation;
use crate::lambda::answer::{Live, Part};
use crate::program::Signal;
use crate::sync::lock;

/// Who the function is.
#[derive(Debug, Clone)]
pub(in crate::lambda) struct Identity {
    pub(in crate::lambda) name: String,
    pub(in crate::lambda) version: String,
    pub(in crate::lambda) handler: String,
    pub(in crate::lambda) arn: String,
    pub(in crate::lambda) timeout: std::time::Duration,
    /// Whether it is started from a snapshot.
    pub(in crate::lambda) snapstart: bool,
    /// How many invocations at once; more than one is a Managed Instance.
    pub(in crate::lambda) concurrency: usize,
    /// What stands before every path, as cargo-lambda has it.
    pub(in crate::lambda) prefix: String,
}

#[derive(Debug)]
pub(in crate::lambda) struct State {
    pub(in crate::lambda) identity: Identity,
    pub(super) inner: Mutex<Memory>,
    changed: watch::Sender<u64>,
    me: Weak<Self>,
}

impl State {
    pub(in crate::lambda) fn new(identity: Identity) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            identity,
            inner: Mutex::new(Memory::new()),
            changed: watch::Sender::new(0),
            me: Weak::clone(me),
        })
    }

    /// Itself, for a task that outlives the call.
    pub(super) fn shared(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    pub(super) fn kill_program(&self) {
        let program = lock(&self.inner).program.clone();
        if let Some(program) = program.and_then(|program| program.upgrade()) {
            // a program that cannot be killed has ended
            let _ended = program.signal(Signal::Kill);
        }
    }

    /// Takes note of a change, and wakes who waits for one.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        let changed = change(&mut lock(&self.inner));
        self.changed.send_modify(|n| *n += 1);
        changed
    }

    /// Waits until `look` finds what it looks for.
    pub(super) async fn until<T>(&self, mut look: impl FnMut(&mut Memory) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let found = look(&mut lock(&self.inner));
            if let Some(found) = found {
                return found;
            }
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(super) fn is_concurrent(&self) -> bool {
        self.identity.concurrency > 1
    }

    /// Asks for an invocation; `None` where all places of a concurrent function are taken.
    pub(super) fn submit(&self, invocation: Invocation) -> Option<oneshot::Receiver<Live>> {
        let (reply, answer) = oneshot::channel();
        self.change(|inner| {
            let busy = inner.queue.len() + inner.unfinished();
            if self.is_concurrent() && busy >= self.identity.concurrency {
                return None;
            }
            inner.queue.push_back(Job { invocation, reply });
            Some(answer)
        })
    }

    /// Begins to take an answer for this id, or says why not.
    pub(super) fn answer(&self, id: &str, nonce: Option<&[u8]>) -> Result<(), Refusal> {
        let concurrent = self.is_concurrent();
        self.change(|inner| {
            inner.may_answer(id, nonce, concurrent)?;
            if !concurrent {
                inner.phase = Phase::Answering;
            }
            Ok(())
        })
    }

    /// Hands the head of an answer to who asked, and gives the way for its parts.
    pub(super) fn head(&self, id: &str, head: Posted) -> UnboundedSender<Part> {
        self.change(|inner| inner.head(id, head))
    }

    /// Takes note that an answer is complete.
    pub(super) fn answered(&self, id: &str) {
        let concurrent = self.is_concurrent();
        self.change(|inner| inner.answered(id, concurrent));
    }

    /// Ends an invocation that took too long. Tells whether it was still running.
    pub(super) fn time_out(&self, id: &str) -> bool {
        self.change(|inner| inner.time_out(id))
    }

    /// Keeps the error of the program's init or restore, and gives it to all who wait.
    pub(super) fn init_failed(&self, body: &[u8], error_type: &str, of: &[Phase]) -> bool {
        self.change(|inner| {
            if !of.contains(&inner.phase) {
                return false;
            }
            inner.phase = Phase::InitError;
            inner.init_error = Some((body.to_vec(), error_type.to_owned()));
            inner.fail_queue();
            true
        })
    }

    /// Ends all that ran in a program that has ended. Tells whether something still waits.
    pub(in crate::lambda) fn died(&self, status: ExitStatus) -> bool {
        self.change(|inner| inner.died(status))
    }

    /// Whether the program has not asked for an event yet.
    pub(in crate::lambda) fn is_starting(&self) -> bool {
        lock(&self.inner).phase == Phase::Started
    }

    /// Takes the snapshot: the program is frozen until it is restored.
    pub(super) async fn freeze(&self) {
        self.change(|inner| inner.phase = Phase::Frozen);
        self.until(|inner| (inner.phase != Phase::Frozen).then_some(()))
            .await;
    }

    /// Lets a frozen program go on. Tells whether there was one.
    pub(super) fn thaw(&self) -> bool {
        self.change(|inner| {
            let frozen = inner.phase == Phase::Frozen;
            if frozen {
                inner.phase = Phase::Restored;
            }
            frozen
        })
    }

    /// Whether the program has reported a failed init.
    pub(in crate::lambda) fn has_failed(&self) -> bool {
        lock(&self.inner).phase == Phase::InitError
    }

    /// Waits until the last program's end is dealt with.
    pub(in crate::lambda) async fn detached(&self) {
        self.until(|inner| inner.program.is_none().then_some(()))
            .await;
    }

    /// Waits until no connection is open.
    pub(in crate::lambda) async fn quiet(&self) {
        self.until(|inner| (inner.connections == 0).then_some(()))
            .await;
    }

    /// Begins anew, before a new program is started: it may call before its start returns.
    pub(in crate::lambda) fn restart(&self) {
        self.change(|inner| {
            inner.phase = Phase::Started;
            inner.extensions.clear();
            inner.running.clear();
            inner.timed_out.clear();
            inner.current = None;
            inner.init_error = None;
        });
    }

    /// Lets it know the program that was started.
    pub(in crate::lambda) fn attach(&self, program: &Arc<Program>) {
        self.change(|inner| inner.program = Some(Arc::downgrade(program)));
    }
}
