//! Events on the developer's own machine: CloudEvents, and by a path that says kind and name
//! (`POST /events/message/orders`) any kind, of anything that `curl` can send.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use isobar_core::{
    Batch, ChangeParts, Context, Event, HeaderMap, MessageParts, ObjectParts, Operation, Order,
    ScheduleParts, Text,
};

use crate::cloudevents::endpoint::segment;
use crate::cloudevents::json::Members;
use crate::cloudevents::{self, CloudEvent, Delivery, Malformed, Mode, Payload, time};
use crate::config::Environment;
use crate::names::Names;
use crate::{RunError, concurrency};

/// What the environment says of events.
#[derive(Debug)]
pub(super) struct Rules {
    names: Names,
    limit: usize,
}

impl Rules {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        Ok(Self {
            names: Names::read(environment)?,
            limit: concurrency::limit(environment, None)?,
        })
    }
}

/// Reads what was sent; `rest` is what stands behind the events path.
pub(super) fn decode(
    rules: &Rules,
    headers: &HeaderMap,
    rest: &str,
    body: &Bytes,
) -> Result<Delivery, Malformed> {
    let place = rest
        .split_once('/')
        .map(|(kind, name)| (kind, segment(name)));
    let of = |event| match &place {
        Some((kind, name)) => view(rules, &event, kind, name),
        None => Ok(event.other(|name| rules.names.logical(name))),
    };
    let events: Vec<_> = match Mode::of(headers)? {
        Some(Mode::Batch) => cloudevents::batch(body)?
            .into_iter()
            .map(of)
            .collect::<Result<_, _>>()?,
        Some(Mode::Structured) => vec![of(cloudevents::structured(body)?)?],
        Some(Mode::Binary) => vec![of(cloudevents::binary(headers, body)?)?],
        None if place.is_some() => vec![of(plain(rest, headers, body))?],
        None => return Err(cloudevents::missing(headers).unwrap_or_else(unknown)),
    };
    let mut batch = Batch::new(events);
    batch.limit = rules.limit;
    batch.order = Order::PerKey;
    Ok(match place {
        Some(("invoke", _)) => Delivery::Call(batch),
        _ => Delivery::Events(batch),
    })
}

/// A request that says nothing of itself: a new event each time.
fn plain(rest: &str, headers: &HeaderMap, body: &Bytes) -> CloudEvent {
    let media_type = headers.get("content-type").and_then(|ty| ty.to_str().ok());
    // What curl says of any data.
    let media_type = media_type.filter(|ty| *ty != "application/x-www-form-urlencoded");
    let kind = rest.split('/').next().unwrap_or_default();
    CloudEvent {
        id: Context::default().request_id().into(),
        source: format!("/local/{rest}").into(),
        ty: format!("local.{kind}").into(),
        time: now().map(Text::from),
        data_content_type: media_type.map(Text::from),
        data: (!body.is_empty()).then(|| body.clone()),
        native: body.clone(),
        ..CloudEvent::default()
    }
}

fn now() -> Option<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(since.as_secs()).ok()?;
    time::rfc3339(seconds, since.subsec_millis() * 1_000_000)
}

fn view(rules: &Rules, event: &CloudEvent, kind: &str, name: &str) -> Result<Event, Malformed> {
    let own = Text::from(name);
    let builder = event.whole(rules.names.logical(&own));
    let builder = match kind {
        "message" => builder.message(message(event, own)),
        "object" => builder.object(object(event, own)?),
        "schedule" => {
            let mut parts = ScheduleParts::default();
            parts.name = own;
            parts.due.clone_from(&event.time);
            builder.schedule(parts)
        }
        "change" => builder.change(change(event, own)?),
        "invoke" => builder.invoke(),
        "other" => builder,
        _ => return Err(unknown()),
    };
    Ok(builder.build())
}

/// Extensions are the attributes; `partitionkey` keeps an order, as CloudEvents has it.
fn message(event: &CloudEvent, name: Text) -> MessageParts {
    let mut parts = MessageParts::default();
    parts.source_name = name;
    parts.ordering_key = event.extension("partitionkey").cloned();
    parts.attributes.clone_from(&event.extensions);
    parts.sent.clone_from(&event.time);
    parts
}

/// `{"key":"a/b.txt","size":3,"etag":"..","version":"..","deleted":false}`.
fn object(event: &CloudEvent, bucket: Text) -> Result<ObjectParts, Malformed> {
    let payload = event.data.as_ref().and_then(Payload::of);
    let members = payload.as_ref().and_then(|p| Members::of(p.as_str()));
    let members = members.unwrap_or_default();
    let text = |names: &[&str]| members.any_text(names).map(|text| text.as_ref().into());
    let mut parts = ObjectParts::default();
    parts.bucket = bucket;
    parts.key = { text(&["key", "name"]).or_else(|| event.subject.clone()) }.ok_or_else(|| {
        let problem = "is missing in the data, such as {\"key\":\"a.txt\",\"size\":3}";
        Malformed::new("object", "key", problem)
    })?;
    parts.size = members.number("size");
    parts.etag = text(&["etag"]);
    parts.version = text(&["version", "generation"]);
    parts.deleted = members.get("deleted") == Some("true");
    Ok(parts)
}

/// `{"operation":"update","keys":{..},"before":{..},"after":{..}}`.
fn change(event: &CloudEvent, name: Text) -> Result<ChangeParts, Malformed> {
    let malformed = |field, problem| Malformed::new("change", field, problem);
    let payload = event.data.as_ref().and_then(Payload::of);
    let payload = payload.ok_or_else(|| malformed("data", "is missing"))?;
    let members = Members::of(payload.as_str());
    let members = members.ok_or_else(|| malformed("data", "is no JSON object"))?;
    let document = |name| {
        members
            .get(name)
            .map(|text| payload.bytes(Cow::Borrowed(text)))
    };
    let (before, after) = (document("before"), document("after"));
    let operation = match (members.text("operation").as_deref(), &before, &after) {
        (Some("insert"), ..) | (None, None, Some(_)) => Operation::Insert,
        (Some("update"), ..) | (None, Some(_), Some(_)) => Operation::Update,
        (Some("delete"), ..) | (None, Some(_), None) => Operation::Delete,
        (Some("write") | None, ..) => Operation::Write,
        _ => {
            return Err(malformed(
                "operation",
                "can be insert, update, delete or write",
            ));
        }
    };
    let mut parts = ChangeParts::new(name, operation);
    (parts.before, parts.after, parts.keys) = (before, after, document("keys"));
    Ok(parts)
}

fn unknown() -> Malformed {
    Malformed::new(
        "event",
        "request",
        "is no CloudEvent, and its path names none; send CloudEvents, or say kind and name behind \
         the events path, such as message/orders, object/uploads, schedule/nightly, change/users, \
         invoke/quote or other/any",
    )
}

#[cfg(test)]
mod tests {
    use isobar_core::{Change, Kind, Message, Object, Raw, Schedule};

    use super::*;

    fn read(headers: &[(&'static str, &str)], rest: &str, body: &str) -> Result<Event, String> {
        let rules = Rules::new(&Environment::of([("ISOBAR_NAMES", "orders=q")])).unwrap();
        let pair = |(name, value): &(&'static str, &str)| {
            (
                isobar_core::HeaderName::from_static(name),
                value.parse().unwrap(),
            )
        };
        let headers = headers.iter().map(pair).collect();
        let read = decode(
            &rules,
            &headers,
            rest,
            &Bytes::copy_from_slice(body.as_bytes()),
        );
        let (mut batch, _) = read.map_err(|e| e.to_string())?.open();
        Ok(batch.events.remove(0))
    }

    #[test]
    fn a_path_says_kind_and_name_and_the_body_is_anything() {
        let event = read(
            &[("content-type", "application/x-www-form-urlencoded")],
            "message/q",
            "{}",
        );
        let event = event.unwrap();
        assert_eq!((event.name(), event.data_content_type()), ("orders", None));
        let message = Message::<Raw>::of(&event).unwrap().unwrap();
        assert_eq!(
            (message.source_name(), &message.body().0[..]),
            ("q", &b"{}"[..])
        );
        let again = read(&[], "message/q", "{}").unwrap();
        assert_ne!(again.dedup_key(), event.dedup_key());

        let object = read(
            &[],
            "object/uploads",
            r#"{"key":"a/b.txt","size":3,"deleted":true}"#,
        )
        .unwrap();
        let object = Object::of(&object).unwrap();
        assert_eq!(
            (object.bucket(), object.key(), object.size()),
            ("uploads", "a/b.txt", Some(3))
        );
        assert!(object.is_deleted());

        let schedule = read(&[], "schedule/nightly", "").unwrap();
        let schedule = Schedule::of(&schedule).unwrap();
        assert!(schedule.name() == "nightly" && schedule.due().is_some());

        let change = read(&[], "change/users", r#"{"before":{"a":1},"after":null}"#).unwrap();
        let change = Change::<Raw>::of(&change).unwrap().unwrap();
        assert_eq!(change.operation(), Operation::Delete);
        assert_eq!(change.before().unwrap().0, r#"{"a":1}"#);
        assert_eq!(read(&[], "invoke/x", "1").unwrap().kind(), Kind::Invoke);
        assert_eq!(read(&[], "other/a%20b", "1").unwrap().name(), "a b");
    }

    #[test]
    fn a_cloudevent_keeps_its_attributes() {
        let headers = [
            ("ce-specversion", "1.0"),
            ("ce-id", "e1"),
            ("ce-source", "/shop"),
            ("ce-type", "t"),
            ("ce-partitionkey", "k"),
        ];
        let event = read(&headers, "message/orders", "hi").unwrap();
        assert_eq!(
            (event.id(), event.ty(), event.source()),
            ("e1", "t", "/shop")
        );
        let message = Message::<Raw>::of(&event).unwrap().unwrap();
        assert_eq!(message.ordering_key(), Some("k"));
        let other = read(&headers, "", "hi").unwrap();
        assert_eq!((other.kind(), other.name()), (Kind::Other, "shop"));
    }

    #[test]
    fn what_nothing_names_is_refused() {
        for (rest, body, wanted) in [
            ("", "{}", "message/orders"),
            ("topic/orders", "{}", "message/orders"),
            ("object/uploads", "{}", "object: key: is missing"),
            ("change/users", "[]", "change: data: is no JSON object"),
            ("change/users", r#"{"operation":"x"}"#, "change: operation"),
        ] {
            let error = read(&[], rest, body).unwrap_err();
            assert!(error.contains(wanted), "{rest}: {error}");
        }
        let error = read(&[("ce-id", "1")], "", "{}").unwrap_err();
        assert!(error.contains("ce-specversion"), "{error}");
    }
}
