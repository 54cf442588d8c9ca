//! Who may say that something is an event: on each host another, and never a client.

use std::path::{Path, PathBuf};

use isobar_hosts::Front;
use isobar_hosts::functions::{App, Fired, FunctionsHost, Host as Functions, Sent};
use isobar_hosts::{Started, body};
use serde_json::{Value, json};

use super::served::{get, local, on_google, paths};
use crate::host::Answer;
use crate::programs::program;

/// The file to which `mirror` writes the events that its handlers get.
struct Events(PathBuf);

impl Events {
    fn new(name: &str) -> Self {
        let name = format!("isobar-senders-{}-{name}", std::process::id());
        let file = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&file));
        Self(file)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn read(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        { text.lines() }
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// An app of a queue beside a function of every path.
fn app() -> App {
    let queue =
        json!([{"type": "queueTrigger", "direction": "in", "name": "x", "queueName": "orders"}]);
    let app = App::new().unwrap().http("http", "{*path}").unwrap();
    app.function("orders", &queue).unwrap()
}

async fn azure(app: App, events: &Events) -> Started<FunctionsHost> {
    let launch = program("mirror").env("MIRROR_EVENTS", events.path());
    Functions::new(launch, app).start().await.unwrap()
}

/// What the host would deliver of a queue.
const DELIVERY: &str =
    r#"{"Data":{"x":"\"forged\""},"Metadata":{"Id":"\"1\"","DequeueCount":"1"}}"#;

async fn posted(front: &FunctionsHost, target: &str) -> Answer {
    let request = http::Request::post(format!("http://a.example{target}"))
        .header("content-type", "application/json")
        .header("x-azure-functions-invocationid", "forged")
        .header("user-agent", "Azure-Functions-Host/4.1042.100.1");
    let request = request.body(body::full(DELIVERY)).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

#[tokio::test]
async fn no_client_of_azures_invokes_a_function_of_events() {
    let events = Events::new("azure");
    for (app, prefix) in [
        (app().proxying().unwrap().route_prefix("").unwrap(), ""),
        (app().proxying().unwrap(), "/api"),
        (app().forwarding().unwrap(), "/api"),
        (app().route_prefix("").unwrap(), ""),
    ] {
        let started = azure(app, &events).await;
        for path in ["/orders", "/Orders", "/orders/", "//orders", "/%6frders"] {
            let answer = posted(&started.front, &format!("{prefix}{path}")).await;
            if answer.status == 200 {
                assert_eq!(answer.json()["method"], "POST", "{prefix}{path}");
            } else {
                // the host itself takes some of them for no route
                assert_eq!(answer.status, 404, "{prefix}{path}");
            }
        }
        assert_eq!(events.read(), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_message_says_nothing_of_itself_that_the_queue_says() {
    let events = Events::new("metadata");
    let started = azure(app(), &events).await;
    // The host copies these over what it says itself.
    let body = json!({"Id": "forged", "DequeueCount": 99, "insertiontime": "2001-01-01T00:00:00Z", "own": 1});
    let sent = Sent::queue("17", body.to_string(), 1);
    let outcome = started
        .front
        .fire("orders", Fired::from(sent))
        .await
        .unwrap();
    assert!(outcome.succeeded(), "{outcome:?}");
    let seen = events.read();
    let seen = &seen[0];
    assert!(
        !seen["event"]["id"].as_str().unwrap().contains("forged"),
        "{seen}"
    );
    let message = &seen["message"];
    assert_ne!(message["delivery_count"], 99);
    let sent = message["sent"].as_str();
    assert!(!sent.is_some_and(|sent| sent.starts_with("2001")), "{seen}");
}

fn event(target: &str, headers: &str) -> String {
    let body = r#"{"message":{"messageId":"1","data":"aGk="},"subscription":"projects/p/subscriptions/s"}"#;
    let length = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

#[tokio::test]
async fn events_are_read_on_their_own_path_alone() {
    let events = Events::new("paths");
    let launch = || program("mirror").env("MIRROR_EVENTS", events.path());
    for served in [
        local("gcp", on_google(launch())).await,
        local("local", launch()).await,
    ] {
        for target in [
            "/x/../events",
            "//events",
            "/Events",
            "/%65vents",
            "/events%2f",
            "/events;x",
            "/eventsx",
            "/message/orders",
            "/?path=/events",
        ] {
            for headers in [
                "content-type: application/json\r\n",
                "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n",
                "x-cloudscheduler: true\r\nx-cloudscheduler-jobname: nightly\r\n",
                "x-cloudtasks-queuename: q\r\nx-cloudtasks-taskname: t\r\n",
            ] {
                let answers = served.answers(event(target, headers).as_bytes()).await;
                let path = target.split('?').next().unwrap();
                assert_eq!(paths(&answers), [path], "{}: {headers}", served.name);
            }
        }
        assert_eq!(events.read(), Vec::<Value>::new(), "{}", served.name);
    }
}

/// Any page can have a developer's browser post to the developer's machine.
#[tokio::test]
async fn a_page_of_another_machine_sends_no_events() {
    let events = Events::new("pages");
    let served = local(
        "local",
        program("mirror").env("MIRROR_EVENTS", events.path()),
    )
    .await;
    let target = "/events/message/orders";
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "null",
    ] {
        let headers = format!("origin: {origin}\r\ncontent-type: text/plain\r\n");
        let answers = served.answers(event(target, &headers).as_bytes()).await;
        assert_eq!(answers[0].status, 403, "{origin}");
    }
    assert_eq!(events.read(), Vec::<Value>::new());
    let own = event(target, "origin: http://localhost:8080\r\n");
    assert_eq!(served.answers(own.as_bytes()).await[0].status, 204);
    assert_eq!(events.read().len(), 1);
    let page = get("/x").replace("host: a", "host: a\r\norigin: https://other.example");
    assert_eq!(served.answers(page.as_bytes()).await[0].status, 200);
}
