//! A hundred clients that change one todo at the same time.

use std::sync::Arc;

use isobar_hosts::lambda::{Door, Fleet, Function};
use isobar_hosts::{Front, body};
use serde_json::json;

use crate::host::{Answer, Host, Kind};

use super::{Database, todo};

const CLIENTS: u32 = 100;

async fn send(front: &dyn Front, request: http::request::Builder, json: &str) -> Answer {
    let request = request.header("content-type", "application/json");
    let request = request.body(body::full(json.to_owned())).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

/// Reads the number, adds one and writes it back; again where somebody was faster. Returns how often
/// that was.
async fn add_one(front: Arc<dyn Front>) -> u32 {
    let target = "http://a.example/todos/1";
    let mut refused = 0;
    loop {
        let found = send(&*front, http::Request::get(target), "").await;
        assert_eq!(found.status, 200, "{}", found.text());
        let number: u32 = found.json()["text"].as_str().unwrap().parse().unwrap();
        let changed = json!({"text": (number + 1).to_string()}).to_string();
        let put = http::Request::put(target).header("if-match", found.all("etag")[0]);
        let answer = send(&*front, put, &changed).await;
        match answer.status.as_u16() {
            200 => return refused,
            412 => refused += 1,
            _ => panic!("{} {}", answer.status, answer.text()),
        }
    }
}

async fn none_is_lost(front: Arc<dyn Front>) {
    let post = http::Request::post("http://a.example/todos");
    let made = send(&*front, post, r#"{"text":"0"}"#).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(add_one(Arc::clone(&front))))
        .collect();
    let mut refused = 0;
    for client in clients {
        refused += client.await.unwrap();
    }
    let get = http::Request::get("http://a.example/todos/1");
    let found = send(&*front, get, "").await;
    let wanted = json!({"id": 1, "text": CLIENTS.to_string(), "done": false});
    assert_eq!(found.json(), wanted);
    assert_eq!(found.all("etag"), [format!("\"{}\"", CLIENTS + 1)]);
    // else they have come one after the other, which shows nothing
    assert!(refused > 0);
}

async fn in_one_process(database: &Database) {
    let host = Host::start(Kind::CloudRun, todo(database)).await;
    none_is_lost(host.front).await;
}

/// As many sandboxes of Lambda's, each a process with connections of its own.
async fn in_several_processes(database: &Database) {
    let function = Function::new(todo(database));
    let fleet = Fleet::start(function, Door::function_url(), 4);
    let fleet = Arc::new(fleet.await.unwrap());
    none_is_lost(Arc::clone(&fleet) as Arc<dyn Front>).await;
    assert_eq!(fleet.sandboxes(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_changes_at_once_none_is_lost_over_sqlite() {
    in_one_process(&Database::sqlite()).await;
    in_several_processes(&Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "over the PostgreSQL that TODO_DATABASE_URL names: .ci/state"]
async fn of_a_hundred_changes_at_once_none_is_lost_over_postgresql() {
    in_one_process(&Database::postgres().await).await;
    in_several_processes(&Database::postgres().await).await;
}
