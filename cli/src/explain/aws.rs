//! Payloads of AWS Lambda.

use isobar::aws::translate::{self, Incoming, Refused};
use isobar::{Event, HeaderMap};
use isobar_hosts::lambda::Door;
use serde_json::{Value, json};

use super::reading::{Brings, Reading, Told};
use super::signs::{self, Shape};
use super::{effects, outcomes, portable, request};

const HOST: &str = "AWS Lambda";

const CALL: &str = "Isobar has no trigger for it; as Lambda's payload any JSON is a direct invoke, \
                    which a handler of on_invoke gets, and whose result the caller waits for";

/// Explains a payload.
pub(crate) fn read(payload: &[u8]) -> Reading {
    let value: Value = serde_json::from_slice(payload).unwrap_or_default();
    let decoded = translate::decode(payload.to_vec().into(), &HeaderMap::new());
    let shape = shape(&value, &decoded);
    let mut reading = Reading {
        host: HOST,
        source: shape.map_or_else(|| unnamed(&value), |shape| shape.name.to_owned()),
        known: true,
        signs: shape.map_or_else(Vec::new, |shape| {
            shape.signs.iter().map(|sign| sign.words()).collect()
        }),
        brings: Brings::Nothing(String::new()),
        note: None,
        changes: Vec::new(),
        outcomes: Vec::new(),
    };
    match decoded {
        Ok(Incoming::Request(arrived)) => {
            let http = request::shown(arrived.request, &arrived.context);
            reading.brings = Brings::Request(http);
            reading.changes = lost_at(&reading.source);
            reading.outcomes = request::outcomes(|response, body| {
                let answer = translate::encode(arrived.door, response, body);
                answer.map_or(Value::Null, |answer| portable::bytes(&answer))
            });
        }
        Ok(Incoming::Events(events)) => of_events(&mut reading, &events),
        Ok(_) => {
            reading.brings =
                Brings::Nothing("it is of a kind that is not explained yet".to_owned());
        }
        Err(Refused::Answered(_, error)) => {
            reading.brings = Brings::Nothing(format!("the client is told: {error}"));
        }
        Err(Refused::Failed(_, body)) => {
            reading.known = false;
            let told: Value = serde_json::from_slice(&body).unwrap_or_default();
            let why = told
                .get("errorMessage")
                .and_then(Value::as_str)
                .unwrap_or("it is refused");
            reading.brings = Brings::Nothing(format!("the invocation fails: {why}"));
        }
        Err(_) => reading.brings = Brings::Nothing("it is refused".to_owned()),
    }
    reading
}

fn of_events(reading: &mut Reading, events: &translate::Events) {
    let of = &events.batch.events;
    let is_direct = is_direct(events);
    if is_direct {
        reading.known = false;
        reading.note = Some(CALL);
    }
    let shape = if is_direct {
        "a direct invoke"
    } else {
        reading.source.as_str()
    };
    let source = effects::on_aws(shape);
    reading.brings = Brings::Events(of.iter().map(portable::event).collect());
    reading
        .changes
        .extend(source.changes.iter().map(|text| (*text).to_owned()));
    let played = outcomes::all(of.len());
    reading.outcomes = played
        .into_iter()
        .map(|played| Told {
            outcome: played.name,
            answer: told(events.tell.encode(&played.outcomes)),
            effect: source.effect(played.kind),
        })
        .collect();
}

/// True for what is no event of a source.
fn is_direct(events: &translate::Events) -> bool {
    let first = events.batch.events.first();
    first.is_some_and(|event| event.ty() == "com.amazonaws.lambda.invoke")
}

/// The events in a payload.
pub(super) fn events(payload: &[u8]) -> Vec<Event> {
    match translate::decode(payload.to_vec().into(), &HeaderMap::new()) {
        Ok(Incoming::Events(events)) => events.batch.events,
        _ => Vec::new(),
    }
}

/// The shape that a payload has: among those that are taken only where it was taken.
fn shape(value: &Value, decoded: &Result<Incoming, Refused>) -> Option<&'static Shape> {
    let taken = match decoded {
        Ok(Incoming::Events(events)) => !is_direct(events),
        Ok(_) | Err(Refused::Answered(..)) => true,
        Err(_) => false,
    };
    let others = || signs::find(signs::OTHERS, value);
    if taken {
        return signs::find(signs::TAKEN, value).or_else(others);
    }
    others().or_else(|| signs::find(signs::TAKEN, value))
}

/// What has no shape that is known.
fn unnamed(value: &Value) -> String {
    let text = match value {
        Value::Object(_) => "JSON of no source that is known here",
        Value::Null => "no JSON",
        _ => "JSON that is no object, as no source sends it",
    };
    text.to_owned()
}

fn told(written: Result<Vec<u8>, Refused>) -> Value {
    match written {
        Ok(answer) if answer.is_empty() => json!("(an empty result)"),
        Ok(answer) => portable::bytes(&answer),
        Err(Refused::Failed(error_type, body)) => {
            json!({"failed": error_type, "error": portable::bytes(&body)})
        }
        Err(_) => Value::Null,
    }
}

/// What a front door cannot carry, as the emulated one says.
fn lost_at(source: &str) -> Vec<String> {
    let door = match source {
        "Application Load Balancer" => Door::load_balancer_multi(),
        "function URL" => Door::function_url(),
        "API Gateway, HTTP API (payload 2.0)" => Door::http_api("$default"),
        "VPC Lattice" => Door::lattice(),
        "VPC Lattice (1.0)" => Door::lattice_v1(),
        "API Gateway, REST API" => Door::rest_api("prod"),
        _ => return Vec::new(),
    };
    super::lost(&door.capabilities())
}
