use isobar_core::Operation;
use serde_json::{Map, Value, json};

use super::cloudevents::head;
use crate::testing::item::What;
use crate::testing::wire::{WHEN, change};
use crate::testing::{Native, Source};

/// A document's event in the JSON form that Eventarc can be told to send.
pub(super) fn eventarc(collection: &str, id: &str, what: &What) -> Native {
    let change = change(what);
    let happened = match change.operation {
        Operation::Insert => "created",
        Operation::Delete => "deleted",
        _ => "updated",
    };
    let ty = format!("google.cloud.firestore.document.v1.{happened}");
    let path = format!("{collection}/{}", change.key);
    let database = "projects/project/databases/(default)";
    let document = |document: &Value| {
        json!({
            "name": format!("{database}/documents/{path}"),
            "fields": fields(document),
            "createTime": WHEN,
            "updateTime": WHEN,
        })
    };
    let mut data = json!({});
    for (name, image) in [("oldValue", &change.before), ("value", &change.after)] {
        if let Some(image) = image {
            data[name] = document(image);
        }
    }
    let native = Native::json(Source::Firestore, &data);
    head(
        native,
        id,
        &ty,
        &format!("//firestore.googleapis.com/{database}"),
    )
    .header("ce-subject", &format!("documents/{path}"))
    .header("ce-project", "project")
    .header("ce-database", "(default)")
    .header("ce-namespace", "(default)")
    .header("ce-document", &path)
}

/// A document as fields: each value beside the name of its type.
fn fields(document: &Value) -> Value {
    let members = document.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| (name.clone(), field(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn field(value: &Value) -> Value {
    match value {
        Value::Null => json!({"nullValue": null}),
        Value::Bool(value) => json!({"booleanValue": value}),
        Value::Number(number) if number.is_f64() => json!({"doubleValue": number}),
        Value::Number(number) => json!({"integerValue": number.to_string()}),
        Value::String(text) => json!({"stringValue": text}),
        Value::Array(values) => {
            json!({"arrayValue": {"values": values.iter().map(field).collect::<Vec<_>>()}})
        }
        Value::Object(_) => json!({"mapValue": {"fields": fields(value)}}),
    }
}
