//! From outcomes to the host's answer.
//!
//! The host knows one outcome an invocation: a batch has succeeded as a whole or not at all.

use http::header::CONTENT_TYPE;
use isobar_core::{Body, Error, Event, HeaderValue, IntoResponse, Outcome, Reply, Response};

use super::outputs;
use crate::azure::app::{Function, What};

/// Makes the answer of what came of an invocation's events.
///
/// It is an object where all were handled, since the host would wait for ever after an empty
/// answer or null; any failure is a failed invocation.
pub(crate) fn settle(
    function: &Function,
    moves_on: bool,
    events: &[Event],
    outcomes: &[Outcome],
) -> Response {
    let failed: Vec<_> = { events.iter().zip(outcomes) }
        .filter(|(_, outcome)| !outcome.is_acknowledged())
        .map(|(event, _)| event)
        .collect();
    if !failed.is_empty() {
        return fail(function, moves_on, &failed, events.len());
    }
    let replies = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Done(reply) => Some(reply),
        _ => None,
    });
    match outputs::write(function, &replies.collect::<Vec<&Reply>>()) {
        Ok(json) => accepted(json),
        Err(problem) => {
            let error = Error::from(format!("the function {}: {problem}", function.name));
            tracing::error!("the invocation failed: {problem}");
            lost(function, moves_on, &events.iter().collect::<Vec<_>>());
            error.into_response()
        }
    }
}

/// The answer to an invocation that nobody need handle.
pub(crate) fn nothing() -> Response {
    accepted(br#"{"Outputs":{},"Logs":[],"ReturnValue":null}"#.to_vec())
}

fn accepted(json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Any status but 2xx fails the invocation; why each event failed is in the log already.
fn fail(function: &Function, moves_on: bool, failed: &[&Event], all: usize) -> Response {
    let (name, count) = (&function.name, failed.len());
    if count < all {
        let handled = all - count;
        tracing::warn!(
            "the invocation of {name} fails for {count} of its {all} events: the {handled} that were \
             handled fail with them, since the Functions host takes a batch as a whole"
        );
    }
    lost(function, moves_on, failed);
    let detail = format!("{count} of the {all} events of {name} were not handled");
    Error::new(isobar_core::StatusCode::INTERNAL_SERVER_ERROR, detail).into_response()
}

/// Makes the answer to an invocation that could not be read: it fails.
pub(crate) fn unread(function: &Function, moves_on: bool, error: Error) -> Response {
    tracing::error!("the invocation failed: {error:?}");
    if moves_on {
        let name = &function.name;
        tracing::error!(
            "what {name} was invoked for may be lost: after a failure {}",
            why(function)
        );
    }
    error.into_response()
}

fn why(function: &Function) -> &'static str {
    match function.trigger.what {
        What::Timer => "a timer is not tried again",
        _ => "the source moves on",
    }
}

/// Says of each event that nothing brings again that it is lost.
fn lost(function: &Function, moves_on: bool, failed: &[&Event]) {
    if !moves_on {
        return;
    }
    let why = why(function);
    for event in failed {
        tracing::error!(
            event_id = event.id(),
            "{event} may be lost: after a failure {why}, unless a retry policy in function.json has \
             tries left"
        );
    }
}
