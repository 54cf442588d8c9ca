//! `sqlTrigger`: rows that were made, changed or deleted.
//!
//! Source: `SqlChange.cs` and `SqlChangeOperation.cs` of azure-functions-sql-extension.

use isobar_core::{ChangeParts, Error, Event, Operation, Order};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::delivery::Delivery;
use super::messages::elements;
use super::value::Json;

/// The changes of a table, by their versions.
pub(super) const ORDER: Order = Order::Whole;

/// Returns the type of events, such as `com.microsoft.azure.sql.insert`.
pub(super) fn ty(operation: Operation) -> String {
    format!("com.microsoft.azure.sql.{operation}")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'r> {
    #[serde(borrow)]
    operation: &'r RawValue,
    item: &'r RawValue,
}

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let rows = elements(delivery)?.into_iter().enumerate();
    rows.map(|(place, row)| event(delivery, place, &row))
        .collect()
}

fn event(delivery: &Delivery<'_>, place: usize, row: &Json) -> Result<Event, Error> {
    let wrong = |problem: &dyn std::fmt::Display| delivery.wrong(&format!("[{place}]: {problem}"));
    let Row { operation, item } = serde_json::from_str(row.raw()).map_err(|error| wrong(&error))?;
    let operation = self::operation(operation.get())
        .ok_or_else(|| wrong(&format!("Operation is {operation}, not 0, 1 or 2")))?;
    let item = Json::within(row.raw(), item);
    if !item.is_object() {
        return Err(wrong(&"Item is wanted, an object"));
    }
    let bytes = item.raw().as_bytes().clone();
    let mut parts = ChangeParts::new(delivery.source_name.clone(), operation);
    // of a row that is gone only the keys are there
    match operation {
        Operation::Delete => parts.keys = Some(bytes),
        _ => parts.after = Some(bytes),
    }
    Ok(delivery
        .event(delivery.id_of(place), ty(operation))
        .data("application/json", row.raw().as_bytes().clone())
        .native(row.raw().as_bytes().clone())
        .change(parts)
        .build())
}

/// A number, or the word that other writers of the same type use.
fn operation(json: &str) -> Option<Operation> {
    match json.trim_matches('"').to_ascii_lowercase().as_str() {
        "0" | "insert" => Some(Operation::Insert),
        "1" | "update" => Some(Operation::Update),
        "2" | "delete" => Some(Operation::Delete),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoded, failed};
    use isobar_core::{Change, Event, Operation};
    use serde_json::{Value, json};

    const FUNCTION: &str = r#"{"type": "sqlTrigger", "name": "c", "tableName": "dbo.T"}"#;

    #[test]
    fn a_row_is_a_change_and_of_a_deleted_one_only_the_keys_are_known() {
        let list = json!([{"Operation": 0, "Item": {"Id": 1, "n": 1.50}}, {"Operation": 1, "Item": {"Id": 1}}, {"Operation": 2, "Item": {"Id": 1}}]);
        let data = json!(list.to_string()).to_string();
        let batch = decoded(FUNCTION, &json!({"Data": {"c": data}, "Metadata": {}}));
        let change = |event: &Event| -> Change<Value> { Change::of(event).unwrap().unwrap() };
        let changes: Vec<_> = batch.events.iter().map(change).collect();
        let operations: Vec<_> = changes.iter().map(Change::operation).collect();
        assert_eq!(
            operations,
            [Operation::Insert, Operation::Update, Operation::Delete]
        );
        assert_eq!(changes[0].after().unwrap()["Id"], 1);
        assert_eq!(
            (changes[2].after(), changes[2].keys().unwrap()),
            (None, &"{\"Id\":1}".into())
        );
        assert_eq!(batch.events[2].ty(), "com.microsoft.azure.sql.delete");
    }

    #[test]
    fn what_is_no_list_of_rows_is_named() {
        for data in [
            json!("x"),
            json!([1]),
            json!([{"Operation": 3, "Item": {}}]),
            json!([{"Operation": 0, "Item": 1}]),
            json!([{"Item": {}}]),
        ] {
            let error = failed(FUNCTION, &json!({"Data": {"c": data}}));
            assert!(
                error.contains("f (sqlTrigger)") && error.contains("Data.c"),
                "{error}"
            );
        }
    }
}
