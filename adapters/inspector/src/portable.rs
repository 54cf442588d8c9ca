//! What a handler sees of a request or an event, in words and JSON that can be shown.

use isobar_core::{
    Change, Context, Error, Event, HeaderMap, Kind, Message, Object, Outcome as CoreOutcome, Raw,
    Schedule,
};
use serde_json::{Map, Value};

use crate::{Blob, Failure, Item, Outcome};

/// Returns all of an event but its data, by what its kind has.
pub fn view(event: &Event) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            shown.insert(name.to_owned(), value);
        }
    };
    put("kind", event.kind().as_str().into());
    put("name", event.name().into());
    put("id", event.id().into());
    put("type", event.ty().into());
    put("source", event.source().into());
    put("subject", event.subject().into());
    put("time", event.time().into());
    match event.kind() {
        Kind::Message => message(event, &mut put),
        Kind::Object => object(event, &mut put),
        Kind::Schedule => {
            let schedule = Schedule::of(event);
            let due = schedule.and_then(|schedule| schedule.due().map(str::to_owned));
            put("due", due.into());
        }
        Kind::Change => change(event, &mut put),
        _ => {}
    }
    shown
}

fn message(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(Ok(message)) = Message::<Raw>::of(event) else {
        return;
    };
    let attributes: Map<_, _> = message
        .attributes()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if !attributes.is_empty() {
        put("attributes", attributes.into());
    }
    put("ordering_key", message.ordering_key().into());
    put("delivery_count", message.delivery_count().into());
    put("sent", message.sent().into());
}

fn object(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(object) = Object::of(event) else {
        return;
    };
    put("bucket", object.bucket().into());
    put("key", object.key().into());
    put("size", object.size().into());
    put("etag", object.etag().into());
    put("version", object.version().into());
    if object.is_deleted() {
        put("deleted", true.into());
    }
}

fn change(event: &Event, put: &mut impl FnMut(&str, Value)) {
    let Some(Ok(change)) = Change::<Value>::of(event) else {
        return;
    };
    put("operation", change.operation().as_str().into());
    put("before", change.before().cloned().unwrap_or_default());
    put("after", change.after().cloned().unwrap_or_default());
    let keys = change
        .keys()
        .and_then(|keys| serde_json::from_slice(keys).ok());
    put("keys", keys.unwrap_or_default());
}

/// Returns headers in their order; what is no text of a value is shown as well as it can be.
pub fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    headers.iter().map(pair).collect()
}

/// Returns what a context says, without what it does not.
pub fn context(context: &Context) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            shown.insert(name.to_owned(), value.into());
        }
    };
    put("request_id", Some(context.request_id().to_owned()));
    put("function", Some(context.function().name().to_owned()));
    put("client_ip", context.client_ip().map(|ip| ip.to_string()));
    let identity = context
        .identity()
        .map(|identity| identity.subject().to_owned());
    put("identity", identity);
    put("tenant", context.tenant().map(str::to_owned));
    put("stage", context.stage().map(str::to_owned));
    put("root_path", Some(context.root_path().to_owned()));
    let trace = context.trace().map(|trace| trace.traceparent().to_owned());
    put("traceparent", trace);
    let left = context
        .time_left()
        .map(|left| format!("{:.3} s", left.as_secs_f64()));
    put("time_left", left);
    put(
        "cold_start",
        context.cold_start().then(|| "true".to_owned()),
    );
    shown
}

pub(crate) fn item(event: &Event) -> Item {
    // a change's data is in its view
    let has_data = event.kind() != Kind::Change;
    Item {
        view: view(event),
        data: event.data().filter(|_| has_data).map(|data| Blob::of(data)),
        outcome: None,
    }
}

pub(crate) fn outcome(outcome: &CoreOutcome) -> Outcome {
    let failed = |what: &str, error: &Error| Outcome {
        what: what.to_owned(),
        result: None,
        error: Some(failure(error)),
    };
    match outcome {
        CoreOutcome::Done(reply) => Outcome {
            what: "done".to_owned(),
            result: reply.result().map(|result| Blob::of(result)),
            error: None,
        },
        CoreOutcome::Retry(error) => failed("again", error),
        CoreOutcome::Dropped(error) => failed("dropped", error),
        _ => Outcome {
            what: "not tried".to_owned(),
            ..Outcome::default()
        },
    }
}

pub(crate) fn failure(error: &Error) -> Failure {
    let told = error.to_string();
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // what repeats its cause has said it
        if !causes.last().unwrap_or(&told).ends_with(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    let place = error.location();
    Failure {
        told,
        causes,
        place: format!("{}:{}", place.file(), place.line()),
        permanent: error.is_permanent(),
        backtrace: error.backtrace().map(ToString::to_string),
    }
}
