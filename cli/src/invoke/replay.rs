//! What was recorded, sent again: on its own host as it came, on another by its portable parts.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar::Kind as EventKind;
use isobar::testing::{Item, Source};
use isobar_inspector::{Fixture, Portable, Record, Request};
use serde_json::Value;

use super::Sent;
use super::target::{of_items, of_native};
use crate::dev::{HttpOrder, Order};
use crate::fail::{Failure, Kind, Result, cause};
use crate::project::Project;

/// Opens a file that the inspector has saved.
///
/// # Errors
///
/// When it cannot be read, or is none.
pub(super) fn open(file: &Path) -> Result<Record> {
    let place = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(cause(Kind::Usage, format!("cannot read {place}")))?;
    let fixture = Fixture::parse(&text)
        .map_err(|error| Failure::new(Kind::Usage, format!("{place}: {error}")))?;
    Ok(fixture.into_record())
}

/// What is to be sent, where a host is played; several things where a batch goes to a host that
/// delivers one at a time.
///
/// # Errors
///
/// When the host has no trigger of this kind.
pub(crate) fn replayed(project: &Project, host: &str, record: &Record) -> Result<Vec<Sent>> {
    match &record.portable {
        Portable::Request(request) if host != record.host || is_as_sent(record) => {
            Ok(vec![of_request(request)])
        }
        Portable::Events(items) if host != record.host => of_events(project, host, items),
        _ => Ok(vec![as_it_came(record)]),
    }
}

/// A request that reached the program as the HTTP that it is: its host adds its own headers again.
fn is_as_sent(record: &Record) -> bool {
    let target = record.native_in.target();
    let is_invocation = record.native_in.body.bytes().starts_with(b"{\"Data\"");
    target.is_some() && !(record.host == "azure" && is_invocation)
}

fn as_it_came(record: &Record) -> Sent {
    let native = &record.native_in;
    let path = native.target().map_or("/", |(_, target)| target);
    let headers = clients_own(&native.headers);
    let title = format!("{} {}, as it came", record.host, record.trigger);
    of_native(title, path, headers, native.body.bytes())
}

/// A client's request.
pub(crate) fn of_request(request: &Request) -> Sent {
    let target = request
        .uri
        .split_once("://")
        .map_or(&*request.uri, |(_, rest)| {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
        });
    Sent {
        title: format!("{} {target}", request.method),
        explained: None,
        order: Order::Http(HttpOrder {
            method: request.method.clone(),
            target: target.to_owned(),
            headers: clients_own(&request.headers),
            body: BASE64_STANDARD.encode(request.body.bytes()),
        }),
    }
}

/// Headers without those that hosts and connections write.
fn clients_own(headers: &[(String, String)]) -> Vec<(String, String)> {
    const HOSTS_OWN: [&str; 12] = [
        "host",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "upgrade",
        "content-length",
        "forwarded",
        "traceparent",
        "tracestate",
        "x-cloud-trace-context",
        "x-ms-invocation-id",
    ];
    const PREFIXES: [&str; 5] = [
        "x-forwarded-",
        "x-azure-functions-",
        "x-amzn-",
        "lambda-runtime-",
        "x-waws-",
    ];
    let is_hosts_own = |name: &str| {
        HOSTS_OWN.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let own = headers.iter().filter(|(name, _)| !is_hosts_own(name));
    own.cloned().collect()
}

fn of_events(project: &Project, host: &str, items: &[isobar_inspector::Item]) -> Result<Vec<Sent>> {
    let Some(first) = items.first() else {
        return Err(Failure::new(Kind::Usage, "there is no event in it"));
    };
    let kind = word(first, "kind");
    let source = source(host, &kind).ok_or_else(|| {
        let message = format!("{host} has no trigger of the kind {kind}");
        Failure::new(Kind::Usage, message).help("replay it on another host")
    })?;
    let name = word(first, "name");
    let made: Vec<_> = items.iter().map(item).collect();
    let together = if source.takes_batches() && host != "local" {
        vec![made]
    } else {
        made.into_iter().map(|item| vec![item]).collect()
    };
    let sent = together
        .into_iter()
        .map(|items| of_items(project, host, source, (&name, items)));
    sent.collect()
}

/// The trigger by which a host delivers events of a kind, the plainest one.
pub(crate) fn source(host: &str, kind: &str) -> Option<Source> {
    let plain = |source: &Source| {
        let is_of_kind = source.kind().as_str() == kind;
        // a machine that is no cloud takes any of them, as a CloudEvent
        let is_of_host = host == "local" || source.provider().to_string() == host;
        is_of_kind && is_of_host
    };
    Source::ALL.iter().copied().find(plain)
}

/// The portable parts, for another host's form.
fn item(item: &isobar_inspector::Item) -> Item {
    let data = item.data.as_ref().map(|data| data.bytes().clone());
    let of = |name: &str| item.view.get(name).cloned().unwrap_or_default();
    let made = match word(item, "kind").as_str() {
        "message" => message(item),
        "object" => {
            let object = Item::object(word(item, "key"));
            let object = match of("size").as_u64() {
                Some(size) => object.size(size),
                None => object,
            };
            if item.view.contains_key("deleted") {
                object.gone()
            } else {
                object
            }
        }
        "schedule" => match word(item, "due") {
            due if due.is_empty() => Item::schedule(),
            due => Item::schedule().due(due),
        },
        "change" => changed(item),
        "invoke" => Item::invoke(data.unwrap_or_default()),
        _ => {
            let data = serde_json::from_slice(&data.unwrap_or_default()).unwrap_or_default();
            Item::event(word(item, "type"), data)
        }
    };
    match word(item, "id") {
        id if id.is_empty() => made,
        id => made.id(id),
    }
}

fn message(item: &isobar_inspector::Item) -> Item {
    let data = item.data.as_ref().map(|data| data.bytes().clone());
    let mut made = Item::message(data.unwrap_or_default());
    let attributes = item.view.get("attributes").and_then(Value::as_object);
    for (name, value) in attributes.into_iter().flatten() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        made = made.attribute(name, value);
    }
    if let Some(key) = item.view.get("ordering_key").and_then(Value::as_str) {
        made = made.ordering_key(key);
    }
    let count = item.view.get("delivery_count").and_then(Value::as_u64);
    match count.and_then(|count| u32::try_from(count).ok()) {
        Some(count) => made.delivery_count(count),
        None => made,
    }
}

fn changed(item: &isobar_inspector::Item) -> Item {
    let of = |name: &str| item.view.get(name).cloned().unwrap_or_default();
    let keys = of("keys");
    let first = keys.as_object().and_then(|keys| keys.values().next());
    let key = first.cloned().unwrap_or_else(|| "1".into());
    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    match (word(item, "operation").as_str(), of("before"), of("after")) {
        ("delete", before, _) => Item::deleted(key, before),
        ("update", before, after) if !before.is_null() => Item::updated(key, before, after),
        (_, _, after) => Item::inserted(key, after),
    }
}

fn word(item: &isobar_inspector::Item, name: &str) -> String {
    let word = item.view.get(name).and_then(Value::as_str);
    word.unwrap_or_default().to_owned()
}

/// The kinds of events that samples are there for.
pub(crate) const KINDS: [EventKind; 6] = [
    EventKind::Message,
    EventKind::Object,
    EventKind::Schedule,
    EventKind::Change,
    EventKind::Invoke,
    EventKind::Other,
];

#[cfg(test)]
mod tests {
    use super::*;
    use isobar_inspector::{Blob, Native};

    #[test]
    fn every_kind_of_every_host_has_a_trigger_but_calls_on_azure() {
        for host in ["aws", "azure", "gcp", "local"] {
            for kind in KINDS {
                let found = source(host, kind.as_str());
                let is_missing = (host, kind) == ("azure", EventKind::Invoke);
                assert_eq!(found.is_none(), is_missing, "{host} {kind}");
            }
        }
    }

    #[test]
    fn what_hosts_add_is_not_sent_again() {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let headers = [
            ("host", "x"),
            ("x-forwarded-for", "1"),
            ("x-azure-functions-invocationid", "1"),
            ("content-type", "a/b"),
            ("ce-id", "7"),
        ];
        let record = Record {
            host: "gcp".to_owned(),
            native_in: Native {
                line: "POST /events HTTP/1.1".to_owned(),
                headers: headers.map(pair).into(),
                body: Blob::of(b"x"),
            },
            portable: Portable::Events(Vec::new()),
            ..Record::default()
        };
        let Order::Event(order) = as_it_came(&record).order else {
            panic!("an event is wanted")
        };
        assert_eq!(order.path, "/events");
        let names: Vec<_> = order
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["content-type", "ce-id"]);
    }
}
