//! Items of every kind, whose data says what is to come of them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use isobar::Kind;
use isobar::testing::{Delivery, Item, Source};
use serde_json::{Value, json};

/// The name of what things come from; a schedule has nothing else to say what is to come of it.
pub(super) fn name(source: Source, word: &str) -> &str {
    match source.kind() {
        Kind::Schedule => word,
        _ => "things",
    }
}

/// An item whose data contains a word.
pub(super) fn item(source: Source, word: &str) -> Item {
    match source.kind() {
        Kind::Message => Item::message(word.to_owned()),
        Kind::Object => Item::object(format!("a b/{word} ü+1.txt")),
        Kind::Schedule => Item::schedule(),
        Kind::Change => Item::inserted("17", json!({"word": word, "n": 1})),
        Kind::Invoke => Item::invoke(json!({"word": word}).to_string()),
        _ => Item::event("com.example.thing", json!({"word": word})),
    }
}

/// A delivery of one item.
pub(super) fn one(source: Source, word: &str) -> Delivery {
    Delivery::new(source, name(source, word)).item(item(source, word))
}

/// Asserts that what `mirror` saw is the item.
pub(super) fn assert_seen(source: Source, word: &str, seen: &Value) {
    let view = &seen[source.kind().as_str()];
    let base64 = |text: &Value| {
        let bytes = BASE64_STANDARD.decode(text.as_str().unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    match source.kind() {
        Kind::Message => {
            assert_eq!(base64(&view["body"]), word, "{seen}");
            assert_eq!(view["id"], seen["event"]["id"], "{seen}");
        }
        Kind::Object => {
            assert_eq!(view["key"], format!("a b/{word} ü+1.txt"), "{seen}");
            assert_eq!(
                (&view["bucket"], &view["change"]),
                (&"things".into(), &"created".into())
            );
            assert_eq!(view["size"], 4, "{seen}");
        }
        Kind::Schedule => assert_eq!(view["name"], word, "{seen}"),
        Kind::Change => {
            assert_eq!(view["after"]["word"], word, "{seen}");
            assert_eq!(view["after"]["n"], 1, "{seen}");
        }
        _ => {
            let data: Value = serde_json::from_str(&base64(&seen["event"]["data"])).unwrap();
            assert_eq!(data, json!({"word": word}));
        }
    }
    let kind = match source.kind() {
        Kind::Invoke => Kind::Other,
        kind => kind,
    };
    assert_eq!(seen["kind"], kind.as_str(), "{seen}");
    for attribute in ["id", "source", "type", "dedup_key"] {
        let value = seen["event"][attribute].as_str();
        assert!(
            value.is_some_and(|value| !value.is_empty()),
            "{attribute}: {seen}"
        );
    }
}
