//! What the spans say.

use isobar_hosts::functions::{App, Host as Functions, Sent};
use isobar_hosts::lambda::{Function, Invocation};
use serde_json::{Value, json};

use super::observed;
use crate::host::{Host, Kind, get};

const CLIENTS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const XRAY: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
const OF_XRAY: &str = "00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01";

/// Asserts that all that is wanted is there, whatever else is.
fn has(got: &Value, wanted: &Value) {
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(&got[key], value, "{key} in {got}");
    }
}

#[tokio::test]
async fn a_requests_span_is_a_child_of_the_hosts_own_trace_on_every_host() {
    for (kind, cloud, platform) in [
        (Kind::Local, Value::Null, Value::Null),
        (Kind::CloudRun, json!("gcp"), json!("gcp.cloud_run")),
        (Kind::LambdaUrl, json!("aws"), json!("aws_lambda")),
        (Kind::LambdaUrlStream, json!("aws"), json!("aws_lambda")),
        (
            Kind::AzureInvocation,
            json!("azure"),
            json!("azure.functions"),
        ),
    ] {
        let (launch, receiver) = observed().await;
        let host = Host::start(kind, launch).await;
        let request = get("/a/b?code=s3cret").header("traceparent", CLIENTS);
        let told = host.send(request, "").await.json();
        let span = receiver.wait("GET", 1).await.remove(0);
        let came = told["came"].as_str().unwrap();
        assert_eq!(span.parent(), came, "{kind:?}");
        if !kind.traces_itself() {
            assert_eq!(came[..36], CLIENTS[..36], "{kind:?}");
        }
        assert_eq!(span.span.kind, 2, "{kind:?} is no server");
        let wanted = json!({
            "faas.trigger": "http", "faas.coldstart": true, "faas.invocation_id": told["id"],
            "http.request.method": "GET", "url.path": "/a/b", "http.response.status_code": 200,
        });
        has(&span.attributes(), &wanted);
        for own in ["request_id", "trace_id", "span_id"] {
            assert_eq!(span.attributes()[own], Value::Null);
        }
        assert!(!format!("{span:?}").contains("s3cret"), "{span:?}");
        has(
            &span.resource,
            &json!({"cloud.provider": cloud, "cloud.platform": platform}),
        );
        assert!(!span.has_failed(), "{span:?}");

        // the program's own span is a child, and what it sends says so
        let own = receiver.wait("work", 1).await.remove(0);
        assert_eq!(own.parent(), span.traceparent(), "{kind:?}");
        assert_eq!(told["sent"], own.traceparent(), "{kind:?}");
        has(&own.attributes(), &json!({"order": 17}));
        let said: Vec<_> = own.span.events.iter().map(|event| &*event.name).collect();
        assert_eq!(said, ["at work"], "{kind:?}");
        assert!(span.span.events.is_empty(), "{span:?}");
    }
}

#[tokio::test]
async fn a_failed_requests_span_says_so_and_the_next_is_warm() {
    let (launch, receiver) = observed().await;
    let host = Host::start(Kind::CloudRun, launch).await;
    for (path, status) in [("/fail", 500), ("/sleep", 200)] {
        let answer = host.send(get(path).header("traceparent", CLIENTS), "");
        assert_eq!(answer.await.status, status);
    }
    let spans = receiver.wait("GET", 2).await;
    let wanted = json!({"error.type": "500", "http.response.status_code": 500});
    has(&spans[0].attributes(), &wanted);
    assert!(spans[0].has_failed() && !spans[1].has_failed());
    has(&spans[1].attributes(), &json!({"faas.coldstart": false}));
}

fn record(id: &str, body: &str, attributes: &Value) -> Value {
    json!({
        "messageId": id, "body": body, "eventSource": "aws:sqs", "attributes": attributes,
        "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
    })
}

#[tokio::test]
async fn a_batch_has_one_span_with_a_link_to_each_messages_own() {
    let (launch, receiver) = observed().await;
    let function = Function::new(launch).start().await.unwrap();
    let linked = XRAY.replace("9a9197af755a6419", "53995c3f42cd8ad8");
    let records = [
        record("1", "x", &json!({"AWSTraceHeader": linked})),
        record("2", "fail", &json!({})),
    ];
    let event = json!({"Records": records}).to_string();
    let invocation = Invocation::new(event).trace_id(XRAY);
    function.invoke(invocation).await.unwrap();
    let span = receiver.wait("process orders", 1).await.remove(0);
    assert_eq!(span.parent(), OF_XRAY);
    assert_eq!(span.span.kind, 5, "it is no consumer");
    let wanted = json!({
        "faas.trigger": "pubsub", "messaging.system": "aws_sqs",
        "messaging.destination.name": "orders", "messaging.batch.message_count": 2,
        "messaging.operation.type": "process", "error.type": "HandlerError",
    });
    has(&span.attributes(), &wanted);
    assert!(span.has_failed());
    let links: Vec<_> = { span.span.links.iter() }
        .map(|link| link.span_id.clone())
        .collect();
    assert_eq!(links, [[0x53, 0x99, 0x5c, 0x3f, 0x42, 0xcd, 0x8a, 0xd8]]);

    // below it is one for each
    let mut each = receiver.wait("process", 2).await;
    each.sort_by_key(|of| of.attributes()["cloudevents.event_id"].to_string());
    for (of, (id, has_failed)) in each.iter().zip([("1", false), ("2", true)]) {
        assert_eq!(of.parent(), span.traceparent());
        assert_eq!(of.span.kind, 5, "it is no consumer");
        assert_eq!(of.attributes(), json!({"cloudevents.event_id": id}));
        assert_eq!(of.has_failed(), has_failed, "{of:?}");
    }
}

#[tokio::test]
async fn a_batch_of_more_spans_than_can_wait_has_its_own_all_the_same() {
    let (launch, receiver) = observed().await;
    let function = Function::new(launch).start().await.unwrap();
    let records: Vec<_> = (0..3000)
        .map(|n| record(&n.to_string(), "x", &json!({})))
        .collect();
    let event = json!({ "Records": records }).to_string();
    function
        .invoke(Invocation::new(event).trace_id(XRAY))
        .await
        .unwrap();
    let span = receiver.wait("process orders", 1).await.remove(0);
    let wanted = json!({"messaging.batch.message_count": 3000});
    has(&span.attributes(), &wanted);
    assert_eq!(receiver.wait("process", 2048).await.len(), 2048);
}

#[tokio::test]
async fn a_queues_message_on_azure_has_a_span() {
    let (launch, receiver) = observed().await;
    let bindings =
        json!([{"type": "queueTrigger", "direction": "in", "name": "x", "queueName": "orders"}]);
    let app = App::new().unwrap().function("orders", &bindings).unwrap();
    let started = Functions::new(launch, app).start().await.unwrap();
    let outcome = started
        .front
        .fire("orders", Sent::queue("17", "x", 1))
        .await;
    assert!(outcome.unwrap().succeeded());
    let span = receiver.wait("process orders", 1).await.remove(0);
    has(
        &span.attributes(),
        &json!({"messaging.message.id": "17", "faas.trigger": "pubsub"}),
    );
    assert_eq!(span.attributes()["event_id"], Value::Null);
    assert_eq!(receiver.spans().len(), 1, "one event, one span");
}

#[tokio::test]
async fn what_the_caller_does_not_sample_is_not_exported_unless_asked_for() {
    let unsampled = XRAY.replace("Sampled=1", "Sampled=0");
    for (sampler, wanted) in [("", false), ("always_on", true)] {
        let (launch, receiver) = observed().await;
        let launch = match sampler {
            "" => launch,
            sampler => launch.env("OTEL_TRACES_SAMPLER", sampler),
        };
        let function = Function::new(launch).start().await.unwrap();
        for trace in [&*unsampled, XRAY] {
            let event = json!({"version": "2.0", "rawPath": "/sleep", "rawQueryString": "",
                "headers": {}, "requestContext": {"http": {"method": "GET", "path": "/sleep"}}});
            let invocation = Invocation::new(event.to_string()).trace_id(trace);
            function.invoke(invocation).await.unwrap();
        }
        let spans = receiver.wait("GET", 1 + usize::from(wanted)).await;
        let of_parent = spans.iter().filter(|span| span.parent() == OF_XRAY);
        assert!(of_parent.count() >= 1);
        assert_eq!(spans.len(), 1 + usize::from(wanted), "{sampler}");
    }
}

#[tokio::test]
async fn the_standard_variables_name_it_and_turn_it_off() {
    let (launch, receiver) = observed().await;
    let launch = launch
        .env("OTEL_SERVICE_NAME", "shop")
        .env("OTEL_RESOURCE_ATTRIBUTES", "team=blue,cloud.provider=other");
    let host = Host::start(Kind::LambdaUrl, launch).await;
    host.get("/").await;
    let span = receiver.wait("GET", 1).await.remove(0);
    let wanted = json!({"service.name": "shop", "team": "blue", "cloud.provider": "other"});
    has(&span.resource, &wanted);
    assert!(span.resource["faas.name"].is_string(), "{}", span.resource);

    for (name, value) in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ] {
        let (launch, receiver) = observed().await;
        let host = Host::start(Kind::LambdaUrl, launch.env(name, value)).await;
        let told = host.get("/").await.json();
        assert_eq!(told["sent"], told["came"], "it is handed on all the same");
        host.get("/").await;
        assert!(receiver.spans().is_empty(), "{name}");
    }
}
