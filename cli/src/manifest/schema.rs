//! The schema of the manifest, made of its types.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::Manifest;

/// The JSON schema: closed, so that a key which nobody reads is an error.
pub(crate) fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value();
    close(&mut schema);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "[package.metadata.isobar]".into());
    }
    schema
}

/// Refuses unknown keys wherever keys are listed; takes off what says nothing to a reader.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.contains_key("properties") && map.get("type") == Some(&json!("object")) {
                map.insert("additionalProperties".to_owned(), false.into());
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described() {
        fn walk(at: &str, schema: &Value) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                assert!(property.get("description").is_some(), "{at}.{name}");
            }
            for (name, part) in schema["$defs"].as_object().into_iter().flatten() {
                walk(name, part);
            }
        }
        walk("manifest", &schema());
    }

    #[test]
    fn flattened_settings_are_keys_of_their_own() {
        let schema = schema();
        assert!(schema["properties"]["memory"].is_object(), "{schema:#}");
        assert!(schema["$defs"]["Aws"]["properties"]["memory"].is_object());
        assert_eq!(schema["$defs"]["Aws"]["additionalProperties"], false);
    }
}
