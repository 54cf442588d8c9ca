//! `GET next`: the delivery of an event.

use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until};

use super::connection::{Connection, Then};
use super::memory::Phase;
use super::reply::{Reply, failure};
use super::state::State;
use crate::lambda::{Deadline, Invocation, OnNext};
use crate::{Error, ids};

/// What a poll is given.
enum Found {
    Mischief(OnNext),
    Event(Box<Invocation>),
    Again(Box<Invocation>),
    Refused,
}

pub(super) async fn next(connection: &mut Connection) -> Result<Then, Error> {
    let state = Arc::clone(&connection.state);
    enter(&state);
    let mut slow = None;
    loop {
        let found = tokio::select! {
            found = find(&state) => found,
            gone = connection.read.gone() => return gone.map(|()| Then::Gone),
        };
        match found {
            Found::Mischief(OnNext::Slow(by)) => slow = Some(by),
            Found::Mischief(OnNext::CloseMidBody) => {
                let found = find_event(&state).await;
                return Ok(half(&state, &found));
            }
            Found::Mischief(mischief) => return Ok(misbehave(mischief)),
            Found::Refused => return Ok(Then::Reply(failure(403))),
            Found::Event(invocation) => {
                if let Some(by) = slow {
                    sleep(by).await;
                }
                watch(&state, &invocation);
                return Ok(Then::Reply(delivery(&state, &invocation)));
            }
            Found::Again(invocation) => return Ok(Then::Reply(delivery(&state, &invocation))),
        }
    }
}

/// A poll ends the invocation before it, and the init phase.
fn enter(state: &State) {
    state.change(|inner| {
        inner.polls += 1;
        if matches!(
            inner.phase,
            Phase::Started | Phase::Restored | Phase::Answered
        ) {
            inner.phase = Phase::Ready;
        }
    });
}

async fn find(state: &State) -> Found {
    let concurrent = state.is_concurrent();
    let found = state.until(|inner| {
        if let Some(mischief) = inner.on_next.pop_front() {
            return Some(Found::Mischief(mischief));
        }
        match inner.phase {
            Phase::InitError => Some(Found::Refused),
            Phase::Answering if !concurrent => Some(Found::Refused),
            Phase::Running if !concurrent => inner.again().map(Box::new).map(Found::Again),
            _ => inner.deliver(concurrent).map(Box::new).map(Found::Event),
        }
    });
    found.await
}

async fn find_event(state: &State) -> Invocation {
    let concurrent = state.is_concurrent();
    let invocation = state.until(|inner| inner.deliver(concurrent)).await;
    watch(state, &invocation);
    invocation
}

/// Ends the invocation when its time is over, and with it the program that runs only this one.
fn watch(state: &State, invocation: &Invocation) {
    let id = invocation.request_id.clone();
    let end = Instant::now() + invocation.timeout.unwrap_or(state.identity.timeout);
    let Some(shared) = state.shared() else { return };
    let own = id.clone();
    let timer = tokio::spawn(async move {
        sleep_until(end).await;
        if shared.time_out(&own) && !shared.is_concurrent() {
            shared.kill_program();
        }
    });
    state.change(|inner| inner.time(&id, timer.abort_handle()));
}

fn misbehave(mischief: OnNext) -> Then {
    match mischief {
        OnNext::Idle => Then::Reply(Reply::new(204, "")),
        OnNext::Fail(status) => Then::Reply(failure(status)),
        OnNext::Bytes(bytes) => Then::Close(bytes),
        OnNext::Reset | OnNext::CloseMidBody | OnNext::Slow(_) => Then::Reset,
    }
}

/// All of a delivery but the last byte.
fn half(state: &State, invocation: &Invocation) -> Then {
    let mut bytes = delivery(state, invocation).bytes();
    bytes.pop();
    Then::Close(bytes)
}

fn delivery(state: &State, invocation: &Invocation) -> Reply {
    let timeout = invocation.timeout.unwrap_or(state.identity.timeout);
    let deadline = match invocation.deadline {
        Deadline::True => Some((ids::now() + timeout).as_millis().to_string()),
        Deadline::Constant(millis) => Some(millis.to_string()),
        Deadline::Missing => None,
    };
    let own = [
        ("Content-Type", Some("application/json".to_owned())),
        (super::REQUEST_ID, Some(invocation.request_id.clone())),
        (super::ARN, Some(state.identity.arn.clone())),
        (super::DEADLINE, deadline),
    ];
    let mut reply = Reply::new(200, invocation.event.to_vec());
    for (name, value) in own.iter().filter(|(name, _)| !invocation.decides(name)) {
        if let Some(value) = value {
            reply = reply.header(name, value);
        }
    }
    for (name, value) in &invocation.headers {
        if let Some(value) = value {
            reply = reply.header(name, value);
        }
    }
    reply
}
