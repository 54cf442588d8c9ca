//! What a host, or one that is broken, could deliver of events: mutated invocations of every
//! trigger.
//!
//! Nothing panics, nothing hangs; what is answered with success is an object that the host accepts,
//! an error names the trigger, and enough still reaches an event for the translations to be met.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it did"
)]

use std::cell::Cell;

use bytes::Bytes;
use isobar::azure::translate::{App, Decoded};
use isobar::{Change, Dispatcher, Event, Message, Request};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// A trigger's binding, `Data.x`, and `Metadata`.
type Fixture = (&'static str, Value, Value);

fn fixtures() -> Vec<Fixture> {
    let all = [queues(), streams(), grid(), others(), changes()];
    all.into_iter().flatten().collect()
}

fn queues() -> Vec<Fixture> {
    let bus = json!({"MessageIdArray": "[\"1\",\"2\"]", "DeliveryCountArray": "[1,2]", "SessionIdArray": "[\"s\",null]",
        "EnqueuedTimeUtcArray": "[\"2020-12-18T02:01:35.849Z\",null]", "ApplicationPropertiesArray": "[{\"k\":\"v\"},{}]"});
    vec![
        (
            r#""type": "queueTrigger""#,
            json!("\"{\\\"a\\\":1}\""),
            json!({"Id": "\"1\"", "DequeueCount": "3",
            "InsertionTime": "2019-10-09T17:58:31+00:00"}),
        ),
        (
            r#""type": "queueTrigger", "dataType": "binary""#,
            json!("AP8="),
            json!({"Id": "\"1\""}),
        ),
        (
            r#""type": "serviceBusTrigger""#,
            json!("\"hi\""),
            json!({"MessageId": "\"1\"", "SessionId": "\"s\"",
            "DeliveryCount": "1", "EnqueuedTimeUtc": "2026-10-09T17:58:31", "ApplicationProperties": {"k": "v"}}),
        ),
        (
            r#""type": "serviceBusTrigger", "cardinality": "many""#,
            json!("[\"a\",{\"b\":1}]"),
            bus,
        ),
    ]
}

fn streams() -> Vec<Fixture> {
    let kafka = json!({"Offset": 7, "Partition": 0, "Topic": "t", "Timestamp": "2026-01-02T03:04:05.1Z", "Value": "hi",
        "Key": "k", "Headers": [{"Key": "h", "Value": "dg=="}]})
    .to_string();
    vec![
        (
            r#""type": "eventHubTrigger", "cardinality": "many""#,
            json!("[\"a\",\"b\"]"),
            json!({"SequenceNumberArray": "[1,2]",
            "PartitionContext": {"PartitionId": "0"}, "RetryContext": {"RetryCount": 0, "MaxRetryCount": 2}}),
        ),
        (
            r#""type": "kafkaTrigger""#,
            json!(json!(kafka).to_string()),
            json!({"Topic": "\"t\"", "Offset": "7"}),
        ),
        (
            r#""type": "kafkaTrigger", "cardinality": "many""#,
            json!(json!([kafka]).to_string()),
            json!({}),
        ),
    ]
}

fn grid() -> Vec<Fixture> {
    let grid = json!({"id": "1", "topic": "/t", "subject": "/blobServices/default/containers/c/blobs/a", "eventTime":
        "2026-01-02T03:04:05Z", "eventType": "Microsoft.Storage.BlobCreated", "data": {"eTag": "0x8", "contentLength": 9,
        "url": "https://a.blob.core.windows.net/c/a"}, "dataVersion": "2"});
    let cloud = json!({"specversion": "1.0", "id": "1", "source": "/x", "type": "t", "time": "2026-01-02T03:04:05Z",
        "datacontenttype": "application/json", "data": {"a": 1}, "ext": "e"});
    let both = json!(json!([grid, cloud]).to_string());
    vec![
        (
            r#""type": "eventGridTrigger""#,
            grid,
            json!({"data": {"a": 1}}),
        ),
        (
            r#""type": "eventGridTrigger", "cardinality": "many""#,
            both,
            json!({}),
        ),
        (r#""type": "eventGridTrigger""#, cloud, json!({})),
    ]
}

fn changes() -> Vec<Fixture> {
    let cosmos = json!([{"id": "1", "_lsn": 7, "_ts": 1_790_000_000}, {"id": "2"}]).to_string();
    let sql = json!([{"Operation": 0, "Item": {"Id": 1}}, {"Operation": 2, "Item": {"Id": 2}}])
        .to_string();
    vec![
        (
            r#""type": "cosmosDBTrigger""#,
            json!(json!(cosmos).to_string()),
            json!({}),
        ),
        (
            r#""type": "sqlTrigger""#,
            json!(json!(sql).to_string()),
            json!({}),
        ),
    ]
}

fn others() -> Vec<Fixture> {
    let blob = json!({"Uri": "\"https://a.blob.core.windows.net/c/a%20b\"", "name": "\"a b\"",
        "Properties": {"ContentLength": 9, "ETag": "\"0x8\"", "LastModified": "2026-01-02T03:04:05+00:00"}});
    vec![
        (
            r#""type": "blobTrigger", "path": "c/{name}""#,
            json!("\"text\""),
            blob,
        ),
        (
            r#""type": "timerTrigger""#,
            json!({"Schedule": {}, "ScheduleStatus": {"Last": "0001-01-01T00:00:00",
            "Next": "2026-01-02T03:05:00+00:00"}, "IsPastDue": false}),
            json!({"sys": {"UtcNow": "2026-01-02T03:05:00Z"}}),
        ),
        (r#""type": "warmupTrigger""#, json!("null"), json!({})),
        (
            r#""type": "activityTrigger""#,
            json!("\"input\""),
            json!({"instanceId": "\"i\""}),
        ),
    ]
}

/// What stands in place of a value, or happens to the text of one.
#[derive(Clone, Debug)]
enum Mutation {
    Replace(Value),
    /// Encoded as text once more.
    Encode,
    Insert(String),
    Remove,
}

fn change() -> impl Strategy<Value = Mutation> {
    let values = vec![
        json!(null),
        json!(1),
        json!(-1.5e300),
        json!(true),
        json!(""),
        json!("null"),
        json!("é\u{0}"),
        json!({}),
        json!([]),
        json!([1]),
        json!("[["),
        json!("\"\"\"\""),
        json!(u64::MAX),
        json!({"MessageId": {"Id": []}}),
    ];
    prop_oneof![
        2 => prop::sample::select(values).prop_map(Mutation::Replace),
        1 => Just(Mutation::Encode),
        2 => "[a-z0-9\"\\\\{}:,é%/ ]{1,3}".prop_map(Mutation::Insert),
        2 => Just(Mutation::Remove),
    ]
}

/// The places of all values within a value.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| places(value, &format!("{at}/{}", escaped(name)), all)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(i, value)| places(value, &format!("{at}/{i}"), all)),
        _ => {}
    }
}

fn mutate(value: &mut Value, at: Index, inside: Index, change: &Mutation) {
    let mut all = Vec::new();
    places(value, "", &mut all);
    let place = all[at.index(all.len())].clone();
    let target = value.pointer_mut(&place).unwrap();
    match (change, &mut *target) {
        (Mutation::Replace(with), _) => *target = with.clone(),
        (Mutation::Encode, _) => *target = json!(target.to_string()),
        (Mutation::Insert(text), Value::String(own)) => {
            let ends: Vec<_> = own
                .char_indices()
                .map(|(i, _)| i)
                .chain([own.len()])
                .collect();
            own.insert_str(ends[inside.index(ends.len())], text);
        }
        (Mutation::Remove, Value::String(own)) if !own.is_empty() => {
            let starts: Vec<_> = own.char_indices().map(|(i, _)| i).collect();
            own.remove(starts[inside.index(starts.len())]);
        }
        (Mutation::Remove, Value::Object(members)) => members.clear(),
        (Mutation::Insert(_) | Mutation::Remove, _) => {}
    }
}

fn function(trigger: &str) -> String {
    format!(r#"{{"bindings": [{{{trigger}, "name": "x", "direction": "in"}}]}}"#)
}

fn look_at(event: &Event) {
    assert!(!event.ty().is_empty() && !event.dedup_key().is_empty());
    drop((
        Message::<Value>::of(event),
        Change::<Value>::of(event),
        event.native_as::<Value>().ok(),
    ));
}

/// Delivers an invocation; returns true if it reached an event.
fn play(app: &App, trigger: &str, payload: &Bytes) -> bool {
    let post = || http::Request::post("/f").body(payload.clone()).unwrap();
    let is_event = match app.decode(post()) {
        Decoded::Events(delivered) => {
            delivered.batch.events.iter().for_each(look_at);
            !delivered.batch.events.is_empty()
        }
        Decoded::Failed(error) => {
            let text = error.to_string();
            let kind = trigger.split('"').nth(3).unwrap();
            assert!(text.contains(&format!("f ({kind})")), "{text}");
            false
        }
        other => panic!("{other:?}"),
    };
    let handler = |request: Request| async move { request.uri().path().to_owned() };
    let dispatcher = Dispatcher::new(isobar::App::new().events(handler));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(app.respond(post(), &dispatcher));
    if answer.status() == 200 {
        let json: Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(json["Outputs"].is_object(), "{json}");
    } else {
        assert!(!is_event, "{answer:?}");
    }
    is_event
}

#[test]
fn mutated_invocations_neither_panic_nor_hang() {
    const CASES: u32 = 400;
    for (trigger, data, metadata) in fixtures() {
        let app = App::new("{}", &[("f", &function(trigger))]).unwrap();
        let reached = Cell::new(0_u32);
        let changes = prop::collection::vec((any::<Index>(), any::<Index>(), change()), 1..4);
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&changes, |changes| {
            let mut parts = json!([data, metadata]);
            // as the host always adds
            parts[1]["sys"] = json!({"MethodName": "f", "UtcNow": "2026-01-02T03:05:00.1Z", "RandGuid": "24ad4c06"});
            for (at, inside, change) in changes {
                mutate(&mut parts, at, inside, &change);
            }
            let json = json!({"Data": {"x": parts[0]}, "Metadata": parts[1]});
            let is_event = play(&app, trigger, &Bytes::from(json.to_string()));
            reached.set(reached.get() + u32::from(is_event));
            Ok(())
        });
        assert!(result.is_ok(), "{trigger}: {result:?}");
        let share = reached.get() * 100 / CASES;
        println!("{trigger}: {share} % of {CASES} reached an event");
        assert!(share >= 30, "{trigger}: only {share} % reached an event");
    }
}

#[test]
fn any_bytes_are_answered() {
    for (trigger, ..) in fixtures() {
        let app = App::new("{}", &[("f", &function(trigger))]).unwrap();
        let bytes = prop::collection::vec(any::<u8>(), 0..200);
        let result = TestRunner::new(Config::with_cases(100)).run(&bytes, |bytes| {
            play(&app, trigger, &Bytes::from(bytes));
            Ok(())
        });
        assert!(result.is_ok(), "{trigger}: {result:?}");
    }
}
