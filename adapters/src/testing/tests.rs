use std::sync::{Arc, Mutex};

use isobar_core::{App, Event, Kind, Message, Outputs};
use serde_json::json;

use super::*;

/// An app that takes everything, and what it saw.
fn app() -> (App, Arc<Mutex<Vec<Event>>>) {
    let seen = Arc::<Mutex<Vec<Event>>>::default();
    let app = {
        let seen = Arc::clone(&seen);
        App::new().on_event("*", move |event: Event| {
            seen.lock().unwrap().push(event);
            std::future::ready(())
        })
    };
    (app, seen)
}

fn items() -> [Item; 6] {
    [
        Item::message("hello").attribute("k", "v").ordering_key("a"),
        Item::object("a b/ü+1%.txt"),
        Item::schedule(),
        Item::inserted("17", json!({"id": "17", "n": 1})),
        Item::invoke(r#"{"n":1}"#),
        Item::event("com.example.thing", json!({"n": 1})),
    ]
}

#[tokio::test]
async fn every_source_brings_the_same_event_of_the_same_item() {
    for item in items() {
        let kind = item.kind();
        let (app, seen) = app();
        let item = match kind {
            // Cosmos DB adds what is its own to a document
            Kind::Change => Item::inserted("17", json!({"id": "17", "n": 1})),
            _ => item,
        };
        let all = everywhere("things", item, app).await;
        assert_eq!(all.len(), Source::of_kind(kind).count());
        for ran in &all {
            assert!(ran.is_success(), "{ran}");
        }
        assert_eq!(seen.lock().unwrap().len(), all.len(), "{kind}");
    }
}

#[tokio::test]
async fn a_failure_is_told_to_every_host() {
    for item in items() {
        let app = App::new().on_event("*", async || Err::<(), _>("failed"));
        for ran in everywhere("things", item.clone(), app).await {
            assert!(!ran.is_success(), "{ran}");
        }
    }
}

#[tokio::test]
async fn attributes_and_keys_arrive_where_the_source_carries_them() {
    for source in Source::of_kind(Kind::Message) {
        let item = Item::message("hello").attribute("k", "v").ordering_key("a");
        let ran = Delivery::new(source, "things")
            .item(item)
            .run(app().0)
            .await;
        let message: Message = Message::of(&ran.events[0]).unwrap().unwrap();
        let carries = !matches!(
            source,
            Source::Kinesis | Source::StorageQueue | Source::CloudTasks | Source::AzureKafka
        );
        assert_eq!(message.attribute("k").is_some(), carries, "{ran}");
        let keyed = matches!(
            source,
            Source::SqsFifo
                | Source::Kinesis
                | Source::Kafka
                | Source::ServiceBus
                | Source::EventHub
                | Source::AzureKafka
                | Source::PubSubPush
                | Source::PubSubEventarc
        );
        assert_eq!(message.ordering_key().is_some(), keyed, "{ran}");
    }
}

#[tokio::test]
async fn outputs_are_a_failure_where_there_are_no_bindings() {
    let app = || App::new().on_message("*", async || Outputs::new().set("queue", "x"));
    for delivery in [sqs("q"), pub_sub_push("q"), storage_queue("q")] {
        assert!(!delivery.message("x").run(app()).await.is_success());
    }
}

#[test]
#[should_panic(expected = "this source cannot deliver an item of the kind object")]
fn a_source_refuses_what_it_has_not() {
    sqs("q").item(Item::object("key")).native();
}

#[test]
#[should_panic(expected = "several items at once")]
fn a_source_without_batches_refuses_several_items() {
    pub_sub_push("q").message("a").message("b").native();
}

#[tokio::test]
async fn a_request_reaches_the_handler_alike_through_every_host() {
    use isobar_core::{IntoResponse, Provider, Request, RequestExt, StatusCode};
    async fn echo(request: Request) -> impl IntoResponse {
        let said = format!(
            "{} {} {}",
            request.context().provider(),
            request.method(),
            request.uri().path_and_query().unwrap()
        );
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 100).await.unwrap();
        let cookie = parts.headers["cookie"].to_str().unwrap().to_owned();
        let cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")];
        let said = [said.as_bytes(), b" ", cookie.as_bytes(), b" ", &body].concat();
        (
            StatusCode::CREATED,
            axum::response::AppendHeaders(cookies),
            said,
        )
    }
    for provider in [
        Provider::Local,
        Provider::Aws,
        Provider::Azure,
        Provider::Gcp,
    ] {
        let call = request("PUT", "/a%2Fb?x=1&x=2")
            .header("cookie", "c=3")
            .body(&b"\xff\0"[..]);
        let answer = call.on(provider).run(echo).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let wanted = [
            format!("{provider} PUT /a%2Fb?x=1&x=2 c=3 ").as_bytes(),
            b"\xff\0",
        ]
        .concat();
        assert_eq!(answer.body()[..], wanted, "{provider}: {}", answer.text());
        assert_eq!(
            answer.headers().get_all("set-cookie").iter().count(),
            2,
            "{provider}"
        );
    }
}
