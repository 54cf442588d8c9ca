//! What Cloud Run is posted: Pub/Sub, Eventarc, Scheduler, Tasks; and any `CloudEvent`.

mod cloudevents;
mod firestore;
mod pubsub;
mod storage;

use super::wire::{due, input, message, numbered};
use super::{Item, Native, Source};

pub(super) fn native(source: Source, name: &str, items: &[Item]) -> Option<Native> {
    let (id, what) = numbered(items).next()?;
    Some(match source {
        Source::PubSubPush => pubsub::push(name, &id, message(what)),
        Source::PubSubEventarc => pubsub::eventarc(name, &id, message(what)),
        Source::CloudTasks => tasks(name, &id, items),
        Source::CloudStorage => storage::eventarc(name, &id, what),
        Source::CloudStorageNotification => storage::notification(name, &id, what),
        Source::CloudScheduler => Native::bytes(source, "")
            .header("x-cloudscheduler", "true")
            .header("x-cloudscheduler-jobname", name)
            .header("x-cloudscheduler-scheduletime", due(what))
            .header("user-agent", "Google-Cloud-Scheduler"),
        Source::Firestore => firestore::eventarc(name, &id, what),
        Source::Eventarc | Source::CloudEvent => cloudevents::binary(source, &id, what),
        Source::TypedFunction => {
            Native::bytes(source, input(what).to_vec()).header("content-type", "application/json")
        }
        _ => return None,
    })
}

fn tasks(queue: &str, id: &str, items: &[Item]) -> Native {
    let message = items.first().map(|item| message(&item.what));
    let body = message
        .map(|message| message.body.clone())
        .unwrap_or_default();
    let before = message.map_or(0, |message| message.delivery_count.saturating_sub(1));
    Native::bytes(Source::CloudTasks, body)
        .header("x-cloudtasks-queuename", queue)
        .header("x-cloudtasks-taskname", id)
        .header("x-cloudtasks-taskretrycount", &before.to_string())
        .header("x-cloudtasks-taskexecutioncount", &before.to_string())
        .header("x-cloudtasks-tasketa", &super::wire::SECONDS.to_string())
        .header("user-agent", "Google-Cloud-Tasks")
}
