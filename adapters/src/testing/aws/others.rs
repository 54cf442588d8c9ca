//! Schedules, an application's own events, and direct invokes.

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, arn};
use crate::testing::wire::{WHEN, due, event, input, numbered};
use crate::testing::{Item, Native, Source};

pub(super) fn schedule(name: &str, items: &[Item]) -> Value {
    let mut events = numbered(items).map(|(id, what)| {
        json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": due(what),
            "region": REGION,
            "resources": [arn("events", &format!("rule/{name}"))],
            "detail": {},
        })
    });
    events.next().unwrap_or_default()
}

pub(super) fn event_bridge(items: &[Item]) -> Value {
    let mut events = numbered(items).map(|(id, what)| {
        let (ty, data) = event(what);
        json!({
            "version": "0",
            "id": id,
            "detail-type": ty,
            "source": "com.example",
            "account": ACCOUNT,
            "time": WHEN,
            "region": REGION,
            "resources": [],
            "detail": data,
        })
    });
    events.next().unwrap_or_default()
}

pub(super) fn invoke(items: &[Item]) -> Option<Native> {
    let input = input(&items.first()?.what).to_vec();
    Some(Native::bytes(Source::LambdaInvoke, input))
}
