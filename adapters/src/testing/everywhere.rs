use isobar_core::{Change, Dispatcher, Event, Handler, Invoke, Kind, Message, Object, Schedule};
use serde_json::Value;

use super::{Delivery, Item, Ran, Source};

/// Runs a handler on every source that delivers such items, and returns what came of each.
///
/// What a source cannot carry is left out of what is compared: see [`Delivery::native`].
///
/// # Panics
///
/// When two hosts made different events of the same item, or took its outcome differently.
pub async fn everywhere(name: &str, item: Item, handler: impl Handler) -> Vec<Ran> {
    let dispatcher = Dispatcher::new(handler);
    let mut all: Vec<Ran> = Vec::new();
    for source in Source::of_kind(item.kind()) {
        let ran = Delivery::new(source, name).item(item.clone());
        let ran = ran.run_on(&dispatcher).await;
        if let Some(first) = all.first() {
            agree(first, &ran);
        }
        all.push(ran);
    }
    all
}

fn agree(one: &Ran, other: &Ran) {
    let view = |ran: &Ran| ran.events.iter().map(seen).collect::<Vec<_>>();
    assert_eq!(
        view(one),
        view(other),
        "{} and {} differ",
        one.source,
        other.source
    );
    let success = (one.is_success(), other.is_success());
    assert_eq!(success.0, success.1, "{one}\n{other}");
}

/// What is portable of an event, whoever delivers it.
fn seen(event: &Event) -> (Kind, String, Vec<u8>) {
    let bytes = match event.kind() {
        Kind::Message => Message::of(event)
            .and_then(Result::ok)
            .map(|message: Message| message.body().0.to_vec()),
        Kind::Object => Object::of(event)
            .map(|o| format!("{} {} {}", o.bucket(), o.key(), o.is_deleted()).into_bytes()),
        Kind::Schedule => Schedule::of(event).map(|schedule| schedule.name().into()),
        Kind::Change => Change::<Value>::of(event)
            .and_then(Result::ok)
            .map(|change| format!("{:?}", change.after().map(own)).into_bytes()),
        Kind::Invoke => Invoke::of(event)
            .and_then(Result::ok)
            .map(|invoke: Invoke| invoke.input().0.to_vec()),
        _ => event.data().map(|data| data.to_vec()),
    };
    let name = match event.kind() {
        // what they are named by, the hosts have not in common
        Kind::Invoke => "",
        Kind::Other => event.ty(),
        _ => event.name(),
    };
    (event.kind(), name.to_owned(), bytes.unwrap_or_default())
}

/// A document without what the database adds to it: members that begin with `_`.
fn own(document: &Value) -> Value {
    let members = document.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| !name.starts_with('_'));
    Value::Object(members.map(|(n, v)| (n.clone(), v.clone())).collect())
}
