//! Reads a manifest: first against the schema, so that each error names its key, then as types.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Cron, Manifest, schema};
use crate::fail::{Failure, Kind, Result};

/// Where in Cargo.toml it stands.
const ROOT: &str = "package.metadata.isobar";

impl Manifest {
    /// Reads what a Cargo.toml has, the defaults where it has nothing.
    ///
    /// # Errors
    ///
    /// With the file, the key's path, and what is wanted, where something else stands there.
    pub(crate) fn read(file: &Path, value: Option<&Value>) -> Result<Self> {
        let Some(value) = value else {
            return Ok(Self::default());
        };
        let schema = schema();
        let mut faults = Vec::new();
        Walk {
            root: &schema,
            faults: &mut faults,
        }
        .value(ROOT, &schema, value);
        if faults.is_empty() {
            faults.extend(crons(value));
        }
        if !faults.is_empty() {
            return Err(refused(file, &faults));
        }
        serde_path_to_error::deserialize(value).map_err(|error| {
            let fault = format!("{ROOT}.{}: {}", error.path(), error.inner());
            refused(file, &[fault])
        })
    }
}

fn refused(file: &Path, faults: &[String]) -> Failure {
    let message = format!("{}: {}", file.display(), faults.join("\n       "));
    Failure::new(Kind::Project, message).help("cargo isobar schema prints all that can stand there")
}

/// Schedules that are none.
fn crons(manifest: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let schedules = manifest.get("schedule").and_then(Value::as_object);
    for (name, schedule) in schedules.into_iter().flatten() {
        let own = ["aws", "azure", "gcp"].map(|cloud| format!("/{cloud}/cron"));
        for pointer in ["/cron".to_owned()].into_iter().chain(own) {
            if let Some(Err(why)) = schedule
                .pointer(&pointer)
                .and_then(Value::as_str)
                .map(Cron::parse)
            {
                let path = pointer.replace('/', ".");
                faults.push(format!("{ROOT}.schedule.{}{path}: {why}", key(name)));
            }
        }
    }
    faults
}

/// Goes through a value beside its schema.
struct Walk<'a> {
    root: &'a Value,
    faults: &'a mut Vec<String>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, path: &str, schema: &'a Value, value: &Value) {
        let schema = self.resolved(schema);
        let words = words(schema);
        if !words.is_empty() {
            let known = value.as_str().is_some_and(|value| words.contains(&value));
            if !known {
                self.faults.push(unknown_word(path, value, &words));
            }
            return;
        }
        if !is_of_type(schema, value) {
            self.faults.push(format!(
                "{path}: {} is wanted, not {}",
                wanted(schema),
                shown(value)
            ));
            return;
        }
        match value {
            Value::Object(map) => self.object(path, schema, map),
            Value::Array(values) => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                for (n, value) in values.iter().enumerate() {
                    self.value(&format!("{path}[{n}]"), items, value);
                }
            }
            Value::Number(_) => {
                self.bounds(path, schema, value, value.as_f64(), ["minimum", "maximum"]);
            }
            Value::String(text) => {
                let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                self.bounds(
                    path,
                    schema,
                    value,
                    Some(length.into()),
                    ["minLength", "maxLength"],
                );
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(&mut self, path: &str, schema: &'a Value, map: &Map<String, Value>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema
            .get("additionalProperties")
            .filter(|others| others.is_object());
        for (name, value) in map {
            let path = format!("{path}.{}", key(name));
            match (properties.and_then(|own| own.get(name)), others) {
                (Some(schema), _) | (None, Some(schema)) => self.value(&path, schema, value),
                (None, None) => {
                    let known = properties
                        .into_iter()
                        .flat_map(Map::keys)
                        .map(String::as_str);
                    self.faults
                        .push(unknown_key(&path, name, &known.collect::<Vec<_>>()));
                }
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(name) {
                self.faults
                    .push(format!("{path}: the key `{name}` is missing"));
            }
        }
    }

    fn bounds(
        &mut self,
        path: &str,
        schema: &Value,
        value: &Value,
        size: Option<f64>,
        names: [&str; 2],
    ) {
        let [least, most] = names.map(|name| schema.get(name).and_then(Value::as_f64));
        let size = size.unwrap_or_default();
        if least.is_some_and(|least| size < least) || most.is_some_and(|most| size > most) {
            let of = if value.is_string() { " characters" } else { "" };
            let range = match (least, most) {
                (Some(least), Some(most)) => format!("{least} to {most}{of}"),
                (Some(least), None) => format!("{least}{of} or more"),
                (None, most) => format!("at most {}{of}", most.unwrap_or_default()),
            };
            self.faults
                .push(format!("{path}: {range} is wanted, not {}", shown(value)));
        }
    }

    /// Follows a reference, and takes the half of an optional value that is there.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = reference.trim_start_matches('#');
            return self.root.pointer(pointer).unwrap_or(schema);
        }
        let either = schema.get("anyOf").and_then(Value::as_array);
        let mut there = either.into_iter().flatten();
        match there.find(|schema| schema.get("type").and_then(Value::as_str) != Some("null")) {
            Some(schema) => self.resolved(schema),
            None => schema,
        }
    }
}

/// The words that a value may be, none where it is no choice of words.
fn words(schema: &Value) -> Vec<&str> {
    let listed = schema
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let described = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let constant = described.filter_map(|one| one.get("const"));
    listed.chain(constant).filter_map(Value::as_str).collect()
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|wanted| match *wanted {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            _ => false,
        })
}

fn wanted(schema: &Value) -> String {
    let types = types(schema).into_iter().filter(|one| *one != "null");
    let words = types.map(|one| match one {
        "object" => "a table",
        "array" => "a list",
        "string" => "a string",
        "boolean" => "true or false",
        _ => "a whole number",
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a table".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => other.to_string(),
    }
}

/// A key as TOML writes it.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

fn unknown_key(path: &str, name: &str, known: &[&str]) -> String {
    let mut known = known.to_vec();
    known.sort_unstable();
    match nearest(name, &known) {
        Some(near) => format!("{path}: there is no such key; did you mean `{near}`?"),
        None => format!(
            "{path}: there is no such key; there are: {}",
            known.join(", ")
        ),
    }
}

fn unknown_word(path: &str, value: &Value, words: &[&str]) -> String {
    let near = value.as_str().and_then(|value| nearest(value, words));
    let near = near
        .map(|near| format!("; did you mean \"{near}\"?"))
        .unwrap_or_default();
    let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!(
        "{path}: one of {} is wanted, not {}{near}",
        words.join(", "),
        shown(value)
    )
}

/// The word that is most like this one, where one is like it at all.
pub(super) fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let likeness = |other: &str| strsim::jaro_winkler(&lower, other);
    let best = words
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.75).then_some(*best)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Cloud;
    use crate::manifest::settings::Architecture;

    fn read(value: &Value) -> Result<Manifest, String> {
        Manifest::read(Path::new("Cargo.toml"), Some(value)).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_whole_manifest_is_read() {
        let manifest = read(&json!({
            "name": "shop", "memory": 256, "timeout": 30, "concurrency": 80, "warm": 1,
            "architecture": "arm64", "environment": {"GREETING": "hi"},
            "http": {"auth": "anonymous"},
            "message": {"orders": {"queue": "acme-orders", "gcp": {"topic": "acme"}}},
            "object": {"uploads": {"on": ["created", "deleted"], "aws": {"bucket": "acme-7f3k"}}},
            "schedule": {"nightly": {"cron": "0 3 * * *", "timezone": "Europe/Berlin"}},
            "change": {"users": {"table": "people"}},
            "aws": {"memory": 512, "front": "http-api", "environment": {"A": "1"}},
            "azure": {"mode": "invocation", "resource_group": "acme"},
            "gcp": {"project": "acme", "region": "europe-west1"},
        }))
        .unwrap();
        let aws = manifest.on(Some(Cloud::Aws));
        assert_eq!((aws.memory, aws.timeout), (Some(512), Some(30)));
        assert_eq!(aws.architecture, Some(Architecture::Arm));
        assert_eq!(aws.environment.len(), 2);
        assert_eq!(manifest.on(Some(Cloud::Gcp)).memory, Some(256));
        let orders = &manifest.message["orders"];
        assert_eq!(orders.name("orders", Cloud::Aws), "acme-orders");
        assert_eq!(orders.name("orders", Cloud::Gcp), "acme");
        assert_eq!(
            manifest.object["uploads"].name("uploads", Cloud::Azure),
            "uploads"
        );
    }

    #[test]
    fn nothing_is_the_defaults() {
        assert!(read(&json!({})).unwrap().http.is_none());
        assert!(
            Manifest::read(Path::new("x"), None)
                .unwrap()
                .message
                .is_empty()
        );
    }

    /// Manifests, and what is said of each.
    const FAULTS: &[(&str, &str)] = &[
        (
            r#"{"memroy":1}"#,
            "Cargo.toml: package.metadata.isobar.memroy: there is no such key; did you mean `memory`?",
        ),
        (
            r#"{"xyz":1}"#,
            "there are: architecture, aws, azure, change",
        ),
        (
            r#"{"message":{"orders":{"quue":"x"}}}"#,
            "isobar.message.orders.quue: there is no such key; did you mean `queue`?",
        ),
        (
            r#"{"message":{"a b":{"queue":1}}}"#,
            "isobar.message.\"a b\".queue: a string is wanted, not 1",
        ),
        (
            r#"{"memory":"big"}"#,
            "isobar.memory: a whole number is wanted, not \"big\"",
        ),
        (
            r#"{"memory":1}"#,
            "isobar.memory: 128 to 32768 is wanted, not 1",
        ),
        (
            r#"{"name":""}"#,
            "isobar.name: 1 to 63 characters is wanted",
        ),
        (r#"{"warm":-1}"#, "isobar.warm: 0 to 1000 is wanted, not -1"),
        (
            r#"{"http":true}"#,
            "isobar.http: a table is wanted, not true",
        ),
        (
            r#"{"http":{"auth":"anonymus"}}"#,
            "isobar.http.auth: one of \"anonymous\", \"key\", \"iam\" is wanted, not \"anonymus\"; did you mean \"anonymous\"?",
        ),
        (r#"{"aws":{"front":"rest"}}"#, "did you mean \"rest-api\"?"),
        (
            r#"{"aws":{"memori":1}}"#,
            "isobar.aws.memori: there is no such key; did you mean `memory`?",
        ),
        (
            r#"{"object":{"o":{"on":["made"]}}}"#,
            "isobar.object.o.on[0]: one of \"created\", \"deleted\" is wanted",
        ),
        (
            r#"{"schedule":{"n":{}}}"#,
            "isobar.schedule.n: the key `cron` is missing",
        ),
        (
            r#"{"schedule":{"n":{"cron":"daily"}}}"#,
            "isobar.schedule.n.cron: five fields are wanted",
        ),
        (
            r#"{"schedule":{"n":{"cron":"0 3 * * *","aws":{"cron":"99 * * * *"}}}}"#,
            "isobar.schedule.n.aws.cron: `99` is no minute",
        ),
        ("[]", "isobar: a table is wanted, not a list"),
    ];

    #[test]
    fn each_fault_names_file_and_key_and_what_is_wanted() {
        for (text, wanted) in FAULTS {
            let error = read(&serde_json::from_str(text).unwrap()).unwrap_err();
            assert!(
                error.contains(wanted),
                "{text}\n  gave {error}\n  not  {wanted}"
            );
        }
    }
}
