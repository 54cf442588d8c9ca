use std::time::Duration;

use http_body_util::BodyExt;
use isobar_core::{
    App, Batch, Body, Context, Dispatcher, Error, Event, Function, Message, MessageParts, Provider,
    Request, RequestExt, Response, StatusCode,
};

use super::*;
use crate::{LIMIT, Line, Portable, Record, State, Store};

/// The one store of this process: its tests know their own invocations by the path.
fn store() -> Store {
    static STORE: std::sync::OnceLock<Store> = std::sync::OnceLock::new();
    let store = STORE.get_or_init(|| {
        let store = Store::default();
        record_into(store.clone());
        store
    });
    store.clone()
}

fn context(id: &str) -> Context {
    let function = Function::new(Provider::Gcp, "shop");
    Context::builder(function).request_id(id.to_owned()).build()
}

/// Answers as a host that serves HTTP does.
async fn send(request: Request, id: &str, handler: impl isobar_core::Handler) -> Response {
    let context = context(id);
    let dispatcher = Dispatcher::new(handler);
    let run = async {
        let mut request = arrives(request);
        super::request(&context, &mut request);
        answer(dispatcher.respond(&context, request, std::future::pending())).await
    };
    exchange(run).await
}

fn arrives(request: Request) -> Request {
    arrived(&request);
    request.map(arriving)
}

fn post(path: &str, body: &str) -> Request {
    let request = http::Request::post(path)
        .header("x-a", "1")
        .body(Body::from(body.to_owned()));
    request.unwrap()
}

fn found(is_it: impl Fn(&Record) -> bool) -> Option<Record> {
    let all = store().since(0, Record::clone).changed;
    all.into_iter().find(is_it)
}

fn of(id: &str) -> Record {
    found(|record| record.request_id == id).unwrap()
}

async fn until(id: &str, is_so: impl Fn(&Record) -> bool) -> Record {
    let mut changes = store().follow();
    loop {
        if let Some(record) = found(|record| record.request_id == id && is_so(record)) {
            return record;
        }
        changes.changed().await.unwrap();
    }
}

#[tokio::test]
async fn a_request_has_both_sides_of_both_directions() {
    store();
    let echo = async |request: Request| {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        (StatusCode::CREATED, body)
    };
    let response = send(post("/both", "hello"), "both", echo).await;
    assert_eq!(of("both").state, State::Running);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "hello");
    let record = of("both");
    assert_eq!((record.state, record.host.as_str()), (State::Done, "gcp"));
    assert_eq!(record.native_in.line, "POST /both HTTP/1.1");
    assert_eq!(record.native_in.body.text(), Some("hello"));
    let Portable::Request(request) = &record.portable else {
        panic!("{record:?}")
    };
    assert_eq!(
        (request.method.as_str(), request.body.text()),
        ("POST", Some("hello"))
    );
    let answer = record.answer.as_ref().unwrap();
    assert_eq!((answer.status, answer.body.text()), (201, Some("hello")));
    let told = record.native_out.as_ref().unwrap();
    assert_eq!(
        (told.status(), told.body.text()),
        (Some(201), Some("hello"))
    );
    let timing = record.timing;
    assert!(
        timing.decoded <= timing.handled && timing.handled <= timing.told,
        "{timing:?}"
    );
}

#[tokio::test]
async fn a_failure_has_its_whole_chain() {
    async fn fails(_: Request) -> Result<&'static str, Error> {
        Err(std::io::Error::other(std::fmt::Error))?
    }
    store();
    let response = send(post("/fails", ""), "fails", fails).await;
    drop(response);
    let record = of("fails");
    assert_eq!(record.state, State::Failed);
    let error = record.answer.unwrap().error.unwrap();
    assert_eq!(error.told, "500 Internal Server Error");
    assert_eq!(error.causes, [std::fmt::Error.to_string()]);
    assert!(error.place.contains("tests.rs:"), "{}", error.place);
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_kept_and_one_that_is_long_is_cut() {
    store();
    let ignores = async |_: Request| "ok";
    drop(send(post("/unread", "unread"), "unread", ignores).await);
    let record = until("unread", |record| record.native_in.body.length() > 0).await;
    assert_eq!(record.native_in.body.text(), Some("unread"));
    let long = "x".repeat(LIMIT + 10);
    let answers = move |_: Request| std::future::ready(long.clone());
    let response = send(post("/long", ""), "long", answers).await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), LIMIT + 10);
    let answer = of("long").answer.unwrap();
    assert!(answer.body.is_cut());
    assert_eq!(answer.body.length(), body.len() as u64);
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_an_invocation_without_an_answer() {
    store();
    let hangs = async |_: Request| std::future::pending::<&'static str>().await;
    let sent = send(post("/gone", ""), "gone", hangs);
    let late = tokio::time::timeout(Duration::from_millis(1), sent).await;
    assert!(late.is_err());
    assert_eq!(of("gone").state, State::Lost);
}

#[tokio::test]
async fn what_reached_no_handler_is_an_invocation_only_if_it_failed() {
    store();
    let refuse = async |path: &str, status: u16| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        exchange(async {
            drop(arrives(post(path, "")));
            response
        })
        .await
    };
    drop(refuse("/ping", 200).await);
    drop(refuse("/refused", 413).await);
    let of = |path: &str| found(|record| record.native_in.line.contains(path));
    assert!(of("/ping").is_none());
    assert_eq!(of("/refused").unwrap().state, State::Failed);
}

#[tokio::test]
async fn a_batch_is_one_entry_with_an_outcome_for_each() {
    store();
    let event = |id: &str, body: &str| {
        let event = Event::builder("orders", id.to_owned(), "s", "t").untyped_data(body.to_owned());
        event.message(MessageParts::default()).build()
    };
    let app = App::new().on_message("orders", async |seats: Message<u32>| {
        if *seats.body() > 9 {
            return Err(Error::from("too many").permanent());
        }
        Ok(())
    });
    let dispatcher = Dispatcher::new(app);
    let run = async {
        let context = context("batch");
        invoked(&[("a".to_owned(), "1".to_owned())], "{}");
        let batch = Batch::new(vec![event("a", "1"), event("b", "x"), event("c", "10")]);
        through(|| "a queue".to_owned());
        events(&context, &batch.events);
        let outcomes = dispatcher
            .deliver(&context, batch, std::future::pending())
            .await;
        super::outcomes(&outcomes);
        told("response", b"{\"batch");
        told_more(b"\"}");
        let _own = context.span().enter();
    };
    invocation(run).await;
    let record = of("batch");
    let whats: Vec<_> = { record.items().iter() }
        .map(|item| item.outcome.as_ref().unwrap().what.as_str())
        .collect();
    assert_eq!(whats, ["done", "again", "dropped"]);
    assert_eq!(
        (record.state, record.trigger.as_str()),
        (State::Partly, "a queue")
    );
    assert_eq!(
        record.native_out.as_ref().unwrap().body.text(),
        Some("{\"batch\"}")
    );
    let summary = record.summary();
    assert_eq!(
        (summary.items, summary.failed, summary.title.as_str()),
        (3, 1, "orders")
    );
}

#[tokio::test]
async fn lines_find_their_invocation_by_its_id_also_when_it_is_over() {
    store();
    let line = |message: &str| {
        let message = message.to_owned();
        move |at_ms| Line {
            at_ms,
            message,
            ..Line::default()
        }
    };
    let within = line("within");
    let logs = async move |request: Request| {
        logged(None, within);
        logged(Some(request.context().request_id()), |at_ms| Line {
            at_ms,
            ..Line::default()
        });
        "ok"
    };
    let logs = std::sync::Arc::new(std::sync::Mutex::new(Some(logs)));
    let once = move |request| {
        let logs = logs.lock().unwrap().take().unwrap();
        logs(request)
    };
    drop(send(post("/logs", ""), "logs", once).await);
    logged(Some("logs"), line("after"));
    logged(Some("of nobody"), line("lost"));
    let messages: Vec<_> = of("logs")
        .logs
        .into_iter()
        .map(|line| line.message)
        .collect();
    assert_eq!(messages, ["within", "", "after"]);
}
