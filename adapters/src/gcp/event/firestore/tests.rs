use super::*;

/// Writes protobuf, for tests: a field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::from(number) << 3 | 2);
    out.extend(varint(bytes.len() as u64));
    out.extend_from_slice(bytes);
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7F {
        out.push(u8::try_from(value & 0x7F).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

fn number(field: u8, value: i64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value.cast_unsigned())].concat()
}

fn double(field: u8, value: f64) -> Vec<u8> {
    [
        varint(u64::from(field) << 3 | 1),
        value.to_le_bytes().to_vec(),
    ]
    .concat()
}

fn entry(field_number: u8, name: &str, value: &[u8]) -> Vec<u8> {
    field(
        field_number,
        &[field(1, name.as_bytes()), field(2, value)].concat(),
    )
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_document_of_every_type_becomes_plain_json() {
    let time = [number(1, 1_587_651_833), number(2, 241_000_000)].concat();
    let array = [field(1, &number(2, -1)), field(1, &field(17, b"x"))].concat();
    let values: [(&str, Vec<u8>); 13] = [
        ("bool", number(1, 1)),
        ("int", number(2, i64::MIN)),
        ("double", double(3, 5.5)),
        ("nan", double(3, f64::NAN)),
        (
            "reference",
            field(5, b"projects/p/databases/d/documents/a/b"),
        ),
        ("map", field(6, &entry(1, "é\"", &field(17, b"in")))),
        (
            "place",
            field(8, &[double(1, 51.5), double(2, -0.9)].concat()),
        ),
        ("list", field(9, &array)),
        ("time", field(10, &time)),
        ("null", number(11, 0)),
        ("text", field(17, "té".as_bytes())),
        ("bytes", field(18, b"\0\xff")),
        ("unknown", field(99, b"")),
    ];
    let fields: Vec<u8> = values
        .iter()
        .flat_map(|(name, value)| entry(2, name, value))
        .collect();
    let name = field(
        1,
        b"projects/p/databases/(default)/documents/users/ada/trips/1",
    );
    let document = [name, fields, field(4, &time), field(50, b"skip")].concat();
    let sides = proto::sides(
        &[field(1, &document), field(2, b""), number(9, 1)].concat(),
        Mode::Native,
    );
    let after = sides.unwrap().after.unwrap();
    assert_eq!(after.path, "users/ada/trips/1");
    assert_eq!(after.updated.as_deref(), Some("2020-04-23T14:23:53.241Z"));
    assert_eq!(
        json(&after.fields),
        serde_json::json!({"bool": true, "int": i64::MIN, "double": 5.5, "nan": "NaN",
            "reference": "projects/p/databases/d/documents/a/b", "map": {"é\"": "in"},
            "place": {"latitude": 51.5, "longitude": -0.9}, "list": [-1, "x"],
            "time": "2020-04-23T14:23:53.241Z", "null": null, "text": "té", "bytes": "AP8=",
            "unknown": null})
    );
}

#[test]
fn an_entity_has_a_key_and_properties() {
    let step = |kind: &str, id: Vec<u8>| field(2, &[field(1, kind.as_bytes()), id].concat());
    let key = [
        step("Shop", field(3, b"corner")),
        step("Task", number(2, 17)),
    ]
    .concat();
    let inner = field(6, &entry(3, "deep", &number(1, 0)));
    let entity = [
        field(1, &key),
        entry(3, "in", &inner),
        entry(3, "key", &field(5, &key)),
        entry(3, "a", &[number(2, 4), number(19, 1)].concat()),
    ];
    let result = [
        field(1, &entity.concat()),
        number(4, 7),
        field(5, &number(1, 1)),
    ]
    .concat();
    let sides = proto::sides(&field(2, &result), Mode::Datastore).unwrap();
    let before = sides.before.unwrap();
    assert_eq!(
        (before.path.as_str(), sides.after),
        ("Shop/corner/Task/17", None)
    );
    let wanted = serde_json::json!({"in": {"deep": false}, "key": "Shop/corner/Task/17", "a": 4});
    assert_eq!(json(&before.fields), wanted);
    let text = r#"{"oldValue":{"entity":{"key":{"path":[{"kind":"Shop","name":"corner"},{"kind":"Task","id":"17"}]},
        "properties":{"in":{"entityValue":{"properties":{"deep":{"booleanValue":false}}}},"a":{"integerValue":"4","excludeFromIndexes":true},
        "key":{"keyValue":{"path":[{"kind":"Shop","name":"corner"},{"kind":"Task","id":17}]}}}}},"value":null}"#;
    let same = json::sides(text, Mode::Datastore).unwrap().before.unwrap();
    assert_eq!(same.path, before.path);
    assert_eq!(json(&same.fields), json(&before.fields));
}

#[test]
fn json_of_every_type_becomes_plain_json() {
    let event = include_str!(
        "../../../../../tests/data/gcp/conformance/firestore_complex-cloudevent-input.json"
    );
    let event = crate::cloudevents::structured(&event.into()).unwrap();
    let sides = sides(&event, Mode::Native).unwrap();
    assert_eq!(sides.before, None);
    let after = sides.after.unwrap();
    assert_eq!(after.path, "gcf-test/IH75dRdeYJKd4uuQiqch");
    assert_eq!(
        json(&after.fields),
        serde_json::json!({"arrayValue": [1, 2], "booleanValue": true, "doubleValue": 5.5,
            "geoPointValue": {"latitude": 51.4543, "longitude": -0.9781}, "intValue": 50,
            "mapValue": {"field1": "x", "field2": ["x", 1]}, "nullValue": null,
            "referenceValue": "projects/project-id/databases/(default)/documents/foo/bar/baz/qux",
            "stringValue": "text", "timestampValue": "2020-04-23T14:23:53.241Z"})
    );
}

#[test]
fn no_depth_exhausts_the_stack() {
    let mut value = number(2, 1);
    let mut text = r#"{"integerValue":"1"}"#.to_owned();
    for _ in 0..2000 {
        value = field(9, &field(1, &value));
        text = format!(r#"{{"arrayValue":{{"values":[{text}]}}}}"#);
    }
    let document = field(1, &entry(2, "deep", &value));
    assert_eq!(proto::sides(&document, Mode::Native), Err(TOO_DEEP));
    let text = format!(r#"{{"value":{{"fields":{{"deep":{text}}}}}}}"#);
    assert_eq!(json::sides(&text, Mode::Native), Err(TOO_DEEP));
}

#[test]
fn what_is_of_another_form_is_refused() {
    for broken in [
        &b"\x0a"[..],
        b"\x0a\x02\x08",
        b"\x08\x01",
        b"\x0a\x03\x0a\x01\xff",
    ] {
        assert!(proto::sides(broken, Mode::Native).is_err(), "{broken:?}");
    }
    for value in [
        r#"{"integerValue":"x"}"#,
        r#"{"stringValue":{}}"#,
        r#"{"newValue":1}"#,
        "1",
    ] {
        let text = format!(r#"{{"value":{{"fields":{{"a":{value}}}}}}}"#);
        assert!(json::sides(&text, Mode::Native).is_err(), "{value}");
    }
}
