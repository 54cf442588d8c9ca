//! Events on Azure: each trigger as the Functions host fires it, and what the host makes of it.

use std::path::PathBuf;
use std::time::Duration;

use isobar_hosts::functions::{App, Fired, FunctionsHost, Host as Functions, HostOutcome, Sent};
use isobar_hosts::{Launch, Started};
use serde_json::{Value, json};

use crate::programs::program;

mod triggers;

/// A program, and the file in which `mirror` writes down what it saw.
struct Seeing {
    started: Started<FunctionsHost>,
    file: PathBuf,
}

impl Seeing {
    async fn mirror(app: App) -> Self {
        Self::mirror_with(app, |launch| launch).await
    }

    async fn mirror_with(app: App, with: impl FnOnce(Launch) -> Launch) -> Self {
        let file = app.path().join("events.jsonl");
        let launch = with(program("mirror").env("MIRROR_EVENTS", file.to_str().unwrap()));
        let started = Functions::new(launch, app).start().await.unwrap();
        Self { started, file }
    }

    async fn fire(&self, function: &str, fired: impl Into<Fired>) -> HostOutcome {
        self.started.front.fire(function, fired).await.unwrap()
    }

    fn seen(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        { text.lines() }
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    async fn line(&self, with: &str) {
        let patience = Duration::from_secs(5);
        self.started
            .program
            .wait_line(with, patience)
            .await
            .unwrap();
    }
}

/// A function with a trigger of this type, and more bindings.
fn function(app: App, name: &str, trigger: &Value, more: &[Value]) -> App {
    let mut bindings = vec![json!({"name": "x", "direction": "in"})];
    let own = bindings[0].as_object_mut().unwrap();
    own.extend(trigger.as_object().unwrap().clone());
    bindings.extend_from_slice(more);
    app.function(name, &json!(bindings)).unwrap()
}

fn app(trigger: &Value) -> App {
    function(App::new().unwrap(), "orders", trigger, &[])
}

fn text(kind: &str) -> Value {
    json!({"type": kind})
}

fn many(kind: &str) -> Value {
    json!({"type": kind, "cardinality": "many", "dataType": "string"})
}

#[tokio::test]
async fn a_failure_and_a_panic_fail_the_invocation_and_a_permanent_failure_does_not() {
    let host = Seeing::mirror(app(&text("queueTrigger"))).await;
    for (body, succeeds) in [
        ("mirror-fail", false),
        ("mirror-panic", false),
        ("mirror-permanent", true),
        ("hello", true),
    ] {
        let outcome = host.fire("orders", Sent::queue("1", body, 1)).await;
        assert_eq!(outcome.succeeded(), succeeds, "{body}: {outcome:?}");
    }
    host.line(r#"dropped message \"orders\" 1 for good"#).await;
    assert_eq!(host.seen().len(), 4);
    assert_eq!(host.started.front.starts(), 1);
}

#[tokio::test]
async fn one_failure_fails_its_whole_batch() {
    let host = Seeing::mirror(app(&many("serviceBusTrigger"))).await;
    let batch = ["a", "mirror-fail", "c"].map(|body| Sent::service_bus(body, body));
    let outcome = host.fire("orders", Fired::batch(batch)).await;
    assert!(!outcome.succeeded(), "{outcome:?}");
    assert_eq!(host.seen().len(), 3);
    host.line("for 1 of its 3 events").await;
}

#[tokio::test]
async fn sessions_and_partitions_keep_their_order_and_stop_at_a_failure() {
    let bodies = |host: &Seeing| -> Vec<String> {
        let seen = host.seen();
        seen.iter()
            .map(|e| e["message"]["id"].to_string())
            .collect()
    };
    let host = Seeing::mirror(app(&many("serviceBusTrigger"))).await;
    let sent = |id: &str, body: &str, key: &str| Sent::service_bus(id, body).with("SessionId", key);
    let batch = [
        sent("1", "mirror-fail", "a"),
        sent("2", "x", "a"),
        sent("3", "x", "b"),
    ];
    assert!(!host.fire("orders", Fired::batch(batch)).await.succeeded());
    let mut seen = bodies(&host);
    seen.sort();
    assert_eq!(seen, ["\"1\"", "\"3\""]);

    let host = Seeing::mirror(app(&many("eventHubTrigger"))).await;
    host.line("has no retry policy").await;
    let batch = [(1, "x"), (2, "mirror-fail"), (3, "x")].map(|(n, body)| Sent::event_hub(n, body));
    assert!(!host.fire("orders", Fired::batch(batch)).await.succeeded());
    assert_eq!(bodies(&host), ["\"1\"", "\"2\""]);
    host.line(r#"message \"orders\" 3 may be lost"#).await;
}

#[tokio::test]
async fn an_event_that_nothing_takes_fails_and_is_named_at_the_start() {
    let app = app(&text("queueTrigger")).http("http", "{*path}").unwrap();
    let started = Functions::new(program("hello"), app).start().await.unwrap();
    let line = async |with: &str| {
        let patience = Duration::from_secs(5);
        started.program.wait_line(with, patience).await.unwrap();
    };
    line("the function orders (queueTrigger) has no handler").await;
    let outcome = {
        started
            .front
            .fire("orders", Sent::queue("1", "hi", 1))
            .await
    }
    .unwrap();
    assert!(!outcome.succeeded() && outcome.status == 500, "{outcome:?}");
    line(r#"no handler for message \"orders\" 1; there are: none"#).await;
}

#[tokio::test]
async fn a_warm_up_that_nothing_takes_succeeds() {
    let app = app(&text("warmupTrigger"));
    let started = Functions::new(program("hello"), app).start().await.unwrap();
    let outcome = started.front.fire("orders", Fired::warmup()).await.unwrap();
    assert!(outcome.succeeded(), "{outcome:?}");
    let patience = Duration::from_secs(5);
    started.program.wait_line("warmup", patience).await.unwrap();
}

#[tokio::test]
async fn what_is_malformed_fails_and_names_the_trigger() {
    for (trigger, value) in [
        (text("cosmosDBTrigger"), json!("\"x\"")),
        (
            json!({"type": "queueTrigger", "dataType": "binary"}),
            json!("\"hello\""),
        ),
        (text("eventGridTrigger"), json!({"id": "1"})),
    ] {
        let host = Seeing::mirror(app(&trigger)).await;
        let invoked = host
            .started
            .front
            .invoke("orders", json!({"x": value}), json!({}));
        let outcome = invoked.await.unwrap();
        assert!(
            !outcome.succeeded() && host.seen().is_empty(),
            "{outcome:?}"
        );
        let named = format!("orders ({})", trigger["type"].as_str().unwrap());
        host.line(&format!("the invocation of {named} cannot be read: Data.x"))
            .await;
    }
}

#[tokio::test]
async fn a_name_is_mapped() {
    let names = |launch: Launch| launch.env("ISOBAR_NAMES", "sales=orders");
    let host = Seeing::mirror_with(app(&text("queueTrigger")), names).await;
    host.fire("orders", Sent::queue("1", "mirror-fail", 1))
        .await;
    host.line(r#"message \"sales\" 1"#).await;
    assert_eq!(host.seen()[0]["message"]["source_name"], "orders");
}

async fn events(app: App) -> Started<FunctionsHost> {
    let launch = Launch::new(env!("CARGO_BIN_EXE_events"));
    Functions::new(launch, app).start().await.unwrap()
}

fn outputs() -> App {
    let out = |kind: &str, name: &str| json!({"type": kind, "direction": "out", "name": name});
    let more = [
        out("queue", "queue"),
        out("blob", "blob"),
        out("cosmosDB", "documents"),
    ];
    function(App::new().unwrap(), "outputs", &text("queueTrigger"), &more)
}

#[tokio::test]
async fn outputs_arrive_as_the_handler_wrote_them() {
    let started = events(outputs()).await;
    let fire = async |body: &str| {
        let outcome = started
            .front
            .fire("outputs", Sent::queue("1", body, 1))
            .await;
        outcome.unwrap()
    };
    let written = |outcome: &HostOutcome, name: &str| outcome.outputs[name].written.clone();
    let one = fire("one").await;
    assert!(one.succeeded(), "{one:?}");
    assert_eq!(written(&one, "queue"), ["test"]);
    assert_eq!(written(&one, "blob"), [&b"\0\xff"[..]]);
    assert_eq!(
        one.outputs["documents"].value,
        json!({"id": "1", "text": "dGVzdA=="})
    );
    assert_eq!(
        written(&fire("several").await, "queue"),
        ["test", "{\"a\":1}"]
    );
    assert!(fire("none").await.outputs.is_empty());
}

#[tokio::test]
async fn an_output_that_there_is_not_fails_and_is_named() {
    let started = events(outputs()).await;
    let fired = Sent::queue("1", "unknown", 1);
    let outcome = started.front.fire("outputs", fired).await.unwrap();
    assert!(!outcome.succeeded(), "{outcome:?}");
    let named = r#"the output \"missing\""#;
    {
        started
            .program
            .wait_line(named, Duration::from_secs(5))
            .await
    }
    .unwrap();
}

#[tokio::test]
async fn an_app_of_events_alone_starts_and_answers_pings() {
    let started = events(app(&text("queueTrigger"))).await;
    assert_eq!(started.front.ping().await.unwrap().status, 200);
    let app = function(App::new().unwrap(), "changes", &text("sqlTrigger"), &[]);
    let started = events(app).await;
    let row = |fails: bool| Fired::sql(&[json!({"Operation": 0, "Item": {"fails": fails}})]);
    assert!(
        started
            .front
            .fire("changes", row(false))
            .await
            .unwrap()
            .succeeded()
    );
    assert!(
        !started
            .front
            .fire("changes", row(true))
            .await
            .unwrap()
            .succeeded()
    );
}

#[tokio::test]
async fn a_slow_handler_fails_before_the_host_kills_all_that_runs() {
    let app = function(App::new().unwrap(), "slow", &text("queueTrigger"), &[]);
    let app = app
        .host_json(&json!({"functionTimeout": "00:00:02"}))
        .unwrap();
    let started = events(app).await;
    let outcome = {
        started
            .front
            .fire("slow", Sent::queue("1", "20000", 1))
            .await
    }
    .unwrap();
    assert!(
        !outcome.succeeded() && outcome.took < Duration::from_secs(2),
        "{outcome:?}"
    );
    assert!(
        started
            .front
            .fire("slow", Sent::queue("2", "0", 1))
            .await
            .unwrap()
            .succeeded()
    );
    assert_eq!(started.front.starts(), 1, "the host killed the program");
}
