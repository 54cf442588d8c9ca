//! `cosmosDBTrigger`: documents that were made or changed; deletes are not told.
//!
//! Source: <https://learn.microsoft.com/azure/cosmos-db/change-feed-modes>, for the members that
//! Cosmos DB adds.

use isobar_core::{ChangeParts, Error, Event, Operation, Order, Text};

use super::dates;
use super::delivery::Delivery;
use super::messages::elements;
use super::value::Json;

pub(super) const TYPE: &str = "com.microsoft.azure.cosmosdb.write";

/// The changes of one range of keys.
pub(super) const ORDER: Order = Order::Whole;

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let documents = elements(delivery)?.into_iter().enumerate();
    documents
        .map(|(place, document)| event(delivery, place, &document))
        .collect()
}

fn event(delivery: &Delivery<'_>, place: usize, document: &Json) -> Result<Event, Error> {
    let members = { document.members() }
        .ok_or_else(|| delivery.wrong(&format!("[{place}] is no document: an object is wanted")))?;
    let member = |name: &str| {
        let (_, value) = members.iter().find(|(own, _)| own == name)?;
        Some(value)
    };
    let shown = |name: &str| member(name).and_then(Json::shown);
    let sequence = shown("_lsn");
    let version = { sequence.clone() }.or_else(|| shown("_etag"));
    let id = match (shown("id"), version) {
        (Some(id), Some(version)) => Text::from(format!("{id}#{version}")),
        (Some(id), None) => format!("{id}#{}", delivery.id_of(place)).into(),
        _ => delivery.id_of(place),
    };
    let mut parts = ChangeParts::new(delivery.source_name.clone(), Operation::Write);
    parts.keys = member("id").map(|id| format!("{{\"id\":{}}}", id.raw()).into());
    parts.after = Some(document.raw().as_bytes().clone());
    parts.sequence = sequence;
    let time = shown("_ts").and_then(|seconds| dates::of_seconds(seconds.parse().ok()?));
    Ok(delivery
        .event(id, TYPE)
        .subject(shown("id"))
        .time(time)
        .data("application/json", document.raw().as_bytes().clone())
        .native(document.raw().as_bytes().clone())
        .change(parts)
        .build())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoded, failed};
    use isobar_core::{Change, Operation, Order};
    use serde_json::{Value, json};

    const FUNCTION: &str =
        r#"{"type": "cosmosDBTrigger", "name": "d", "databaseName": "db", "containerName": "c"}"#;

    #[test]
    fn each_document_is_a_change_in_order() {
        let list = json!([{"id": "1", "n": 1, "_lsn": 7, "_etag": "\"e\"", "_ts": 1_790_000_000}, {"id": "2"}]);
        for data in [
            list.clone(),
            json!(list.to_string()),
            json!(json!(list.to_string()).to_string()),
        ] {
            let batch = decoded(FUNCTION, &json!({"Data": {"d": data}, "Metadata": {}}));
            assert_eq!((batch.events.len(), batch.order), (2, Order::Whole));
            let change: Change<Value> = Change::of(&batch.events[0]).unwrap().unwrap();
            assert_eq!(
                (change.operation(), change.source_name()),
                (Operation::Write, "f")
            );
            assert_eq!(change.after().unwrap()["n"], 1);
            assert!(change.before().is_none());
            assert_eq!(change.keys().unwrap(), "{\"id\":\"1\"}");
            assert_eq!(change.sequence(), Some("7"));
            let event = change.event();
            assert_eq!(event.time(), Some("2026-09-21T14:13:20Z"));
            assert_eq!(event.dedup_key(), "/dbs/db/colls/c#1#7");
            assert_eq!(batch.events[1].id(), "2#invocation/1");
        }
    }

    #[test]
    fn what_is_no_list_of_documents_is_named() {
        for data in [json!({}), json!("x"), json!([1]), json!("\"[\"")] {
            let error = failed(FUNCTION, &json!({"Data": {"d": data}}));
            assert!(
                error.contains("f (cosmosDBTrigger)") && error.contains("Data.d"),
                "{error}"
            );
        }
    }
}
