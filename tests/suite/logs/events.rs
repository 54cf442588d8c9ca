//! What is said of events: each line carries the id of the event that it is about.

use std::sync::Arc;

use isobar_hosts::functions::{App, Fired, Host as Functions, Sent};
use isobar_hosts::lambda::{Function, Invocation};
use isobar_hosts::{Launch, Program};
use serde_json::{Value, json};

use super::exact::assert_is_golden;
use super::{ALL, PATIENCE, Reader, lines, program};
use crate::host::{Host, base64, post};

/// An event's id, and what its message says.
type Sends<'a> = &'a [(&'a str, &'a str)];

/// Delivers messages together, as the host does it, and waits for the batch's own line.
async fn delivered(reader: Reader, messages: Sends<'_>, outcome: &str) -> Arc<Program> {
    let launch = { reader.variables.iter() }
        .fold(program(), |launch, (name, value)| launch.env(name, value));
    let program = match reader.name {
        "lambda_json" | "lambda_text" => on_lambda(launch, messages).await,
        "azure" => on_azure(launch, messages).await,
        _ => by_http(reader, launch, messages).await,
    };
    let access = format!("message orders {outcome}");
    program.wait_line(&access, PATIENCE).await.unwrap();
    program
}

async fn on_lambda(launch: Launch, messages: Sends<'_>) -> Arc<Program> {
    let sandbox = Function::new(launch).start().await.unwrap();
    let record = |(id, body): &(&str, &str)| {
        json!({
            "messageId": id, "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
        })
    };
    let records: Vec<_> = messages.iter().map(record).collect();
    let payload = json!({ "Records": records }).to_string();
    sandbox.invoke(Invocation::new(payload)).await.unwrap();
    sandbox.program()
}

async fn on_azure(launch: Launch, messages: Sends<'_>) -> Arc<Program> {
    let bindings = json!([{
        "type": "serviceBusTrigger", "direction": "in", "name": "x", "queueName": "orders",
        "cardinality": "many", "dataType": "binary",
    }]);
    let app = App::new().unwrap().function("orders", &bindings).unwrap();
    let started = Functions::new(launch, app).start().await.unwrap();
    let sent = messages
        .iter()
        .map(|(id, body)| Sent::service_bus(id, body));
    let fired = started.front.fire("orders", Fired::batch(sent));
    let _the_log_tells = fired.await.unwrap();
    started.program
}

/// A batch of CloudEvents: on Cloud Run of Pub/Sub's, on this machine of any.
async fn by_http(reader: Reader, launch: Launch, messages: Sends<'_>) -> Arc<Program> {
    let host = Host::start(reader.kind, launch).await;
    let is_cloud_run = reader.name == "cloud_run";
    let event = |(id, body): &(&str, &str)| {
        let event = json!({"specversion": "1.0", "id": id});
        let rest = if is_cloud_run {
            json!({
                "source": "//pubsub.googleapis.com/projects/p/topics/orders",
                "type": "google.cloud.pubsub.topic.v1.messagePublished",
                "data": {"message": {"data": base64(body.as_bytes()), "messageId": id}},
            })
        } else {
            json!({"source": "test", "type": "order", "data_base64": base64(body.as_bytes())})
        };
        Value::Object(
            [event, rest]
                .into_iter()
                .flat_map(|part| part.as_object().unwrap().clone())
                .collect(),
        )
    };
    let events: Vec<_> = messages.iter().map(event).collect();
    let path = if is_cloud_run {
        "/events"
    } else {
        "/events/message/orders"
    };
    let request = post(path).header("content-type", "application/cloudevents-batch+json");
    host.send(request, json!(events).to_string()).await;
    host.program
}

#[tokio::test]
async fn each_line_of_a_batch_says_which_event_it_is_about() {
    for reader in ALL {
        let messages = [("m1", "x"), ("m2", "fail"), ("m3", "panic")];
        let program = delivered(reader, &messages, "partial").await;
        if reader.name == "azure" {
            let last = program.wait_line("takes a batch as a whole", PATIENCE);
            last.await.unwrap();
        }
        assert_is_golden(&format!("{}_batch", reader.name), &lines(&program));
    }
}

#[tokio::test]
async fn a_single_event_is_named_by_every_line_of_its_invocation() {
    for reader in ALL {
        let program = delivered(reader, &[("m1", "x")], "ok").await;
        let lines = lines(&program);
        let said = lines
            .iter()
            .filter(|line| line.contains("taken") || line.contains("message orders ok"));
        let said: Vec<_> = said.collect();
        assert_eq!(said.len(), 2, "{lines:?}");
        for line in said {
            let is_named = line.contains(r#""event_id":"m1""#) || line.contains(" event_id=m1 ");
            assert!(is_named, "{line}");
        }
    }
}

#[tokio::test]
async fn no_line_of_one_event_names_another_while_all_are_at_work() {
    let ids: Vec<_> = (10..30).map(|n| format!("m{n}")).collect();
    let messages: Vec<_> = ids.iter().map(|id| (id.as_str(), "busy")).collect();
    for reader in ALL {
        let program = delivered(reader, &messages, "ok").await;
        let lines = lines(&program);
        for text in ["taken", "elsewhere", "afterwards"] {
            let mut said: Vec<_> = { lines.iter() }
                .filter(|line| line.contains(text))
                .map(|line| {
                    let from = line.find("event_id").unwrap_or_else(|| panic!("{line}"));
                    let id = line[from..]
                        .trim_start_matches("event_id")
                        .trim_start_matches(['"', ':', '=']);
                    id[..3].to_owned()
                })
                .collect();
            said.sort();
            assert_eq!(said, ids, "{text} on {}", reader.name);
        }
    }
}
