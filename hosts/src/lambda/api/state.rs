//! What the Runtime API remembers: the order of calls, what waits, what runs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

use super::super::answer::{Kind, Live, Part};
use super::super::{Invocation, OnAnswer, OnNext};
use crate::Program;
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
    /// How many invocations at once; more than one is a Managed Instance.
    pub(in crate::lambda) concurrency: usize,
    /// What stands before every path, as cargo-lambda has it.
    pub(in crate::lambda) prefix: String,
}

/// Where a runtime that handles one invocation at a time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Started,
    Ready,
    Running,
    Answering,
    Answered,
    InitError,
}

/// An invocation that was asked for.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) invocation: Invocation,
    reply: oneshot::Sender<Live>,
}

/// An invocation that was delivered.
#[derive(Debug)]
struct Running {
    invocation: Invocation,
    reply: Option<oneshot::Sender<Live>>,
    parts: Option<UnboundedSender<Part>>,
    done: bool,
}

#[derive(Debug)]
pub(in crate::lambda) struct State {
    pub(in crate::lambda) identity: Identity,
    pub(super) inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
    me: Weak<Self>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) phase: Phase,
    queue: VecDeque<Job>,
    running: HashMap<String, Running>,
    /// The one that a `GET next` out of turn is given again.
    current: Option<String>,
    timed_out: HashSet<String>,
    pub(super) extensions: HashMap<String, bool>,
    pub(super) on_next: VecDeque<OnNext>,
    pub(super) on_answer: VecDeque<OnAnswer>,
    pub(super) connections: usize,
    pub(super) polls: usize,
    init_error: Option<(Vec<u8>, String)>,
    /// The program, as long as its end is not dealt with.
    program: Option<Weak<Program>>,
}

/// Why a post is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    InvalidRequestId,
    InvalidStateTransition,
    InvokeTimeout,
}

impl State {
    pub(in crate::lambda) fn new(identity: Identity) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            identity,
            inner: Mutex::new(Inner::new()),
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
            // a program that can not be killed has ended
            let _ended = program.signal(Signal::Kill);
        }
    }

    /// Takes note of a change, and wakes who waits for one.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let changed = change(&mut lock(&self.inner));
        self.changed.send_modify(|n| *n += 1);
        changed
    }

    /// Waits until `look` finds what it looks for.
    pub(super) async fn until<T>(&self, mut look: impl FnMut(&mut Inner) -> Option<T>) -> T {
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
        self.change(|inner| {
            if inner.phase == Phase::Answering {
                inner.phase = Phase::Answered;
            }
            if let Some(running) = inner.running.get_mut(id) {
                running.done = true;
            }
        });
    }

    /// Ends an invocation that took too long. Tells whether it was still running.
    pub(super) fn time_out(&self, id: &str) -> bool {
        self.change(|inner| inner.time_out(id))
    }

    /// Keeps the program's init error, and gives it to all who wait.
    pub(super) fn init_failed(&self, body: &[u8], error_type: &str) -> bool {
        self.change(|inner| {
            if inner.phase != Phase::Started {
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

    /// Begins anew with a new program.
    pub(in crate::lambda) fn restart(&self, program: &Arc<Program>) {
        self.change(|inner| {
            inner.phase = Phase::Started;
            inner.extensions.clear();
            inner.running.clear();
            inner.timed_out.clear();
            inner.current = None;
            inner.init_error = None;
            inner.program = Some(Arc::downgrade(program));
        });
    }
}

/// The head of what was posted.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) error_type: String,
}

impl Inner {
    fn new() -> Self {
        Self {
            phase: Phase::Started,
            queue: VecDeque::new(),
            running: HashMap::new(),
            current: None,
            timed_out: HashSet::new(),
            extensions: HashMap::new(),
            on_next: VecDeque::new(),
            on_answer: VecDeque::new(),
            connections: 0,
            polls: 0,
            init_error: None,
            program: None,
        }
    }

    fn unfinished(&self) -> usize {
        self.running
            .values()
            .filter(|running| !running.done)
            .count()
    }

    /// Delivers the next invocation, once every extension has asked for its events too.
    pub(super) fn deliver(&mut self, concurrent: bool) -> Option<Invocation> {
        if self.extensions.values().any(|polled| !polled) {
            return None;
        }
        let job = self.queue.pop_front()?;
        let (invocation, id) = (job.invocation, job.reply);
        if !concurrent {
            self.running.clear();
            self.phase = Phase::Running;
            self.current = Some(invocation.request_id.clone());
        }
        let running = Running {
            invocation: invocation.clone(),
            reply: Some(id),
            parts: None,
            done: false,
        };
        self.running.insert(invocation.request_id.clone(), running);
        Some(invocation)
    }

    /// What runs already, for a runtime that asks out of turn: it is given the same again.
    pub(super) fn again(&self) -> Option<Invocation> {
        let current = self.current.as_ref()?;
        Some(self.running.get(current)?.invocation.clone())
    }

    fn may_answer(&self, id: &str, nonce: Option<&[u8]>, concurrent: bool) -> Result<(), Refusal> {
        if self.timed_out.contains(id) && concurrent {
            return Err(Refusal::InvokeTimeout);
        }
        let running = self.running.get(id).ok_or(Refusal::InvalidRequestId)?;
        let expected = running.invocation.value(super::INVOCATION_ID);
        if nonce.is_some() && nonce != expected {
            return Err(Refusal::InvalidRequestId);
        }
        match (concurrent, self.phase, &running.reply) {
            (false, Phase::Running, _) | (true, _, Some(_)) => Ok(()),
            (false, _, _) => Err(Refusal::InvalidStateTransition),
            (true, _, None) => Err(Refusal::InvalidRequestId),
        }
    }

    fn head(&mut self, id: &str, head: Posted) -> UnboundedSender<Part> {
        let (sender, parts) = unbounded_channel();
        if let Some(running) = self.running.get_mut(id) {
            running.parts = Some(sender.clone());
            if let Some(reply) = running.reply.take() {
                // who asked may have gone away
                let _unheard = reply.send(live(id, head, parts));
            }
        }
        sender
    }

    fn time_out(&mut self, id: &str) -> bool {
        let Some(running) = self.running.get_mut(id).filter(|running| !running.done) else {
            return false;
        };
        running.done = true;
        running.end(Kind::TimedOut, "Sandbox.Timedout", "Task timed out");
        self.timed_out.insert(id.to_owned());
        true
    }

    fn fail_queue(&mut self) {
        let (body, error_type) = self.init_error.clone().unwrap_or_default();
        for job in std::mem::take(&mut self.queue) {
            let id = job.invocation.request_id;
            let failed = ended(&id, Kind::InitError, &error_type, &body);
            let _unheard = job.reply.send(failed);
        }
    }

    fn died(&mut self, status: ExitStatus) -> bool {
        for running in self.running.values_mut().filter(|running| !running.done) {
            running.done = true;
            let message = format!("Runtime exited with error: {status}");
            running.end(Kind::Exited(status), "Runtime.ExitError", &message);
        }
        if matches!(self.phase, Phase::Started | Phase::InitError) {
            let message = format!("Runtime exited with error: {status}");
            let exit = (
                error_body("Runtime.ExitError", &message),
                "Runtime.ExitError".to_owned(),
            );
            self.init_error.get_or_insert(exit);
            self.fail_queue();
        }
        self.program = None;
        !self.queue.is_empty()
    }
}

impl Running {
    /// Ends it from the host's side: in place of an answer, or in the middle of one.
    fn end(&mut self, kind: Kind, error_type: &str, message: &str) {
        let id = &self.invocation.request_id;
        if let Some(reply) = self.reply.take() {
            let body = error_body(error_type, &format!("RequestId: {id} Error: {message}"));
            let _unheard = reply.send(ended(id, kind, error_type, &body));
        } else if let Some(parts) = &self.parts {
            let _unheard = parts.send(Part::Broken(error_type.to_owned()));
        }
    }
}

fn error_body(error_type: &str, message: &str) -> Vec<u8> {
    let body = serde_json::json!({"errorType": error_type, "errorMessage": message});
    body.to_string().into_bytes()
}

/// An answer that the host makes itself.
pub(super) fn ended(id: &str, kind: Kind, error_type: &str, body: &[u8]) -> Live {
    let (sender, parts) = unbounded_channel();
    let _sent = sender.send(Part::Bytes(body.to_vec().into()));
    let _sent = sender.send(Part::End(Vec::new()));
    let head = Posted {
        kind,
        headers: Vec::new(),
        error_type: error_type.to_owned(),
    };
    live(id, head, parts)
}

fn live(id: &str, head: Posted, parts: tokio::sync::mpsc::UnboundedReceiver<Part>) -> Live {
    Live {
        kind: head.kind,
        request_id: id.to_owned(),
        headers: head.headers,
        error_type: head.error_type,
        parts,
        trailers: Vec::new(),
        broken: None,
        done: false,
    }
}
