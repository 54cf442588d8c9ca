//! Documents changed field by field, for what hosts, or broken ones, could send.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

/// The fixtures of a folder, by name.
pub(crate) fn fixtures(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/aws")
        .join(folder);
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                serde_json::from_slice(&fs::read(path).unwrap()).unwrap(),
            )
        })
        .collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert!(!all.is_empty());
    all
}

/// All places in a document, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            places(value, &format!("{at}/{}", escaped(key)), all);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| {
            places(value, &format!("{at}/{index}"), all);
        }),
        _ => {}
    }
}

/// What a place may become.
fn strange() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "",
        "/",
        "//evil/x",
        "%",
        "%zz",
        "a b",
        "?",
        "#",
        "\u{0}",
        "a\r\nb: c",
        "\u{e9}\u{1F600}",
        "\"\\",
        "-1",
        "true",
        "2.0",
        "1.0",
        "CONNECT",
        "REQUEST",
        "http://evil/",
        "user@evil",
        "[::1]:80",
        "999.1.1.1",
        "=&=&",
        "\u{7f}",
        "=====",
    ]);
    prop_oneof![
        3 => texts.prop_map(|text| json!(text)),
        2 => "\\PC{0,40}".prop_map(|text| json!(text)),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => Just(json!([])),
        1 => Just(json!({})),
        1 => Just(json!(["a", null, 1, ["b"]])),
        1 => Just(json!({"a": {"b": []}, "": null, "bad name": "x", "x": ["1", 2]})),
    ]
}

/// Changes of fields: where, whether it is dropped, renamed or replaced, and by what.
pub(crate) fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, Value)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_u8..6, strange()), 1..4)
}

/// Makes one change.
pub(crate) fn change(event: &mut Value, at: prop::sample::Index, kind: u8, with: Value) {
    let mut all = Vec::new();
    places(event, "", &mut all);
    let place = at.get(&all);
    let parent = place.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    match (kind, parent.and_then(|parent| event.pointer_mut(&parent))) {
        (0, Some(Value::Object(map))) => {
            let key = place
                .rsplit('/')
                .next()
                .unwrap()
                .replace("~1", "/")
                .replace("~0", "~");
            map.remove(&key);
        }
        (1, Some(Value::Object(map))) => {
            let key = with.as_str().unwrap_or("x-more").to_owned();
            map.insert(key, json!("more"));
        }
        _ => *event.pointer_mut(place).unwrap() = with,
    }
}
