//! What an invocation's span is called and says.
//!
//! Source: <https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/>, `/http/http-spans/` and
//! `/messaging/messaging-spans/`. Of a request's query, headers and body a span says nothing: they may
//! be secret.

use std::borrow::Cow;

use http::Method;
use isobar_core::{Context, Event, Kind, Message, Object, Raw, Request, Schedule};
use opentelemetry::KeyValue;

use super::queue::INVOCATION_ID;

/// A span as it begins.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: &'static str,
    pub(super) attributes: Vec<KeyValue>,
}

/// The span of a request.
pub(super) fn of_request(context: &Context, request: &Request) -> Begun {
    let method = known(request.method());
    let mut attributes = common(context, "http");
    attributes.push(KeyValue::new(
        "http.request.method",
        method.unwrap_or("_OTHER"),
    ));
    if method.is_none() {
        let original = request.method().as_str().to_owned();
        attributes.push(KeyValue::new("http.request.method_original", original));
    }
    let uri = request.uri();
    attributes.push(KeyValue::new("url.path", uri.path().to_owned()));
    if let Some(scheme) = uri.scheme_str() {
        attributes.push(KeyValue::new("url.scheme", scheme.to_owned()));
    }
    if let Some(host) = uri.host() {
        attributes.push(KeyValue::new("server.address", host.to_owned()));
    }
    Begun {
        name: method.unwrap_or("HTTP").into(),
        kind: "server",
        attributes,
    }
}

/// The methods that the convention knows: another is anybody's word, and no name for a span.
fn known(method: &Method) -> Option<&'static str> {
    const KNOWN: [&str; 9] = [
        "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ];
    KNOWN.into_iter().find(|known| method.as_str() == *known)
}

/// The span of a batch; its events are of one source.
pub(super) fn of_events(context: &Context, events: &[Event]) -> Begun {
    let first = events.first();
    let kind = first.map(Event::kind);
    let mut attributes = common(context, trigger(kind.map_or("event", Kind::as_str)));
    if let Some(first) = first {
        describe(first, events.len(), &mut attributes);
    }
    let name = first.map(Event::name).unwrap_or_default();
    Begun {
        name: format!("process {name}").into(),
        kind: "consumer",
        attributes,
    }
}

/// The convention's word for a trigger, by that of the access line.
pub(super) fn trigger(name: &str) -> &'static str {
    match name {
        "http" => "http",
        "message" => "pubsub",
        "object" | "change" => "datasource",
        "schedule" => "timer",
        _ => "other",
    }
}

fn common(context: &Context, trigger: &'static str) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(16);
    attributes.extend([
        KeyValue::new("faas.trigger", trigger),
        KeyValue::new("faas.coldstart", context.cold_start()),
        KeyValue::new(INVOCATION_ID, context.request_id().to_owned()),
    ]);
    attributes
}

fn describe(event: &Event, count: usize, attributes: &mut Vec<KeyValue>) {
    let mut add = |key: &'static str, value: &str| {
        if !value.is_empty() {
            attributes.push(KeyValue::new(key, value.to_owned()));
        }
    };
    add("cloudevents.event_type", event.ty());
    if let Some(Ok(message)) = Message::<Raw>::of(event) {
        add("messaging.system", system(event));
        add("messaging.operation.name", "process");
        add("messaging.operation.type", "process");
        add("messaging.destination.name", message.source_name());
        if count == 1 {
            add("messaging.message.id", message.id());
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        attributes.push(KeyValue::new("messaging.batch.message_count", count));
    } else if let Some(object) = Object::of(event) {
        add("faas.document.collection", object.bucket());
        add("faas.document.name", object.key());
        let operation = if object.is_deleted() {
            "delete"
        } else {
            "insert"
        };
        add("faas.document.operation", operation);
    } else if let Some(due) = Schedule::of(event).and_then(|s| s.due().map(str::to_owned)) {
        add("faas.time", &due);
    }
}

/// The convention's word for what a message came by, by the type that adapters give its event.
fn system(event: &Event) -> &'static str {
    const SYSTEMS: [(&str, &str); 10] = [
        ("com.amazonaws.sqs.", "aws_sqs"),
        ("com.amazonaws.sns.", "aws.sns"),
        ("com.amazonaws.kinesis.", "aws_kinesis"),
        ("com.amazonaws.kafka.", "kafka"),
        ("com.amazonaws.mq.", "amazon_mq"),
        ("com.microsoft.azure.servicebus.", "servicebus"),
        ("com.microsoft.azure.eventhubs.", "eventhubs"),
        ("org.apache.kafka.", "kafka"),
        ("google.cloud.pubsub.", "gcp_pubsub"),
        ("google.cloud.tasks.", "gcp_tasks"),
    ];
    let known = SYSTEMS.iter().find(|(of, _)| event.ty().starts_with(of));
    known.map_or("", |(_, system)| system)
}

#[cfg(test)]
mod tests {
    use isobar_core::{Body, MessageParts, ObjectParts, ScheduleParts};

    use super::*;

    fn get(begun: &Begun, key: &str) -> Option<String> {
        let found = begun.attributes.iter().find(|of| of.key.as_str() == key);
        found.map(|of| of.value.to_string())
    }

    #[test]
    fn a_method_that_nobody_knows_names_no_span() {
        let context = Context::default();
        let request = http::Request::builder().method("BREW").uri("/pot?x=s3cret");
        let begun = of_request(&context, &request.body(Body::empty()).unwrap());
        assert_eq!((&*begun.name, begun.kind), ("HTTP", "server"));
        for (key, wanted) in [
            ("http.request.method", "_OTHER"),
            ("http.request.method_original", "BREW"),
            ("url.path", "/pot"),
            ("faas.trigger", "http"),
        ] {
            assert_eq!(get(&begun, key).as_deref(), Some(wanted), "{key}");
        }
        assert_eq!(get(&begun, "url.query"), None);
    }

    #[test]
    fn each_kind_of_event_has_what_the_convention_has_for_it() {
        let event = |ty: &'static str| Event::builder("orders", "17", "x", ty);
        let mut object = ObjectParts::default();
        (object.bucket, object.key) = ("photos".into(), "a b".into());
        object.deleted = true;
        let mut due = ScheduleParts::default();
        due.due = Some("2026-10-09T17:58:31Z".into());
        let mut message = MessageParts::default();
        message.source_name = "orders-q".into();
        let service_bus = event("com.microsoft.azure.servicebus.message").message(message);
        for (event, wanted) in [
            (service_bus.build(), ["pubsub", "servicebus", "", "", ""]),
            (
                event("s3").object(object).build(),
                ["datasource", "", "photos", "delete", ""],
            ),
            (
                event("t").schedule(due).build(),
                ["timer", "", "", "", "2026-10-09T17:58:31Z"],
            ),
            (event("else").build(), ["other", "", "", "", ""]),
        ] {
            let begun = of_events(&Context::default(), &[event]);
            assert_eq!((&*begun.name, begun.kind), ("process orders", "consumer"));
            let said = [
                "faas.trigger",
                "messaging.system",
                "faas.document.collection",
                "faas.document.operation",
                "faas.time",
            ]
            .map(|key| get(&begun, key).unwrap_or_default());
            assert_eq!(said, wanted);
        }
    }
}
