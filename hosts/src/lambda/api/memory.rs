//! What is remembered, and each change of it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::process::ExitStatus;
use std::sync::Weak;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::Program;
use crate::lambda::answer::{Kind, Live, Part};
use crate::lambda::{Invocation, OnAnswer, OnNext};

/// Where a runtime that handles one invocation at a time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Started,
    /// It waits for its restore: the snapshot is taken.
    Frozen,
    /// It goes on after its restore, and has not asked for an event yet.
    Restored,
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
    pub(super) reply: oneshot::Sender<Live>,
}

/// An invocation that was delivered.
#[derive(Debug)]
pub(super) struct Running {
    invocation: Invocation,
    reply: Option<oneshot::Sender<Live>>,
    parts: Option<UnboundedSender<Part>>,
    pub(super) done: bool,
    /// Ends it when its time is over; stopped with it.
    timer: Option<Timer>,
}

/// A task that is stopped when it is not needed any more.
#[derive(Debug)]
struct Timer(AbortHandle);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Debug)]
pub(super) struct Memory {
    pub(super) phase: Phase,
    pub(super) queue: VecDeque<Job>,
    pub(super) running: HashMap<String, Running>,
    /// The one that a `GET next` out of turn is given again.
    pub(super) current: Option<String>,
    pub(super) timed_out: HashSet<String>,
    pub(super) extensions: HashMap<String, bool>,
    pub(super) on_next: VecDeque<OnNext>,
    pub(super) on_answer: VecDeque<OnAnswer>,
    pub(super) connections: usize,
    pub(super) polls: usize,
    pub(super) init_error: Option<(Vec<u8>, String)>,
    /// The program, as long as its end is not dealt with.
    pub(super) program: Option<Weak<Program>>,
}

/// Why a post is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    InvalidRequestId,
    InvalidStateTransition,
    InvokeTimeout,
}

/// The head of what was posted.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) error_type: String,
}

impl Memory {
    pub(super) fn new() -> Self {
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

    pub(super) fn unfinished(&self) -> usize {
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
            timer: None,
        };
        self.running.insert(invocation.request_id.clone(), running);
        Some(invocation)
    }

    /// Keeps the task that ends an invocation in time.
    pub(super) fn time(&mut self, id: &str, timer: AbortHandle) {
        if let Some(running) = self.running.get_mut(id) {
            running.timer = Some(Timer(timer));
        }
    }

    /// Takes note that an answer is complete. A concurrent function's invocation is forgotten; any
    /// other is kept until the next one, as its answer could come twice.
    pub(super) fn answered(&mut self, id: &str, concurrent: bool) {
        if self.phase == Phase::Answering {
            self.phase = Phase::Answered;
        }
        if concurrent {
            self.running.remove(id);
        } else if let Some(running) = self.running.get_mut(id) {
            running.done = true;
            running.timer = None;
        }
    }

    /// What runs already, for a runtime that asks out of turn: it is given the same again.
    pub(super) fn again(&self) -> Option<Invocation> {
        let current = self.current.as_ref()?;
        Some(self.running.get(current)?.invocation.clone())
    }

    pub(super) fn may_answer(
        &self,
        id: &str,
        nonce: Option<&[u8]>,
        concurrent: bool,
    ) -> Result<(), Refusal> {
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

    pub(super) fn head(&mut self, id: &str, head: Posted) -> UnboundedSender<Part> {
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

    pub(super) fn time_out(&mut self, id: &str) -> bool {
        let Some(running) = self.running.get_mut(id).filter(|running| !running.done) else {
            return false;
        };
        running.done = true;
        running.end(Kind::TimedOut, "Sandbox.Timedout", "Task timed out");
        self.timed_out.insert(id.to_owned());
        true
    }

    pub(super) fn fail_queue(&mut self) {
        let (body, error_type) = self.init_error.clone().unwrap_or_default();
        for job in std::mem::take(&mut self.queue) {
            let id = job.invocation.request_id;
            let failed = ended(&id, Kind::InitError, &error_type, &body);
            let _unheard = job.reply.send(failed);
        }
    }

    pub(super) fn died(&mut self, status: ExitStatus) -> bool {
        for running in self.running.values_mut().filter(|running| !running.done) {
            running.done = true;
            let message = format!("Runtime exited with error: {status}");
            running.end(Kind::Exited(status), "Runtime.ExitError", &message);
        }
        if matches!(
            self.phase,
            Phase::Started | Phase::Frozen | Phase::Restored | Phase::InitError
        ) {
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

fn live(id: &str, head: Posted, parts: UnboundedReceiver<Part>) -> Live {
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
