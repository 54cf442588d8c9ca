//! Requests to Cloud Run: CloudEvents in all modes, Pub/Sub's pushes, background events of before,
//! and whatever else is an HTTP request.

use isobar::gcp::translate::{App as Deployed, Decoded, encode_call, encode_events};
use isobar::{App, Bytes, Dispatcher, Outcome, RequestExt};
use serde_json::{Value, json};

use super::reading::{Brings, Reading, Told};
use super::request::futures_now;
use super::{effects, outcomes, portable, request};

const HOST: &str = "Google Cloud Run";

/// How a document came, and the signs of it; `None` where it is none of Google's.
pub(super) fn way(document: &Value) -> Option<(&'static str, &'static [&'static str])> {
    let text = |at: &str| document.pointer(at).is_some_and(Value::is_string);
    let has = |at: &str| document.pointer(at).is_some();
    if text("/specversion") && text("/type") && text("/source") {
        Some((
            "a CloudEvent, structured",
            &["specversion, type and source are there"],
        ))
    } else if has("/message") && text("/subscription") {
        Some(("Pub/Sub push", &["message and subscription are there"]))
    } else if text("/context/eventType") && has("/data") {
        Some((
            "a background event",
            &["context.eventType and data are there"],
        ))
    } else if text("/eventType") && text("/eventId") && has("/data") {
        Some((
            "a background event",
            &["eventType, eventId and data are there"],
        ))
    } else {
        None
    }
}

/// Explains a document that is the body of a request.
pub(super) fn read_document(payload: &[u8], way: &'static str, signs: &[&str]) -> Reading {
    let content_type = match way {
        "a CloudEvent, structured" => "application/cloudevents+json",
        _ => "application/json",
    };
    let mut request = http::Request::new(Bytes::copy_from_slice(payload));
    *request.method_mut() = http::Method::POST;
    let value = http::HeaderValue::from_static(content_type);
    request
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, value);
    let mut reading = read(request, Some(way));
    reading.signs = signs.iter().map(|sign| (*sign).to_owned()).collect();
    reading
}

/// Explains a request.
pub(crate) fn read(delivered: http::Request<Bytes>, way: Option<&'static str>) -> Reading {
    let (found, signs) = by_headers(&delivered);
    let way = way.unwrap_or(found);
    let mut reading = Reading {
        host: HOST,
        source: way.to_owned(),
        known: true,
        signs,
        brings: Brings::Nothing(String::new()),
        note: None,
        changes: Vec::new(),
        outcomes: Vec::new(),
    };
    let signature = match way {
        "a background event" => "event",
        "an HTTP request" => "http",
        _ => "cloudevent",
    };
    let app = match deployed(signature) {
        Ok(app) => app,
        Err(error) => {
            reading.brings = Brings::Nothing(error.to_string());
            return reading;
        }
    };
    match app.decode(delivered) {
        Decoded::Http(http) => {
            let context = http.context().clone();
            reading.brings = Brings::Request(request::shown(*http, &context));
            reading.outcomes = request::outcomes(request::plain);
        }
        Decoded::Events(batch) => events(&mut reading, way, &batch.events, encode_events),
        Decoded::Call(batch) => events(&mut reading, way, &batch.events, encode_call),
        Decoded::Answered(answer) => {
            reading.known = false;
            let (parts, body) = answer.into_parts();
            let body = futures_now(http_body_util::BodyExt::collect(body)).and_then(Result::ok);
            let body = body
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            let text = String::from_utf8_lossy(&body);
            reading.brings =
                Brings::Nothing(format!("it is answered {}: {}", parts.status, text.trim()));
        }
        _ => {
            reading.brings =
                Brings::Nothing("it is of a kind that is not explained yet".to_owned());
        }
    }
    reading
}

fn events(
    reading: &mut Reading,
    way: &str,
    events: &[isobar::Event],
    encode: fn(&[Outcome]) -> isobar::Response,
) {
    let source = effects::on_gcp(way);
    reading.brings = Brings::Events(events.iter().map(portable::event).collect());
    reading.changes = source
        .changes
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    if let Some(first) = events.first() {
        reading.source = format!("{way} ({})", first.ty());
    }
    reading.outcomes = outcomes::all(events.len())
        .into_iter()
        .map(|played| {
            let (parts, body) = encode(&played.outcomes).into_parts();
            let body = futures_now(http_body_util::BodyExt::collect(body)).and_then(Result::ok);
            let body = body
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            let mut answer = json!({"status": parts.status.as_u16()});
            if let (Some(answer), false) = (answer.as_object_mut(), body.is_empty()) {
                answer.insert("body".to_owned(), portable::bytes(&body));
            }
            Told {
                outcome: played.name,
                answer,
                effect: source.effect(played.kind),
            }
        })
        .collect();
}

/// The events of a request.
pub(super) fn events_of(request: http::Request<Bytes>) -> Vec<isobar::Event> {
    match deployed("cloudevent").map(|app| app.decode(request)) {
        Ok(Decoded::Events(batch) | Decoded::Call(batch)) => batch.events,
        _ => Vec::new(),
    }
}

/// A program that takes everything, as it is deployed.
fn deployed(signature: &str) -> Result<Deployed, isobar::RunError> {
    let everything = |_request: isobar::Request| async { "" };
    let app = App::new()
        .http(everything)
        .events(everything)
        .on_invoke(async || {});
    let dispatcher = Dispatcher::new(app);
    // a function takes events on every path
    let variables = [
        ("ISOBAR_EVENTS_AUTH", "iam"),
        ("FUNCTION_TARGET", "function"),
        ("FUNCTION_SIGNATURE_TYPE", signature),
    ];
    Deployed::new(dispatcher, &variables)
}

fn by_headers(request: &http::Request<Bytes>) -> (&'static str, Vec<String>) {
    let headers = request.headers();
    let has = |name: &str| headers.contains_key(name);
    let kind = headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let (way, sign) = if has("x-cloudscheduler") {
        ("Cloud Scheduler", "the header x-cloudscheduler is there")
    } else if has("x-cloudtasks-queuename") || has("x-appengine-queuename") {
        ("Cloud Tasks", "the header x-cloudtasks-queuename is there")
    } else if kind.starts_with("application/cloudevents-batch") {
        (
            "CloudEvents, a batch",
            "the content type begins with application/cloudevents-batch",
        )
    } else if kind.starts_with("application/cloudevents") {
        (
            "a CloudEvent, structured",
            "the content type begins with application/cloudevents",
        )
    } else if has("ce-specversion") && has("ce-type") {
        (
            "a CloudEvent, binary",
            "the headers ce-specversion and ce-type are there",
        )
    } else if has("x-goog-pubsub-message-id") {
        (
            "Pub/Sub push",
            "the header x-goog-pubsub-message-id is there: a push without its wrapper",
        )
    } else {
        let document: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        match way(&document) {
            Some((way, signs)) => {
                return (way, signs.iter().map(|sign| (*sign).to_owned()).collect());
            }
            None => ("an HTTP request", "it is one, and has no sign of an event"),
        }
    };
    (way, vec![sign.to_owned()])
}
