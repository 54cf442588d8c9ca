//! The Runtime API against a hand-made runtime.

use std::time::Duration;

use serde_json::{Value, json};

use super::RuntimeApi;
use crate::client::raw::{Answer, Connection};
use crate::lambda::{Deadline, Invocation, Kind, OnAnswer, OnNext};
use crate::peer::SOON;

/// A runtime that does exactly what a test tells it.
struct Runtime(Connection);

impl Runtime {
    async fn of(api: &RuntimeApi) -> Self {
        Self(Connection::open(api.address()).await.unwrap())
    }

    async fn next(&mut self) -> Answer {
        let get = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n";
        self.0.send(get).await.unwrap();
        self.0.answer().await.unwrap()
    }

    async fn post(&mut self, path: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let post = format!(
            "POST /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        self.0.send(post).await.unwrap();
        self.0.answer().await.unwrap()
    }

    async fn respond(&mut self, id: &str, body: &str) -> Answer {
        self.post(&format!("invocation/{id}/response"), "", body)
            .await
    }
}

fn kind(answer: &Answer) -> (u16, String) {
    let body: Value = serde_json::from_slice(&answer.body()).unwrap();
    (
        answer.status,
        body["errorType"].as_str().unwrap_or_default().to_owned(),
    )
}

fn id(next: &Answer) -> String {
    next.header(super::REQUEST_ID).unwrap()
}

async fn api() -> std::sync::Arc<RuntimeApi> {
    RuntimeApi::serve().await.unwrap().into()
}

fn invoke(
    api: &std::sync::Arc<RuntimeApi>,
    invocation: Invocation,
) -> tokio::task::JoinHandle<crate::lambda::Answer> {
    let api = std::sync::Arc::clone(api);
    tokio::spawn(async move { api.invoke(invocation).await.unwrap() })
}

#[tokio::test]
async fn an_event_is_delivered_with_its_headers_and_answered() {
    let api = api().await;
    let invocation = Invocation::new("{}")
        .tenant_id("t")
        .client_context("not json");
    let answer = invoke(&api, invocation.deadline(Deadline::Constant(600_000)));
    let mut runtime = Runtime::of(&api).await;
    let next = runtime.next().await;
    assert_eq!(next.header(super::DEADLINE).as_deref(), Some("600000"));
    assert_eq!(
        next.header("lambda-runtime-client-context").as_deref(),
        Some("not json")
    );
    assert!(next.header(super::TRACE_ID).unwrap().starts_with("Root=1-"));
    let accepted = runtime.respond(&id(&next), "[1]").await;
    assert_eq!(
        (accepted.status, accepted.body()),
        (202, r#"{"status":"OK"}"#.into())
    );
    let answer = answer.await.unwrap();
    assert_eq!((answer.kind, answer.json()), (Kind::Response, json!([1])));
}

#[tokio::test]
async fn calls_out_of_turn_are_refused() {
    let api = api().await;
    let mut runtime = Runtime::of(&api).await;
    assert_eq!(
        kind(&runtime.respond("nobody", "1").await),
        (400, "InvalidRequestID".to_owned())
    );
    let answer = invoke(&api, Invocation::new("1"));
    let next = runtime.next().await;
    let again = runtime.next().await;
    assert_eq!(
        id(&next),
        id(&again),
        "a poll out of turn is given the same event"
    );
    let path = format!("invocation/{}/response", id(&next));
    let stale = runtime
        .post(&path, "lambda-runtime-invocation-id: other\r\n", "1")
        .await;
    assert_eq!(kind(&stale), (400, "InvalidRequestID".to_owned()));
    assert_eq!(runtime.respond(&id(&next), "1").await.status, 202);
    let twice = runtime.respond(&id(&next), "2").await;
    assert_eq!(kind(&twice), (403, "InvalidStateTransition".to_owned()));
    let late = runtime.post("init/error", "", "{}").await;
    assert_eq!(kind(&late), (403, "InvalidStateTransition".to_owned()));
    assert_eq!(answer.await.unwrap().bytes, "1");
}

#[tokio::test]
async fn what_is_too_long_is_an_error_of_the_invocation() {
    let api = api().await;
    let answer = invoke(&api, Invocation::new("1"));
    let mut runtime = Runtime::of(&api).await;
    let next = runtime.next().await;
    let refused = runtime
        .respond(&id(&next), &"x".repeat(super::PAYLOAD_LIMIT + 1))
        .await;
    assert_eq!(kind(&refused), (413, "RequestEntityTooLarge".to_owned()));
    let answer = answer.await.unwrap();
    assert_eq!(answer.kind, Kind::Error);
    assert_eq!(answer.json()["errorType"], "Function.ResponseSizeTooLarge");
    let answer = invoke(&api, Invocation::new("2"));
    let next = runtime.next().await;
    assert_eq!(next.body(), "2");
    let path = format!("invocation/{}/error", id(&next));
    let taken = runtime
        .post(
            &path,
            "lambda-runtime-function-error-type: unhandled\r\n",
            "{}",
        )
        .await;
    assert_eq!(taken.status, 202);
    assert_eq!(answer.await.unwrap().error_type, "Runtime.Unknown");
}

#[tokio::test]
async fn a_stream_is_seen_chunk_by_chunk_with_its_trailers() {
    let api = api().await;
    let mut runtime = Runtime::of(&api).await;
    let asked = std::sync::Arc::clone(&api);
    let live = tokio::spawn(async move { asked.invoke_live(Invocation::new("1")).await.unwrap() });
    let id = id(&runtime.next().await);
    let head = format!(
        "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n\
         lambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"
    );
    runtime.0.send(head).await.unwrap();
    let mut live = live.await.unwrap();
    assert!(live.streams());
    assert_eq!(live.next().await.unwrap(), "ab");
    let rest = "1\r\nc\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Broke\r\n\r\n";
    runtime.0.send(rest).await.unwrap();
    assert_eq!(live.next().await.unwrap(), "c");
    assert_eq!(live.next().await, None);
    assert_eq!(live.failure().as_deref(), Some("Function.Broke"));
    assert_eq!(runtime.0.answer().await.unwrap().status, 202);
}

#[tokio::test]
async fn a_mode_that_does_not_exist_is_refused() {
    let api = api().await;
    let answer = invoke(&api, Invocation::new("1"));
    let mut runtime = Runtime::of(&api).await;
    let path = format!("invocation/{}/response", id(&runtime.next().await));
    let mode = "lambda-runtime-function-response-mode: quick\r\n";
    let refused = runtime.post(&path, mode, "1").await;
    assert_eq!(
        kind(&refused),
        (400, "InvalidFunctionResponseMode".to_owned())
    );
    assert_eq!(
        answer.await.unwrap().error_type,
        "Runtime.InvalidResponseModeHeader"
    );
    assert_eq!(runtime.next().await.status, 403);
}

#[tokio::test]
async fn it_misbehaves_when_told() {
    let api = api().await;
    let mut runtime = Runtime::of(&api).await;
    api.on_next(OnNext::Idle);
    assert_eq!(runtime.next().await.status, 204);
    api.on_next(OnNext::Fail(500));
    assert_eq!(runtime.next().await.status, 500);
    let answer = invoke(&api, Invocation::new(r#"{"a":1}"#));
    api.on_next(OnNext::CloseMidBody);
    let get = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n";
    runtime.0.send(get).await.unwrap();
    assert!(runtime.0.answer().await.is_err());
    let mut runtime = Runtime::of(&api).await;
    let next = runtime.next().await;
    assert_eq!(next.body(), r#"{"a":1}"#, "the event comes again");
    api.on_answer(OnAnswer::Refuse(413));
    assert_eq!(runtime.respond(&id(&next), "1").await.status, 413);
    assert_eq!(answer.await.unwrap().bytes, "1");
}

#[tokio::test]
async fn an_invocation_that_takes_too_long_times_out() {
    let api = api().await;
    let short = Invocation::new("1").timeout(Duration::from_millis(50));
    let answer = invoke(&api, short);
    let mut runtime = Runtime::of(&api).await;
    runtime.next().await;
    let answer = tokio::time::timeout(SOON, answer).await.unwrap().unwrap();
    assert_eq!(answer.kind, Kind::TimedOut);
}

#[tokio::test]
async fn concurrent_invocations_are_answered_in_any_order() {
    let api = std::sync::Arc::new(RuntimeApi::serve_concurrent(2).await.unwrap());
    let (a, b) = (
        invoke(&api, Invocation::new("1")),
        invoke(&api, Invocation::new("2")),
    );
    let (mut one, mut two) = (Runtime::of(&api).await, Runtime::of(&api).await);
    let (first, second) = (one.next().await, two.next().await);
    let third = api.invoke(Invocation::new("3")).await.unwrap();
    assert_eq!(third.kind, Kind::Unavailable);
    let second_id = id(&second);
    assert_eq!(two.respond(&second_id, "two").await.status, 202);
    assert_eq!(two.respond(&second_id, "two").await.status, 400);
    assert_eq!(one.respond(&id(&first), "one").await.status, 202);
    let got = [a.await.unwrap().bytes, b.await.unwrap().bytes];
    assert!(got.iter().any(|b| b == "one") && got.iter().any(|b| b == "two"));
}

#[tokio::test]
async fn extensions_register_before_the_first_event() {
    let api = api().await;
    let mut extension = Runtime::of(&api).await;
    let register = "POST /2020-01-01/extension/register HTTP/1.1\r\nhost: x\r\n\
        lambda-extension-name: helper\r\ncontent-length: 13\r\n\r\n{\"events\":[]}";
    extension.0.send(register).await.unwrap();
    let registered = extension.0.answer().await.unwrap();
    let identifier = registered.header("lambda-extension-identifier").unwrap();
    assert_eq!(api.extensions(), 1);
    let answer = invoke(&api, Invocation::new("1"));
    let poll = format!(
        "GET /2020-01-01/extension/event/next HTTP/1.1\r\nhost: x\r\nlambda-extension-identifier: {identifier}\r\n\r\n"
    );
    extension.0.send(poll).await.unwrap();
    let mut runtime = Runtime::of(&api).await;
    let next = runtime.next().await;
    runtime.respond(&id(&next), "1").await;
    assert_eq!(answer.await.unwrap().kind, Kind::Response);
    runtime.0.send(register).await.unwrap();
    let late = runtime.0.answer().await.unwrap();
    assert_eq!(
        kind(&late),
        (403, "Extension.RegistrationClosed".to_owned())
    );
}

#[tokio::test]
async fn only_a_function_with_snapshots_is_frozen_and_an_error_of_its_restore_is_kept() {
    let api = RuntimeApi::serve().await.unwrap();
    assert!(!api.restore());
    assert!(api.start_error().is_none());
}
